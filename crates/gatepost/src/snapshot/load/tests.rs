//! What comes of facts that are loaded one by one.

use super::Loader;
use crate::id::{OrgId, SubjectId};
use crate::policy::{MemberDocument, OrgDocument, OrgGateDocument, PolicyText, SubjectDocument};
use crate::snapshot::FactChange;
use crate::vocabulary::Status;

#[test]
fn a_loader_tells_what_comes_twice_and_what_stands_below_nothing() {
    let frame = PolicyText::toml("version = 1\nresources.chat = [\"read\"]\n")
        .parse()
        .unwrap();
    let mut loader = Loader::new(&frame);
    for _ in 0..2 {
        loader.org("acme", &OrgDocument::default());
        loader.org_gate("acme", "chat", &OrgGateDocument::default());
    }
    loader.org_gate("none", "chat", &OrgGateDocument::default());
    for _ in 0..2 {
        loader.member("acme", "alice", &MemberDocument::default());
        loader.subject("bob", &SubjectDocument::default());
    }
    loader.member("none", "alice", &MemberDocument::default());
    loader.org("late", &OrgDocument::default());
    let error = loader.finish(1).unwrap_err().to_string();
    for place in [
        "`orgs.acme`: is there twice",
        "`orgs.acme.gates.chat`: is there twice",
        "`orgs.none.gates.chat`: stands below",
        "`subjects.bob`: is there twice",
        "`orgs.none.members.alice`: stands below",
        "`orgs.late`: comes behind",
    ] {
        assert!(error.contains(place), "{place} in {error}");
    }
    let mut loader = Loader::new(&frame);
    for at in 0..5000 {
        loader.member("none", &at.to_string(), &MemberDocument::default());
    }
    let error = loader.finish(1).unwrap_err();
    assert_eq!(error.problems().len(), 1001);
    assert!(error.to_string().contains("and 4000 more"), "{error}");
    let mut loader = Loader::new(&frame);
    loader.org("acme", &OrgDocument::default());
    loader.member("acme", "alice", &MemberDocument::default());
    loader.member("acme", "alice", &MemberDocument::default());
    let error = loader.finish(1).unwrap_err().to_string();
    assert!(error.contains("orgs.acme.members.alice"), "{error}");
}

#[test]
fn what_is_wrong_with_subjects_is_told_in_their_order_however_many_there_are() {
    let frame = PolicyText::toml("version = 1\n").parse().unwrap();
    let mut loader = Loader::new(&frame);
    let mut told = Vec::new();
    let wrong = SubjectDocument {
        default_org: Some(String::new()),
        ..SubjectDocument::default()
    };
    for at in 0..100_000 {
        let id = format!("sub-{at}");
        loader.subject(&id, &SubjectDocument::default());
        match at % 500 {
            0 => {
                loader.subject(&id, &wrong);
                told.push(format!("subjects.{id}.default_org"));
                told.push(format!("subjects.{id}"));
            }
            250 => {
                loader.subject(&id, &SubjectDocument::default());
                told.push(format!("subjects.{id}"));
            }
            _ => {}
        }
    }
    let error = loader.finish(1).unwrap_err();
    let paths = error.problems().iter().map(|it| it.path.to_string());
    assert_eq!(paths.collect::<Vec<_>>(), told);
}

#[test]
fn many_are_found_each_with_what_it_has_in_however_many_shards() {
    let frame = PolicyText::toml("version = 1\n[org_roles.guest]\nlevel = 7\n")
        .parse()
        .unwrap();
    for (orgs, subjects) in [(1, 1), (700, 3_000), (3_000, 150_000)] {
        let mut loader = Loader::new(&frame);
        let id = |kind: &str, at: usize| format!("{kind}{}{at}", "-".repeat(at % 40));
        for at in 0..orgs {
            let parent = (at % 3 == 2).then(|| id("org", at - 1));
            loader.org(
                &id("org", at),
                &OrgDocument {
                    parent,
                    ..OrgDocument::default()
                },
            );
        }
        let ends = "2030-01-01T00:00:00Z".parse().unwrap();
        // The first is a member everywhere, which is more than fits into a record.
        for at in 0..orgs {
            loader.member(&id("org", at), &id("sub", 0), &MemberDocument::default());
        }
        for at in 1..subjects {
            let held = MemberDocument {
                roles: vec!["guest".into()],
                expires: (at % 5 == 0).then_some(ends),
            };
            loader.member(&id("org", at % orgs), &id("sub", at), &held);
            if at % 7 == 0 {
                let suspended = SubjectDocument {
                    status: Some(Status::Suspended),
                    default_org: Some(id("org", at % orgs)),
                    ..SubjectDocument::default()
                };
                loader.subject(&id("sub", at), &suspended);
            }
        }
        let facts = loader.finish(1).unwrap();
        assert_eq!(
            (facts.orgs().len(), facts.subjects().len()),
            (orgs, subjects)
        );
        for at in 0..subjects {
            let known = facts
                .subject(&SubjectId::new(id("sub", at)).unwrap())
                .unwrap();
            let (org, row) = facts
                .org_of(&OrgId::new(id("org", at % orgs)).unwrap())
                .unwrap();
            assert_eq!(row.parent.is_some(), (at % orgs) % 3 == 2);
            let held = known.membership(org).unwrap();
            assert_eq!(held.end, (at != 0 && at % 5 == 0).then_some(ends));
            assert_eq!(known.memberships().len(), if at == 0 { orgs } else { 1 });
            assert_eq!(known.status() == Status::Suspended, at != 0 && at % 7 == 0);
            assert_eq!(known.default_org(), (at != 0 && at % 7 == 0).then_some(org));
        }
        let mut sorted: Vec<_> = facts.orgs().cloned().collect();
        sorted.sort_unstable();
        assert!(facts.orgs_behind(None).eq(&sorted));
        assert!(
            facts
                .orgs_behind(Some(sorted[orgs / 2].as_str()))
                .eq(&sorted[orgs / 2 + 1..])
        );
        // One of many changes by itself, the one with many memberships as well.
        for at in [0, subjects - 1] {
            let gone = FactChange::Member(id("org", at % orgs), id("sub", at), None);
            let changed = facts.changed(2, [gone]).unwrap();
            let left = changed.subject(&SubjectId::new(id("sub", at)).unwrap());
            let left = left.map_or(0, |left| left.memberships().len());
            assert_eq!(left, if at == 0 { orgs - 1 } else { 0 });
        }
    }
}
