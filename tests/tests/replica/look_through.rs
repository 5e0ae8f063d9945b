//! A replica that does not mirror memberships decides as one that does, in both kinds of store.

mod ask;
mod place;
mod workload;

use std::time::Duration;

use gatepost::Code;
use gatepost_store::{
    Author, Change, Command, Committed, LookThroughOptions, PolicyStore, Replica, StoreUrl,
};

use crate::rig::{ines, until};
use ask::{Service, decide};
use place::Place;

const POLICY: &str = r#"{
    "version": 1,
    "resources": {"chat": ["read"]},
    "site": {"gates": {"chat": {"switch": "on", "access": "everyone"}}},
    "org_roles": {"reader": {"level": 10, "grants": ["chat:read"]}, "guest": {"level": 5}},
    "orgs": {
        "acme": {"gates": {"chat": {"switch": "on"}}, "members": {
            "alice": {"roles": ["reader"]}, "bob": {"roles": ["reader"]}, "gus": {"roles": ["guest"]}
        }},
        "globex": {"gates": {"chat": {"switch": "on"}}, "members": {"carol": {"roles": ["reader"]}}}
    }
}"#;

macro_rules! in_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(super::Place::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(super::Place::postgres()).await;
            })*
        }
    };
}

in_both!(
    members_are_allowed_and_others_denied,
    what_is_taken_is_gone_with_the_version_that_says_so,
    a_store_that_is_gone_leaves_what_is_at_hand_until_the_lease_is_over,
    an_import_and_a_recovery_have_everything_read_again,
    a_hundred_thousand_members_are_not_held,
    a_membership_that_is_not_understood_is_an_error_for_its_subject_alone,
    a_runtime_that_is_gone_keeps_nobody_waiting,
    every_decision_is_that_of_the_policy_of_its_version,
);

async fn seeded(place: &Place) -> (StoreUrl, PolicyStore) {
    let url: StoreUrl = place.url().parse().unwrap();
    let policy = serde_json::from_str(POLICY).unwrap();
    let store = PolicyStore::open_or_seed(&url, &policy, ines(), "first").await;
    (url, store.unwrap())
}

async fn look_through(url: &StoreUrl, options: LookThroughOptions) -> Replica {
    let replica = Replica::options().name("test").look_through(options);
    replica.open(url).await.unwrap()
}

async fn write(store: &PolicyStore, command: Command) -> Committed {
    let author: Author = ines();
    let change = Change::new(command, author, "a test");
    store.write(&change).await.unwrap()
}

fn add(org: &str, subject: &str, role: &str) -> Command {
    Command::MemberAdd {
        org: org.into(),
        subject: subject.into(),
        role: role.into(),
        expires: None,
    }
}

fn remove(org: &str, subject: &str, role: &str) -> Command {
    Command::MemberRemove {
        org: org.into(),
        subject: subject.into(),
        role: role.into(),
    }
}

fn live(replica: &Replica, version: u64) {
    until("the version is live", 2000, || {
        replica.gate().read(gatepost::Snapshot::version) >= Ok(version)
    });
}

async fn members_are_allowed_and_others_denied(place: Place) {
    let (url, _store) = seeded(&place).await;
    let replica = look_through(&url, LookThroughOptions::new()).await;
    assert_eq!(replica.statistics().subjects_held, 0, "mirrored");
    let service = Service::of(&replica.gate());
    for _ in 0..3 {
        for (subject, org, expected) in [
            ("alice", "acme", "allow"),
            ("alice", "globex", "not_a_member"),
            ("carol", "globex", "allow"),
            ("gus", "acme", "org_grant_missing"),
            ("mallory", "acme", "not_a_member"),
        ] {
            let (status, code) = service.ask(subject, org).await;
            assert_eq!(code, expected, "{subject} in {org}: {status}");
        }
    }
    let statistics = replica.statistics();
    // One for each subject, be it nobody's member, and none for the second look.
    assert_eq!(statistics.membership_reads, 4);
    assert_eq!(statistics.subjects_held, 4);
}

async fn what_is_taken_is_gone_with_the_version_that_says_so(place: Place) {
    let (url, store) = seeded(&place).await;
    let replica = look_through(&url, LookThroughOptions::new()).await;
    let gate = replica.gate();
    for _ in 0..10 {
        for (command, allowed) in [
            (remove("acme", "alice", "reader"), false),
            (add("acme", "alice", "reader"), true),
        ] {
            decide(&gate, "bob", "acme").await.unwrap();
            let committed = write(&store, command).await;
            live(&replica, committed.version);
            let (version, code) = decide(&gate, "alice", "acme").await.unwrap();
            assert_eq!(version, committed.version);
            assert_eq!(code == Code::NotAMember.as_str(), !allowed, "{code}");
            assert_eq!(code == "allow", allowed, "{code}");
        }
    }
    let statistics = replica.statistics();
    assert_eq!(statistics.whole_reads, 1, "effects are enough");
    assert_eq!(statistics.membership_reads, 21, "bob is read once");
}

