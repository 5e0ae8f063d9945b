//! What an undo comes to, and for how long it may give.

use gatepost::PolicyDocument;

use super::{UndoRefusal, undo};
use crate::change::{Author, Effect};
use crate::command::WriteRefusal;
use crate::fact::{FactKey, FactKind};
use crate::plan::testing::{document, noon, operator, subject};
use crate::plan::{Planned, Scope};

const POLICY: &str = r#"
version = 1
[resources]
chat = ["read"]
[site.gates.chat]
switch = "on"
access = "everyone"
[site.roles.local]
grants = ["gatepost-org:*"]
[org_roles.editor]
level = 30
grants = ["chat:*"]
[org_roles.admin]
level = 40
grants = ["chat:*", "gatepost-org:*"]
[org_roles.muted]
level = 0
grants = ["!chat:read"]
[subjects.lea]
site_roles = ["local"]
[subjects.own]
site_roles = ["local"]
[subjects.max]
site_roles = ["local"]
[orgs.holding]
[orgs.holding.members.max]
roles = ["admin"]
[orgs.holding.roles.clerk]
level = 3
[orgs.acme]
parent = "holding"
[orgs.acme.members.lea]
roles = ["admin"]
expires = "2026-09-01T00:00:00Z"
[orgs.acme.members.own]
roles = ["admin"]
[orgs.acme.members.max]
roles = ["muted"]
expires = "2026-07-15T00:00:00Z"
[orgs.acme.members.tom]
roles = ["editor"]
expires = "2026-08-01T00:00:00Z"
[orgs.acme.roles.lead]
level = 5
include = ["clerk"]
"#;

fn effect(kind: FactKind, a: &str, b: &str, before: &str, after: &str) -> Effect {
    let body = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Effect {
        key: FactKey::new(kind, a, b),
        before: body(before),
        after: body(after),
    }
}

/// Plans the undo on its slice; by the whole policy it comes to the same.
fn undone(done: Effect, author: &Author, policy: &PolicyDocument) -> Result<Planned, UndoRefusal> {
    let done = vec![done];
    let scope = Scope::of_undo(&done, author);
    let slice = scope.cut(policy);
    let aim = Ok(done);
    let by_slice = undo(&aim, author, &slice, 7, noon());
    let by_whole = undo(&aim, author, policy, 7, noon());
    match (&by_slice, &by_whole) {
        (Ok(slice), Ok(whole)) => {
            assert_eq!(slice.document, scope.cut(&whole.document));
            assert_eq!(slice.summary, whole.summary);
            assert_eq!(whole.summary.is_empty(), whole.document == *policy);
        }
        (Err(slice), Err(whole)) => assert_eq!(format!("{slice:?}"), format!("{whole:?}")),
        other => panic!("{other:?}"),
    }
    by_whole
}

#[test]
fn nobody_lengthens_a_membership_beyond_his_own() {
    let policy = document(POLICY);
    let until = |end: &str| format!(r#"{{"roles":["editor"],"expires":"{end}"}}"#);
    let now = until("2026-08-01T00:00:00Z");
    for (before, lea, max) in [
        // Shorter, longer and within her own, beyond it, and for good. What is denied to Max today is not his to
        // give for later.
        (until("2026-07-01T00:00:00Z"), true, true),
        (until("2026-08-31T00:00:00Z"), true, false),
        (until("2026-09-01T00:00:01Z"), false, false),
        (r#"{"roles":["editor"]}"#.to_owned(), false, false),
    ] {
        let change = || effect(FactKind::Member, "acme", "tom", &before, &now);
        let by = |id: &str| undone(change(), &Author::Subject(subject(id)), &policy);
        for (id, may) in [("lea", lea), ("max", max)] {
            match by(id) {
                Ok(_) => assert!(may, "{id}: {before}"),
                Err(UndoRefusal::Refused(WriteRefusal::Beyond(_))) => {
                    assert!(!may, "{id}: {before}");
                }
                Err(other) => panic!("{id}: {before}: {other:?}"),
            }
        }
        let planned = by("own").unwrap();
        assert_eq!(planned.summary.len(), 1, "{:?}", planned.summary);
    }
}

#[test]
fn what_comes_of_an_undo_is_a_sound_policy_or_nothing() {
    let policy = document(POLICY);
    for (change, wanted) in [
        // It would take away what something else is made of.
        (
            effect(FactKind::OwnRole, "holding", "clerk", "", r#"{"level":3}"#),
            "clerk",
        ),
        (
            effect(FactKind::Resource, "chat", "", "", r#"["read"]"#),
            "chat",
        ),
        // It would put back what this release does not understand, or nothing does.
        (
            effect(
                FactKind::SiteGate,
                "chat",
                "",
                r#"{"later":1}"#,
                r#"{"access":"everyone","switch":"on"}"#,
            ),
            "later",
        ),
        (
            effect(
                FactKind::SiteGate,
                "chat",
                "",
                "nonsense",
                r#"{"access":"everyone","switch":"on"}"#,
            ),
            "not",
        ),
        (
            effect(
                FactKind::OrgGate,
                "nobody",
                "chat",
                r#"{"switch":"on"}"#,
                "",
            ),
            "org that is not there",
        ),
    ] {
        let key = change.key.to_string();
        match undone(change, &operator(), &policy) {
            Err(UndoRefusal::Refused(refusal @ WriteRefusal::Invalid(_))) => {
                assert!(refusal.to_string().contains(wanted), "{key}: {refusal}");
            }
            other => panic!("{key}: {other:?}"),
        }
    }
}

#[test]
fn what_was_changed_since_is_named_and_nothing_is_put_back() {
    let policy = document(POLICY);
    let moved = effect(FactKind::Org, "acme", "", r#"{"parent":"x"}"#, "{}");
    let UndoRefusal::Changed(keys) = undone(moved, &operator(), &policy).unwrap_err() else {
        panic!();
    };
    assert_eq!(keys, [FactKey::new(FactKind::Org, "acme", "")]);
}
