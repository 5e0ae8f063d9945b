//! Documents taken apart and put together again, and facts that nobody wrote.

use gatepost::{PolicyDocument, PolicyText};

use super::*;
use crate::change::Effect;

fn document(text: &str) -> PolicyDocument {
    PolicyText::toml(text).parse().unwrap()
}

fn whole() -> PolicyDocument {
    document(
        r#"
version = 1
[resources]
chat = ["read", "create"]
[site.gates.chat]
switch = "opt-in"
background = { floor = "dev" }
[site.roles.admin]
grants = ["*:*"]
all_orgs = true
[org_roles.dev]
level = 30
grants = ["chat:*@own"]
[orgs.holding]
[orgs.acme]
parent = "holding"
visibility = "public"
[orgs.acme.gates.chat]
switch = "on"
[orgs.acme.roles.lead]
level = 40
include = ["dev"]
[orgs.acme.members.alice]
roles = ["dev", "lead"]
expires = "2027-01-01T00:00:00Z"
[orgs."o'neil \" ls"]
[subjects.alice]
site_roles = ["admin"]
default_org = "acme"
"#,
    )
}

fn put_together(
    facts: impl Iterator<Item = (FactKey, String)>,
) -> Result<PolicyDocument, FactError> {
    let mut whole = Facts::new();
    for (key, body) in facts {
        whole.add(&key, &body)?;
    }
    Ok(whole.into_document())
}

#[test]
fn a_document_is_its_facts() {
    let document = whole();
    assert_eq!(facts_of(&document).count(), 11);
    assert_eq!(put_together(facts_of(&document)), Ok(document));
}

#[test]
fn every_kind_has_a_word_of_its_own() {
    for kind in FactKind::ALL {
        assert_eq!(FactKind::parse(kind.as_str()), Some(*kind));
    }
    assert_eq!(FactKind::parse("orgs"), None);
}

#[test]
fn the_effects_of_a_difference_make_one_document_of_the_other() {
    let (one, other) = (
        whole(),
        document(
            r#"
version = 1
[resources]
chat = ["read"]
[orgs.acme]
[orgs.acme.members.alice]
roles = ["dev"]
[orgs.acme.members.bob]
[orgs.globex]
parent = "acme"
"#,
        ),
    );
    let nothing = Facts::new().into_document();
    for (before, after) in [
        (&one, &other),
        (&other, &one),
        (&one, &nothing),
        (&nothing, &one),
        (&one, &one),
    ] {
        let effects = diff(before, after);
        let mut facts = facts_with(before);
        for effect in &effects {
            assert_ne!(effect.before, effect.after, "{effect:?}");
            facts.apply(effect).unwrap();
        }
        assert_eq!(facts.document(), after);
        assert_eq!(effects.is_empty(), before == after);
    }
}

fn facts_with(document: &PolicyDocument) -> Facts {
    let mut facts = Facts::new();
    for (key, body) in facts_of(document) {
        facts.add(&key, &body).unwrap();
    }
    facts
}

#[test]
fn a_fact_is_replaced_and_never_merged() {
    let mut facts = facts_with(&whole());
    let key = FactKey::new(FactKind::Member, "acme", "alice");
    facts
        .apply(&Effect {
            key,
            before: None,
            after: Some(r#"{"roles":["lead"]}"#.into()),
        })
        .unwrap();
    let alice = &facts.document().orgs["acme"].members["alice"];
    assert_eq!(alice.roles, ["lead"]);
    assert_eq!(alice.expires, None);
    // What stands below an org is not the org's own fact.
    let key = FactKey::new(FactKind::Org, "acme", "");
    facts
        .apply(&Effect {
            key,
            before: None,
            after: Some("{}".into()),
        })
        .unwrap();
    let acme = &facts.document().orgs["acme"];
    assert_eq!(acme.parent, None);
    assert_eq!(
        (acme.gates.len(), acme.roles.len(), acme.members.len()),
        (1, 1, 1)
    );
}

#[test]
fn what_is_no_fact_is_told_with_its_key_and_nothing_panics() {
    let deep = format!("{{\"gates\":{}", "{\"a\":".repeat(5000));
    for (kind, a, b, body) in [
        (FactKind::SiteGate, "chat", "", ""),
        (FactKind::SiteGate, "chat", "", "null"),
        (FactKind::SiteGate, "chat", "", "NaN"),
        (FactKind::SiteGate, "chat", "", "[\"off\"]"),
        (FactKind::SiteGate, "chat", "", "{\"switch\":\"of\"}"),
        (FactKind::SiteGate, "chat", "", "{\"switch\":null}"),
        (
            FactKind::SiteGate,
            "chat",
            "",
            "{\"switch\":\"off\",\"tomorrow\":1}",
        ),
        (FactKind::SiteGate, "chat", "", "{\"switch\":\"off\""),
        (
            FactKind::SiteGate,
            "chat",
            "",
            "{\"switch\":\"off\",\"switch\":\"on\"}",
        ),
        (FactKind::SiteGate, "chat", "acme", "{}"),
        (FactKind::OrgGate, "acme", "", "{}"),
        (FactKind::Member, "nowhere", "alice", "{}"),
        (FactKind::Org, "new", "", "{\"members\":{\"alice\":{}}}"),
        (FactKind::Org, "new", "", &deep),
        (FactKind::Resource, "chat2", "", "{}"),
        (FactKind::Resource, "chat2", "", "[1]"),
        (FactKind::OrgRole, "dev2", "", "{\"level\":1.5}"),
        (
            FactKind::OrgRole,
            "dev2",
            "",
            "{\"level\":99999999999999999999}",
        ),
        (FactKind::Subject, "alice", "", "{}"),
    ] {
        let mut facts = facts_with(&whole());
        let key = FactKey::new(kind, a, b);
        let told = facts.add(&key, body).unwrap_err().to_string();
        assert!(told.contains(&key.to_string()), "{told}");
    }
}
