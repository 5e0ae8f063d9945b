//! Parts of the policy, each of one moment.

use gatepost::{OrgSwitch, Snapshot, Status};
use gatepost_store::{Change, Command, FactKey, FactKind, HistoryFilter, StoreErrorKind};

use crate::place::{Place, ines, on_both, policy};
use crate::texts::{kill, org};

on_both!(
    the_site_is_the_vocabulary_with_who_made_it_so,
    an_org_comes_with_its_ancestors_and_without_members,
    members_are_read_in_pages,
    a_subject_is_told_with_its_memberships,
    a_change_is_read_by_its_version,
    a_history_is_read_backwards,
    a_part_that_is_not_understood_is_no_part,
);

async fn the_site_is_the_vocabulary_with_who_made_it_so(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    let site = store.site().await.unwrap();
    assert_eq!(site.version, 2);
    Snapshot::compile(&site.document, 2).unwrap();
    let (_, mut whole) = store.export().await.unwrap();
    whole.orgs.clear();
    whole.subjects.clear();
    assert_eq!(site.document, whole);
    let last = |name: &str| {
        let key = FactKey::new(FactKind::SiteGate, name, "");
        let record = &site.last_changes[&key];
        assert!(record.effects.is_empty());
        (record.version, record.reason.as_str())
    };
    assert_eq!(last("chat"), (2, "a drill"));
    assert_eq!(last("agent"), (1, "seed"));
    assert_eq!(site.last_changes.len(), 5);
}

async fn an_org_comes_with_its_ancestors_and_without_members(place: Place) {
    let store = place.with(&policy()).await;
    let off = org("root", "agent", Some(OrgSwitch::Off));
    store.write(&off).await.unwrap();
    let part = store.org("acme").await.unwrap().unwrap();
    assert_eq!(part.version, 2);
    Snapshot::compile(&part.document, 2).unwrap();
    let orgs: Vec<&String> = part.document.orgs.keys().collect();
    assert_eq!(orgs, ["acme", "root"]);
    assert!(part.document.orgs["acme"].members.is_empty());
    assert!(part.document.subjects.is_empty());
    assert_eq!(
        part.document.orgs["root"].gates["agent"].switch,
        Some(OrgSwitch::Off)
    );
    assert_eq!(part.document.site, policy().site);
    let gate = FactKey::new(FactKind::OrgGate, "root", "agent");
    assert_eq!(part.last_changes[&gate].version, 2);
    for nothing in ["nobody", "", "a\0b", &"x".repeat(1000)] {
        assert_eq!(store.org(nothing).await.unwrap(), None, "{nothing:?}");
    }
}

async fn members_are_read_in_pages(place: Place) {
    let mut large = policy();
    let member = large.orgs["acme"].members["olga"].clone();
    for org in ["acme", "root"] {
        let members = (0..7).map(|number| (format!("u{number}"), member.clone()));
        large.orgs.get_mut(org).unwrap().members.extend(members);
    }
    let store = place.with(&large).await;
    let suspended = Command::SubjectStatus {
        subject: "u3".into(),
        status: Status::Suspended,
    };
    let change = Change::new(suspended, ines(), "lost a key");
    store.write(&change).await.unwrap();
    let given = Command::MemberAdd {
        org: "acme".into(),
        subject: "u9".into(),
        role: "owner".into(),
        expires: None,
    };
    store
        .write(&Change::new(given, ines(), "new"))
        .await
        .unwrap();
    let (mut after, mut found) = (None::<String>, Vec::new());
    loop {
        let page = store.members("acme", after.as_deref(), 2).await.unwrap();
        assert_eq!(page.version, 3);
        assert!(page.members.len() <= 2);
        after = page.members.last().map(|member| member.subject.clone());
        found.extend(page.members);
        if !page.more {
            break;
        }
    }
    let ids: Vec<&str> = found.iter().map(|member| &*member.subject).collect();
    assert_eq!(
        ids,
        ["olga", "u0", "u1", "u2", "u3", "u4", "u5", "u6", "u9"]
    );
    assert_eq!(found[0].known, Some(large.subjects["olga"].clone()));
    assert_eq!(
        found[4].known.as_ref().unwrap().status,
        Some(Status::Suspended)
    );
    assert_eq!(found[1].known, None);
    let last = |at: usize| found[at].last_change.as_ref().unwrap().version;
    assert_eq!((last(4), last(8)), (1, 3));
    for (org, after, limit) in [
        ("nobody", None, 9),
        ("acme", Some("u9"), 9),
        ("acme", None, 0),
        ("a\0", None, 9),
        ("acme", Some("\0"), 9),
    ] {
        let page = store.members(org, after, limit).await.unwrap();
        assert!(page.members.is_empty(), "{org:?} {after:?}");
        assert_eq!(page.more, limit == 0);
    }
}

