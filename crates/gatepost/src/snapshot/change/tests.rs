//! Facts that were changed, against the same facts compiled as a whole.

use std::collections::BTreeMap;

use crate::explain::explain;
use crate::explain::tests::Chance;
use crate::id::{OrgId, SubjectId};
use crate::policy::{MemberDocument, OrgDocument, PolicyDocument, PolicyText};
use crate::request::Request;
use crate::snapshot::{FactChange, FactChangeError, Snapshot};
use crate::subject::Subject;
use crate::vocabulary::{Mode, OrgRule};

/// What stands below others comes behind it.
type Facts = BTreeMap<(u8, String, String), FactChange>;

fn facts(document: &PolicyDocument) -> Facts {
    let mut facts = Facts::new();
    let mut add = |kind: u8, a: &str, b: &str, fact: FactChange| {
        facts.insert((kind, a.to_owned(), b.to_owned()), fact);
    };
    for (name, gate) in &document.site.gates {
        add(
            0,
            name,
            "",
            FactChange::SiteGate(name.clone(), Some(gate.clone())),
        );
    }
    for (name, role) in &document.site.roles {
        add(
            1,
            name,
            "",
            FactChange::SiteRole(name.clone(), Some(role.clone())),
        );
    }
    for (name, role) in &document.org_roles {
        add(
            2,
            name,
            "",
            FactChange::OrgRole(name.clone(), Some(role.clone())),
        );
    }
    for (id, org) in &document.orgs {
        let (org_id, of) = (|| id.clone(), |name: &String| name.clone());
        let alone = OrgDocument {
            gates: BTreeMap::new(),
            roles: BTreeMap::new(),
            members: BTreeMap::new(),
            ..org.clone()
        };
        add(3, id, "", FactChange::Org(org_id(), Some(alone)));
        for (name, gate) in &org.gates {
            add(
                4,
                id,
                name,
                FactChange::OrgGate(org_id(), of(name), Some(gate.clone())),
            );
        }
        for (name, role) in &org.roles {
            add(
                5,
                id,
                name,
                FactChange::OwnRole(org_id(), of(name), Some(role.clone())),
            );
        }
        for (name, held) in &org.members {
            add(
                6,
                id,
                name,
                FactChange::Member(org_id(), of(name), Some(held.clone())),
            );
        }
    }
    for (id, subject) in &document.subjects {
        add(
            7,
            id,
            "",
            FactChange::Subject(id.clone(), Some(subject.clone())),
        );
    }
    facts
}

fn gone(fact: &FactChange) -> FactChange {
    match fact.clone() {
        FactChange::Resource(a, _) => FactChange::Resource(a, None),
        FactChange::SiteGate(a, _) => FactChange::SiteGate(a, None),
        FactChange::SiteRole(a, _) => FactChange::SiteRole(a, None),
        FactChange::OrgRole(a, _) => FactChange::OrgRole(a, None),
        FactChange::Org(a, _) => FactChange::Org(a, None),
        FactChange::OrgGate(a, b, _) => FactChange::OrgGate(a, b, None),
        FactChange::OwnRole(a, b, _) => FactChange::OwnRole(a, b, None),
        FactChange::Member(a, b, _) => FactChange::Member(a, b, None),
        FactChange::Subject(a, _) => FactChange::Subject(a, None),
    }
}

/// A document that says these facts.
fn document(frame: &PolicyDocument, facts: &Facts) -> PolicyDocument {
    let mut document = PolicyDocument {
        version: frame.version,
        resources: frame.resources.clone(),
        ..PolicyDocument::default()
    };
    for fact in facts.values().cloned() {
        match fact {
            FactChange::Resource(..) => {}
            FactChange::SiteGate(a, it) => drop(document.site.gates.insert(a, it.unwrap())),
            FactChange::SiteRole(a, it) => drop(document.site.roles.insert(a, it.unwrap())),
            FactChange::OrgRole(a, it) => drop(document.org_roles.insert(a, it.unwrap())),
            FactChange::Org(a, it) => drop(document.orgs.insert(a, it.unwrap())),
            FactChange::OrgGate(a, b, it) => {
                let org = document.orgs.get_mut(&a).unwrap();
                org.gates.insert(b, it.unwrap());
            }
            FactChange::OwnRole(a, b, it) => {
                let org = document.orgs.get_mut(&a).unwrap();
                org.roles.insert(b, it.unwrap());
            }
            FactChange::Member(a, b, it) => {
                let org = document.orgs.get_mut(&a).unwrap();
                org.members.insert(b, it.unwrap());
            }
            FactChange::Subject(a, it) => drop(document.subjects.insert(a, it.unwrap())),
        }
    }
    document
}

/// Everything that anybody is answered, in words.
fn told(facts: &Snapshot) -> Vec<String> {
    let at = "2026-06-01T00:00:00Z".parse().unwrap();
    let ids = ["alice", "bob", "carol", "ci", "planner", "zed", "nobody"];
    let orgs = ["acme", "eng", "holding", "initech", "town", "nowhere"];
    let orgs = orgs.map(|id| OrgId::new(id).unwrap());
    let owner = SubjectId::new("bob").unwrap();
    let mut told = Vec::new();
    for id in ids {
        let who = Subject::new(SubjectId::new(id).unwrap());
        told.push(format!("{id}: {:?}", facts.kind_of(who.id())));
        for (resource, action) in facts.actions() {
            for mode in [None, Some(Mode::Background)] {
                let request = Request::new(resource, action)
                    .subject(&who)
                    .mode(mode)
                    .at(at);
                for org in &orgs {
                    told.push(explain(facts, &request.org(org)).to_string());
                }
                let own = request.owner(&owner);
                told.push(explain(facts, &own.org_rule(OrgRule::Default)).to_string());
                told.push(explain(facts, &request.org_rule(OrgRule::None)).to_string());
            }
        }
    }
    let mut names: Vec<_> = facts.subjects().collect();
    names.sort_unstable();
    told.push(format!(
        "{names:?} {:?}",
        facts.orgs_behind(None).collect::<Vec<_>>()
    ));
    told
}

