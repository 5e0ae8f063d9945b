//! What changed in a store, as it was read, and as it is done to the facts that a replica has.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use gatepost::FactChange;

use crate::fact::{self, FactKey, FactKind};

/// For how many versions at once effects are read rather than all facts.
pub(super) const LONGEST_WAY: i64 = 1000;

/// What a store answered of the policy itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Nothing of it was read.
    Unread,
    /// What was changed since the version that was asked for, if that is near enough.
    Since {
        /// How many changes there are between; fewer than versions: some are lost.
        changes: i64,
        effects: Vec<RawEffect>,
    },
    /// Every fact, each of which was taken in as it was read.
    Whole,
    /// It was read, and its shape is none that was ever written.
    Broken(String),
}

/// Version, kind, `a`, `b` and what the fact is from then on, as stored.
pub(super) type RawEffect = (i64, String, String, String, Option<String>);

impl News {
    /// Effects as a JSON array of arrays, the way that one column brings them.
    pub(super) fn since(changes: i64, effects: Option<&str>) -> Self {
        match effects.map_or(Ok(Vec::new()), serde_json::from_str) {
            Ok(effects) => Self::Since { changes, effects },
            Err(why) => Self::Broken(format!("its effects are not understood: {why}")),
        }
    }
}

/// Takes out what was done to memberships: the effects that are left, and whose memberships they were.
pub(super) fn without_members(effects: Vec<RawEffect>) -> (Vec<RawEffect>, BTreeSet<String>) {
    let (members, left): (Vec<_>, Vec<_>) = effects
        .into_iter()
        .partition(|(_, kind, ..)| kind == FactKind::Member.as_str());
    let subjects = members.into_iter().map(|(_, _, _, subject, _)| subject);
    (left, subjects.collect())
}

/// What the changes did, in the order in which it can be done: version by version, and in each what stands below
/// others is taken away before them and put behind them.
pub(super) fn changes(effects: Vec<RawEffect>) -> Result<Vec<FactChange>, String> {
    let mut effects = effects
        .into_iter()
        .map(|(version, kind, a, b, after)| {
            let kind = kind_of(&kind)?;
            Ok((version, FactKey::new(kind, a, b), after))
        })
        .collect::<Result<Vec<_>, String>>()?;
    effects.sort_by(|one, other| one.0.cmp(&other.0).then_with(|| in_version(one, other)));
    let changes = effects.iter().map(|(_, key, after)| {
        let change = fact::change(key, after.as_deref());
        change.map_err(|why| why.to_string())
    });
    changes.collect()
}

type Effect = (i64, FactKey, Option<String>);

fn in_version((_, one, put): &Effect, (_, other, put_other): &Effect) -> Ordering {
    match (put, put_other) {
        (Some(_), Some(_)) => one.kind.cmp(&other.kind),
        (None, None) => other.kind.cmp(&one.kind),
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
    }
}

/// What a word as it is stored says that a fact is about.
pub(super) fn kind_of(word: &str) -> Result<FactKind, String> {
    FactKind::parse(word).ok_or_else(|| {
        let word: String = word.chars().take(80).collect();
        format!(
            "a fact of the kind `{}` is not understood",
            word.escape_debug()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(version: i64, kind: &str, a: &str, b: &str, after: Option<&str>) -> RawEffect {
        (
            version,
            kind.into(),
            a.into(),
            b.into(),
            after.map(str::to_owned),
        )
    }

    #[test]
    fn effects_come_in_any_order_and_are_done_version_by_version() {
        let put = Some("{}");
        let member = Some(r#"{"roles":[]}"#);
        let done = changes(vec![
            effect(3, "org_gate", "beta", "chat", None),
            effect(2, "member", "beta", "bob", member),
            effect(2, "org", "acme", "", None),
            effect(2, "org", "beta", "", put),
            effect(2, "member", "acme", "bob", None),
        ]);
        let done: Vec<_> = done.unwrap().iter().map(told).collect();
        let want = [
            "- member acme bob",
            "- org acme",
            "+ org beta",
            "+ member beta bob",
            "- org_gate beta chat",
        ];
        assert_eq!(done, want);
    }

    fn told(change: &FactChange) -> String {
        match change {
            FactChange::Org(a, None) => format!("- org {a}"),
            FactChange::Org(a, Some(_)) => format!("+ org {a}"),
            FactChange::Member(a, b, None) => format!("- member {a} {b}"),
            FactChange::Member(a, b, Some(_)) => format!("+ member {a} {b}"),
            FactChange::OrgGate(a, b, None) => format!("- org_gate {a} {b}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn effects_of_what_is_not_understood_are_told() {
        for (kind, b, after, want) in [
            ("clearance", "", "{}", "`clearance`"),
            ("member", "", "{}", "the key of another kind"),
            ("org", "chat", "{}", "the key of another kind"),
            ("org", "", "[]", "no table"),
            ("org", "", r#"{"members":{"bob":{}}}"#, "belongs below it"),
            ("subject", "", r#"{"unheard":1}"#, "`unheard`"),
        ] {
            let why = changes(vec![effect(2, kind, "acme", b, Some(after))]);
            let why = why.unwrap_err();
            assert!(why.contains(want), "{why}");
        }
    }

    #[test]
    fn effects_with_holes_in_them_are_told_apart_from_none() {
        assert_eq!(
            News::since(0, None),
            News::Since {
                changes: 0,
                effects: vec![]
            }
        );
        for broken in [r#"[[2,null,"a","b",null]]"#, r#"[[2,"org"]]"#, "{}", "null"] {
            assert!(
                matches!(News::since(1, Some(broken)), News::Broken(_)),
                "{broken}"
            );
        }
    }
}
