//! Facts taken in, and those that cannot be.

use super::*;
use crate::replica::news::{News, kind_of};

/// Kind, `a`, `b` and body, as stored.
pub(in crate::replica) type RawFact = (String, String, String, String);

/// What a source makes of rows.
pub(in crate::replica) fn read(mut rows: Vec<RawFact>, mut whole: Whole) -> (News, Whole) {
    rows.sort_by_key(|(kind, ..)| FactKind::parse(kind));
    for (kind, a, b, body) in &rows {
        let kind = match kind_of(kind) {
            Ok(kind) => kind,
            Err(why) => return (News::Broken(why), whole),
        };
        let fact = Stated { kind, a, b, body };
        if whole.add(fact).is_break() {
            break;
        }
    }
    (News::Whole, whole)
}

fn compiled(facts: &[(&str, &str, &str, &str)], elsewhere: bool) -> Result<Snapshot, String> {
    let rows = facts
        .iter()
        .map(|&(kind, a, b, body)| (kind.into(), a.into(), b.into(), body.into()));
    let (news, whole) = read(rows.collect(), Whole::new(elsewhere));
    match news {
        News::Broken(why) => Err(why),
        _ => whole.finish(7),
    }
}

const CHAT: (&str, &str, &str, &str) = ("resource", "chat", "", r#"["read"]"#);
const ACME: (&str, &str, &str, &str) = ("org", "acme", "", "{}");
const GUEST: (&str, &str, &str, &str) = ("org_role", "guest", "", r#"{"level":1}"#);
const ALICE: (&str, &str, &str, &str) = ("member", "acme", "alice", r#"{"roles":["guest"]}"#);

#[test]
fn a_policy_is_what_its_facts_say() {
    for facts in [&[][..], &[CHAT], &[ALICE, CHAT, GUEST, ACME]] {
        let compiled = compiled(facts, false).unwrap();
        assert_eq!(compiled.version(), 7);
    }
    assert!(compiled(&[CHAT, ACME, GUEST], true).is_ok());
}

#[test]
fn what_is_no_policy_is_told_with_what_is_wrong_with_it() {
    for (facts, want) in [
        (&[CHAT, CHAT][..], "twice"),
        (&[ACME, GUEST, ALICE, ALICE], "twice"),
        (&[ACME, ACME], "twice"),
        (&[GUEST, ALICE], "acme"),
        (&[("clearance", "x", "", "{}")], "`clearance`"),
        (&[("org", "acme", "chat", "{}")], "the key of another kind"),
        (&[("member", "acme", "", "{}")], "the key of another kind"),
        (&[("subject", "alice", "", "[]")], "no table"),
        (
            &[("org", "acme", "", r#"{"members":{"bob":{}}}"#)],
            "belongs below it",
        ),
        (&[("org", "acme", "", r#"{"unheard":1}"#)], "`unheard`"),
    ] {
        let why = compiled(facts, false).unwrap_err();
        assert!(why.contains(want), "{why}");
    }
    let why = compiled(&[GUEST, ACME, ALICE], true).unwrap_err();
    assert!(why.contains("members"), "{why}");
}

#[test]
fn a_fact_behind_what_may_stand_below_it_is_none() {
    let mut whole = Whole::new(false);
    let fact = |kind, a| Stated {
        kind,
        a,
        b: "",
        body: "{}",
    };
    assert!(whole.add(fact(FactKind::Subject, "alice")).is_continue());
    assert!(whole.add(fact(FactKind::Org, "acme")).is_break());
    assert!(whole.add(fact(FactKind::Subject, "bob")).is_break());
    let why = whole.finish(1).unwrap_err();
    assert!(why.contains("org acme"), "{why}");
}