async fn a_subject_is_told_with_its_memberships(place: Place) {
    let store = place.with(&policy()).await;
    let olga = store.subject("olga").await.unwrap();
    assert_eq!(olga.version, 1);
    assert_eq!(olga.known, Some(policy().subjects["olga"].clone()));
    assert_eq!(olga.last_change.unwrap().reason, "seed");
    let orgs: Vec<&str> = olga.memberships.iter().map(|(org, _)| &**org).collect();
    assert_eq!(orgs, ["acme", "zeta"]);
    for nobody in ["nobody", "", "a\0b"] {
        let nobody = store.subject(nobody).await.unwrap();
        assert_eq!((nobody.known, nobody.last_change), (None, None));
        assert!(nobody.memberships.is_empty());
    }
}

async fn a_change_is_read_by_its_version(place: Place) {
    let store = place.with(&policy()).await;
    store.write(&kill("chat")).await.unwrap();
    let change = store.change(2).await.unwrap().unwrap();
    assert_eq!(change.sentence, "site: chat switched off");
    assert_eq!(change.effects.len(), 1);
    for none in [0, 3, u64::MAX] {
        assert_eq!(store.change(none).await.unwrap(), None);
    }
}

async fn a_history_is_read_backwards(place: Place) {
    let store = place.with(&policy()).await;
    for switch in [OrgSwitch::On, OrgSwitch::Off, OrgSwitch::On] {
        store
            .write(&org("acme", "chat", Some(switch)))
            .await
            .unwrap();
    }
    store.write(&kill("agent")).await.unwrap();
    let older = |version| HistoryFilter::default().before(version);
    for (after, limit, filter, wanted) in [
        (None, 2, older(5), &[3, 4][..]),
        (None, 2, older(3), &[1, 2]),
        (None, 2, older(1), &[]),
        (None, 2, older(0), &[]),
        (None, 2, older(u64::MAX), &[4, 5]),
        (Some(1), 2, older(4), &[2, 3]),
        (Some(1), 1, older(4), &[2]),
        (None, 9, older(4).org("acme"), &[1, 2, 3]),
        (None, 9, older(6).org("zeta"), &[1]),
    ] {
        let found = store.history(after, limit, &filter).await.unwrap();
        let versions: Vec<u64> = found.iter().map(|record| record.version).collect();
        assert_eq!(versions, wanted, "{after:?} {limit} {filter:?}");
    }
}

async fn a_part_that_is_not_understood_is_no_part(place: Place) {
    let store = place.with(&policy()).await;
    for (kind, a) in [
        ("site_gate", "chat"),
        ("org", "root"),
        ("member", "acme"),
        ("subject", "olga"),
    ] {
        let whose = format!("WHERE kind = '{kind}' AND a = '{a}'");
        let kept = place.sql(&format!("SELECT body FROM gatepost_fact {whose}"));
        for body in ["{\"later\":1}", "[]", ""] {
            place.sql(&format!("UPDATE gatepost_fact SET body = '{body}' {whose}"));
            let (errors, sound) = match kind {
                "site_gate" => (
                    vec![
                        store.site().await.unwrap_err(),
                        store.org("acme").await.unwrap_err(),
                    ],
                    store.members("acme", None, 9).await.is_ok(),
                ),
                "org" => (
                    vec![store.org("acme").await.unwrap_err()],
                    store.site().await.is_ok(),
                ),
                "member" => (
                    vec![
                        store.members("acme", None, 9).await.unwrap_err(),
                        store.subject("olga").await.unwrap_err(),
                    ],
                    store.org("acme").await.is_ok(),
                ),
                _ => (
                    vec![
                        store.members("acme", None, 9).await.unwrap_err(),
                        store.subject("olga").await.unwrap_err(),
                    ],
                    store.memberships_of("olga").await.is_ok(),
                ),
            };
            assert!(sound, "{kind}");
            for error in errors {
                assert_eq!(error.kind(), StoreErrorKind::Unsound, "{error}");
                assert!(
                    error.to_string().contains(&format!("`{kind} {a}")),
                    "{error}"
                );
            }
        }
        place.sql(&format!(
            "UPDATE gatepost_fact SET body = '{}' {whose}",
            kept[0]
        ));
    }
    // An ancestor that is gone makes the part one that says nothing of itself.
    place.sql("DELETE FROM gatepost_fact WHERE kind = 'org' AND a = 'root'");
    let error = store.org("acme").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Refused, "{error}");
}
