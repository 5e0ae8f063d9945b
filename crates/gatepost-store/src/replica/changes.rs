//! What the changes that a replica has read may mean for a permit that somebody waits for.

use std::collections::HashSet;

use gatepost::{Changed, Changes, OrgId, SiteGateDocument, SubjectId};

use super::news::RawEffect;
use crate::fact::FactKind;
use crate::plan::switched_off;

/// What the effects of several changes have different from the facts before them.
///
/// A fact that more than one of them is of was something else in between, which no gate has decided by: what
/// depends on it cannot be asked again, and is told so. Of a site's gate it can be told what it was.
pub(super) fn of(effects: &[RawEffect]) -> Changes {
    let mut latest_first: Vec<_> = effects.iter().collect();
    latest_first.sort_by_key(|(version, ..)| std::cmp::Reverse(*version));
    let mut changes = Changes::default();
    let mut seen = HashSet::new();
    for (_, kind, a, b, after) in latest_first {
        let of = what(kind, a, b);
        if seen.insert((kind, a, b)) {
            changes.add(of);
            continue;
        }
        changes.add_overtaken(of);
        if FactKind::parse(kind) == Some(FactKind::SiteGate) {
            // One that cannot be read was overtaken as well, and that is what is told.
            let gate = after
                .as_deref()
                .map(serde_json::from_str::<SiteGateDocument>);
            if let Ok(gate) = gate.transpose() {
                for mode in switched_off(gate.as_ref()) {
                    changes.add_kill_meanwhile(a, mode);
                }
            }
        }
    }
    changes
}

/// What facts that were read as a whole have different from the live ones, if there are any.
pub(super) fn of_a_whole(live: Option<u64>, version: u64) -> Changes {
    let mut changes = Changes::of([Changed::Everything]);
    if live.is_some_and(|live| live.saturating_add(1) < version) {
        changes.add_overtaken(Changed::Everything);
    }
    changes
}

fn what(kind: &str, a: &str, b: &str) -> Changed {
    let org = || OrgId::new(a).map_or(Changed::Everything, Changed::Org);
    let subject = |id| SubjectId::new(id).map_or(Changed::Everything, Changed::Subject);
    match FactKind::parse(kind) {
        Some(FactKind::Resource | FactKind::SiteGate) => Changed::Resource(a.to_owned()),
        Some(FactKind::SiteRole | FactKind::OrgRole) | None => Changed::Everything,
        Some(FactKind::Org | FactKind::OrgGate | FactKind::OwnRole) => org(),
        Some(FactKind::Member) => subject(b),
        Some(FactKind::Subject) => subject(a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(version: i64, kind: &str, a: &str, b: &str, after: &str) -> RawEffect {
        let after = (!after.is_empty()).then(|| after.to_owned());
        (version, kind.into(), a.into(), b.into(), after)
    }

    fn subject(id: &str) -> Changed {
        Changed::Subject(SubjectId::new(id).unwrap())
    }

    #[test]
    fn each_kind_of_fact_is_of_whom_or_what_depends_on_it() {
        let acme = Changed::Org(OrgId::new("acme").unwrap());
        let chat = Changed::Resource("chat".into());
        for (kind, a, b, want) in [
            ("resource", "chat", "", &chat),
            ("site_gate", "chat", "", &chat),
            ("site_role", "admin", "", &Changed::Everything),
            ("org_role", "guest", "", &Changed::Everything),
            ("org", "acme", "", &acme),
            ("org_gate", "acme", "chat", &acme),
            ("own_role", "acme", "lead", &acme),
            ("member", "acme", "alice", &subject("alice")),
            ("subject", "alice", "", &subject("alice")),
            ("clearance", "alice", "", &Changed::Everything),
            ("subject", "a\nb", "", &Changed::Everything),
        ] {
            let changes = of(&[effect(2, kind, a, b, "{}")]);
            let told: Vec<_> = changes.iter().collect();
            assert_eq!(told, [(want, false)], "{kind}");
        }
    }

    #[test]
    fn one_fact_that_changes_twice_was_overtaken_and_two_of_one_subject_were_not() {
        let changes = of(&[
            effect(2, "member", "acme", "alice", "{}"),
            effect(3, "member", "globex", "alice", "{}"),
            effect(2, "member", "acme", "bob", ""),
            effect(4, "member", "acme", "bob", "{}"),
        ]);
        let told: Vec<_> = changes.iter().collect();
        assert_eq!(told, [(&subject("alice"), false), (&subject("bob"), true)]);
    }

    #[test]
    fn what_a_site_gate_had_off_in_between_is_told_in_any_order() {
        let on = r#"{"switch":"on"}"#;
        for (between, want) in [
            (r#"{"switch":"off"}"#, &["chat"][..]),
            ("", &["chat"]),
            ("{}", &["chat"]),
            (
                r#"{"switch":"on","background":{"switch":"off"}}"#,
                &["chat#background"],
            ),
            (on, &[]),
            ("nonsense", &[]),
        ] {
            let changes = of(&[
                effect(3, "site_gate", "chat", "", on),
                effect(2, "site_gate", "chat", "", between),
            ]);
            let killed = changes.killed_meanwhile().to_string();
            assert_eq!(killed, want.join(" "), "{between}");
            assert!(changes.iter().all(|(_, overtaken)| overtaken));
        }
        let last = of(&[effect(2, "site_gate", "chat", "", r#"{"switch":"off"}"#)]);
        assert!(last.killed_meanwhile().is_empty(), "the facts say it");
    }
}