async fn a_store_that_is_gone_leaves_what_is_at_hand_until_the_lease_is_over(place: Place) {
    let (url, _store) = seeded(&place).await;
    let options = LookThroughOptions::new().timeout(Duration::from_millis(600));
    let replica = look_through(&url, options).await;
    let gate = replica.gate();
    let service = Service::of(&gate);
    let mut fresh = ["bob", "gus"].into_iter();
    for stop in place.stops() {
        assert_eq!(service.ask("alice", "acme").await.1, "allow");
        place.stop(stop);
        // One who was not asked for before.
        let uncached = service.ask(fresh.next().unwrap(), "acme").await;
        assert_eq!(uncached, (503, "policy_unavailable".into()), "{stop}");
        assert_eq!(service.ask("alice", "acme").await, (200, "allow".into()));
        until("stale", 2100, || {
            gate.snapshot().err() == Some(Code::PolicyStale)
        });
        for subject in ["alice", "mallory"] {
            let past = service.ask(subject, "acme").await;
            assert_eq!(past, (503, "policy_stale".into()), "{stop}");
        }
        place.go_on(stop);
        until("back", 2000, || gate.snapshot().is_ok());
        let reads = replica.statistics().membership_reads;
        assert_eq!(service.ask("alice", "acme").await.1, "allow");
        let again = replica.statistics().membership_reads;
        assert_eq!(again, reads, "nothing was missed, and it is read again");
        until("read again", 1000, || {
            tokio::task::block_in_place(|| {
                let asked = service.ask("carol", "globex");
                tokio::runtime::Handle::current().block_on(asked).1 == "allow"
            })
        });
    }
}

async fn an_import_and_a_recovery_have_everything_read_again(place: Place) {
    let (url, store) = seeded(&place).await;
    let replica = look_through(&url, LookThroughOptions::new()).await;
    let gate = replica.gate();
    let asked = async || decide(&gate, "alice", "acme").await.unwrap();
    assert_eq!(asked().await, (1, "allow".into()));
    let recovered = store.recover(ines(), "nothing was lost").await.unwrap();
    live(&replica, recovered.version);
    assert_eq!(replica.statistics().subjects_held, 0);
    assert_eq!(asked().await, (recovered.version, "allow".into()));
    assert_eq!(replica.statistics().membership_reads, 2);
    let without = POLICY.replace(r#""alice": {"roles": ["reader"]},"#, "");
    let without = serde_json::from_str(&without).unwrap();
    let imported = store.import(&without, ines(), "without alice", None).await;
    let version = imported.unwrap().version;
    live(&replica, version);
    assert_eq!(replica.statistics().subjects_held, 0);
    assert_eq!(asked().await, (version, "not_a_member".into()));
    // What a small import changes is told one by one.
    assert_eq!(replica.statistics().whole_reads, 2);
}

async fn a_hundred_thousand_members_are_not_held(place: Place) {
    let (url, store) = seeded(&place).await;
    let mut policy: serde_json::Value = serde_json::from_str(POLICY).unwrap();
    let members = policy["orgs"]["acme"]["members"].as_object_mut().unwrap();
    for number in 0..100_000 {
        members.insert(
            format!("s{number}"),
            serde_json::json!({"roles": ["reader"]}),
        );
    }
    members.remove("alice");
    let policy = serde_json::from_value(policy).unwrap();
    let replica = look_through(&url, LookThroughOptions::new().most_subjects(100)).await;
    let gate = replica.gate();
    assert_eq!(decide(&gate, "alice", "acme").await.unwrap().1, "allow");
    // Too many changes to be told one by one.
    let imported = store.import(&policy, ines(), "many", None).await.unwrap();
    live(&replica, imported.version);
    assert_eq!(replica.statistics().whole_reads, 2);
    assert_eq!(replica.statistics().subjects_held, 0);
    assert_eq!(
        decide(&gate, "alice", "acme").await.unwrap().1,
        "not_a_member"
    );
    for number in 0..300 {
        let subject = format!("s{}", number * 331);
        let (version, code) = decide(&gate, &subject, "acme").await.unwrap();
        assert_eq!((version, code.as_str()), (2, "allow"), "{subject}");
        assert!(replica.statistics().subjects_held <= 100);
    }
    let statistics = replica.statistics();
    assert_eq!(statistics.membership_reads, 302);
    assert!(statistics.subjects_held > 50, "{statistics:?}");
}

async fn a_membership_that_is_not_understood_is_an_error_for_its_subject_alone(place: Place) {
    let (url, _store) = seeded(&place).await;
    place.sql(
        "UPDATE gatepost_fact SET body = '{\"unheard\": 1}' WHERE kind = 'member' AND b = 'alice'",
    );
    let replica = look_through(&url, LookThroughOptions::new()).await;
    let service = Service::of(&replica.gate());
    let alice = service.ask("alice", "acme").await;
    assert_eq!(alice, (503, "policy_unavailable".into()));
    assert_eq!(service.ask("bob", "acme").await.1, "allow");
    // Nor is an answer of another life of the store taken for one of this.
    place.sql("UPDATE gatepost_head SET epoch = epoch + 1");
    let gus = service.ask("gus", "acme").await;
    assert_eq!(gus.0, 503, "{gus:?}");
}

async fn a_runtime_that_is_gone_keeps_nobody_waiting(place: Place) {
    let (url, store) = seeded(&place).await;
    let begun = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(async {
            let replica = look_through(&url, LookThroughOptions::new().most_reads(1)).await;
            let gate = replica.gate();
            assert_eq!(decide(&gate, "alice", "acme").await.unwrap().1, "allow");
            replica
        })
    });
    let replica = begun.join().unwrap();
    let committed = write(&store, remove("acme", "alice", "reader")).await;
    live(&replica, committed.version);
    let gate = replica.gate();
    for (subject, expected) in [("alice", "not_a_member"), ("bob", "allow")] {
        let asked = decide(&gate, subject, "acme");
        let asked = tokio::time::timeout(Duration::from_millis(500), asked).await;
        assert_eq!(asked.unwrap().unwrap().1, expected);
    }
}

async fn every_decision_is_that_of_the_policy_of_its_version(place: Place) {
    let (url, store) = seeded(&place).await;
    // Too small for all of them: some are always read anew.
    let options = LookThroughOptions::new().most_subjects(6);
    let replica = look_through(&url, options).await;
    workload::run(&replica, &store).await;
}
