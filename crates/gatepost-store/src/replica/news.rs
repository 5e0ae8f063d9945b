//! What changed in a store, as it was read, and how it is done to the facts that a replica has.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::change::Effect;
use crate::fact::{FactKey, FactKind, Facts};

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
    /// Every fact.
    All(Vec<RawFact>),
    /// It was read, and its shape is none that was ever written.
    Broken(String),
}

/// Version, kind, `a`, `b` and what the fact is from then on, as stored.
pub(super) type RawEffect = (i64, String, String, String, Option<String>);
/// Kind, `a`, `b` and body, as stored.
pub(super) type RawFact = (String, String, String, String);

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

/// Does what the changes did.
///
/// After an error the facts are those of no version.
pub(super) fn apply(facts: &mut Facts, effects: Vec<RawEffect>) -> Result<(), String> {
    let mut effects = effects
        .into_iter()
        .map(|(version, kind, a, b, after)| {
            let key = key(&kind, a, b)?;
            let before = None;
            Ok((version, Effect { key, before, after }))
        })
        .collect::<Result<Vec<_>, String>>()?;
    // What stands below others is put behind them.
    effects.sort_by_key(|(version, effect)| {
        (*version, Reverse(effect.after.is_none()), effect.key.kind)
    });
    for (_, effect) in &effects {
        facts.apply(effect).map_err(|why| why.to_string())?;
    }
    Ok(())
}

/// Facts out of all their rows.
pub(super) fn collect(rows: Vec<RawFact>) -> Result<Facts, String> {
    let mut rows = rows
        .into_iter()
        .map(|(kind, a, b, body)| Ok((key(&kind, a, b)?, body)))
        .collect::<Result<Vec<_>, String>>()?;
    rows.sort_by_key(|(key, _)| key.kind);
    let mut facts = Facts::new();
    for (key, body) in &rows {
        facts.add(key, body).map_err(|why| why.to_string())?;
    }
    Ok(facts)
}

fn key(kind: &str, a: String, b: String) -> Result<FactKey, String> {
    let known = FactKind::parse(kind);
    let kind = known.ok_or_else(|| {
        let kind: String = kind.chars().take(80).collect();
        format!(
            "a fact of the kind `{}` is not understood",
            kind.escape_debug()
        )
    })?;
    Ok(FactKey::new(kind, a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(kind: &str, a: &str, b: &str, body: &str) -> RawFact {
        (kind.into(), a.into(), b.into(), body.into())
    }

    #[test]
    fn rows_come_in_any_order_and_none_twice() {
        let member = fact("member", "acme", "alice", r#"{"roles":[]}"#);
        let org = fact("org", "acme", "", "{}");
        let facts = collect(vec![member.clone(), org.clone()]).unwrap();
        assert_eq!(facts.document().orgs.len(), 1);
        let twice = collect(vec![member.clone(), org, member.clone()]).unwrap_err();
        assert!(twice.contains("twice"), "{twice}");
        let alone = collect(vec![member]).unwrap_err();
        assert!(alone.contains("not there"), "{alone}");
        let unknown = collect(vec![fact("clearance", "x", "", "{}")]).unwrap_err();
        assert!(unknown.contains("`clearance`"), "{unknown}");
    }

    #[test]
    fn an_org_and_what_stands_below_it_come_and_go_in_one_change() {
        let mut facts = collect(vec![fact("org", "acme", "", "{}")]).unwrap();
        let put = r#"[[2,"member","beta","bob","{\"roles\":[]}"],[2,"org","acme","",null],[2,"org","beta","","{}"]]"#;
        let News::Since {
            changes: 1,
            effects,
        } = News::since(1, Some(put))
        else {
            panic!("understood")
        };
        apply(&mut facts, effects).unwrap();
        let document = facts.document();
        assert!(!document.orgs.contains_key("acme"));
        assert!(document.orgs["beta"].members.contains_key("bob"));
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