#[test]
fn changed_facts_are_those_of_the_changed_document() {
    let (mut changed, mut too_far, mut unsound) = (0, 0, 0);
    for seed in 0..30 {
        let mut chance = Chance::new(seed);
        let (one, other) = (chance.document(), chance.document());
        let mut before = facts(&one);
        // An org that is there later has nobody below it yet.
        if chance.once_in(2) {
            before.retain(|(kind, a, _), _| !(3..=6).contains(kind) || a != "town");
        }
        let after = facts(&other);
        let Ok(mut live) = Snapshot::compile(&document(&one, &before), 1) else {
            continue;
        };
        for version in 2..6 {
            let mut now = before.clone();
            let mut effects = Vec::new();
            let keys: Vec<_> = before.keys().chain(after.keys()).cloned().collect();
            for key in keys {
                if !chance.once_in(8) || now.get(&key) == after.get(&key) {
                    continue;
                }
                match after.get(&key) {
                    Some(fact) => {
                        // Nothing is put below an org that is not there.
                        if (4..=6).contains(&key.0)
                            && !now.contains_key(&(3, key.1.clone(), String::new()))
                        {
                            continue;
                        }
                        effects.push(fact.clone());
                        now.insert(key, fact.clone());
                    }
                    None if key.0 == 3 => {}
                    None => {
                        effects.push(gone(&before[&key]));
                        now.remove(&key);
                    }
                }
            }
            let whole = Snapshot::compile(&document(&one, &now), version);
            match (live.changed(version, effects), whole) {
                (Ok(next), Ok(whole)) => {
                    for (one, other) in told(&next).iter().zip(told(&whole)) {
                        assert_eq!(*one, other, "seed {seed}, version {version}");
                    }
                    assert_eq!(next.version(), version);
                    assert_eq!(
                        (next.orgs().len(), next.subjects().len()),
                        (whole.orgs().count(), whole.subjects().count())
                    );
                    (live, before) = (next, now);
                    changed += 1;
                }
                (Err(FactChangeError::TooFar), Ok(whole)) => {
                    (live, before) = (whole, now);
                    too_far += 1;
                }
                (Err(_), Err(_)) => unsound += 1,
                (next, whole) => panic!("seed {seed}, version {version}: {next:?} {whole:?}"),
            }
        }
    }
    assert!(changed > 40, "{changed} {too_far} {unsound}");
    assert!(too_far < changed / 4, "{changed} {too_far} {unsound}");
}

#[test]
fn what_is_changed_leaves_the_facts_before_as_they_were() {
    let text = "version = 1\n[org_roles.guest]\nlevel = 1\n[orgs.acme.members.alice]\nroles = [\"guest\"]\n";
    let before = PolicyText::toml(text).compile(1).unwrap();
    let (alice, acme) = (
        SubjectId::new("alice").unwrap(),
        OrgId::new("acme").unwrap(),
    );
    let gone = FactChange::Member("acme".into(), "alice".into(), None);
    let after = before.changed(2, [gone]).unwrap();
    let at = "2026-06-01T00:00:00Z".parse().unwrap();
    assert!(before.is_member_on_path(&alice, &acme, at) && before.names_subject(&alice));
    assert!(!after.is_member_on_path(&alice, &acme, at) && !after.names_subject(&alice));
}

#[test]
fn what_would_be_numbered_anew_is_too_far_and_what_is_unsound_says_where() {
    let text = "version = 1\n[orgs.acme]\n[orgs.beta]\n[subjects.alice]\ndefault_org = \"new\"\n";
    let facts = PolicyText::toml(text).compile(1).unwrap();
    let org = |parent: Option<&str>| OrgDocument {
        parent: parent.map(str::to_owned),
        ..OrgDocument::default()
    };
    let far = [
        FactChange::Resource("chat".into(), Some(vec![])),
        FactChange::Org("acme".into(), None),
        FactChange::Org("acme".into(), Some(org(Some("beta")))),
        FactChange::Org("acme".into(), Some(org(Some("nowhere")))),
        FactChange::Org("new".into(), Some(org(None))),
    ];
    for change in far {
        let told = facts.changed(2, [change.clone()]);
        assert!(
            matches!(told, Err(FactChangeError::TooFar)),
            "{change:?} {told:?}"
        );
    }
    let held = || Some(MemberDocument::default());
    for (change, place) in [
        (
            FactChange::Member("no".into(), "a".into(), held()),
            "orgs.no.members.a",
        ),
        (
            FactChange::Member("acme".into(), "a\n".into(), held()),
            "orgs.acme.members.\"a\\n\"",
        ),
        (
            FactChange::OrgGate("acme".into(), "chat".into(), None),
            "orgs.acme.gates.chat",
        ),
        (FactChange::Subject(String::new(), None), "subjects.\"\""),
    ] {
        let Err(FactChangeError::Unsound(error)) = facts.changed(2, [change.clone()]) else {
            panic!("{change:?}")
        };
        assert!(error.to_string().contains(place), "{place}: {error}");
    }
}
