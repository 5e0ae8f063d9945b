//! No decision is made by halves of two versions (A61, A67).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gatepost::{
    Code, Decision, Gate, OrgId, PolicyDocument, Request, Step, Subject, SubjectId, decide,
};
use gatepost_store::{PolicyStore, StoreUrl};
use gatepost_tests::postgres::Cluster;

use crate::rig::{follow, ines};

const READERS: usize = 2;

/// Under either policy alice is refused; by the site of one and the members of the other she were not.
fn policies() -> [PolicyDocument; 2] {
    let policy = |switch: &str, members: &str| {
        let text = format!(
            r#"{{
            "version": 1,
            "resources": {{"chat": ["read"]}},
            "site": {{"gates": {{"chat": {{"switch": "{switch}", "access": "everyone"}}}}}},
            "org_roles": {{"guest": {{"level": 1, "grants": ["chat:read"]}}}},
            "orgs": {{"acme": {{"members": {{{members}}}}}}}
        }}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    let alice = r#""alice": {"roles": ["guest"]}"#;
    [policy("off", alice), policy("on", "")]
}

/// Decides until it is over; how often the site refused, and how often the org.
fn decided(gate: &Gate, over: &AtomicBool) -> [usize; 2] {
    let alice = Subject::new(SubjectId::new("alice").unwrap());
    let acme = OrgId::new("acme").unwrap();
    let request = Request::new("chat", "read").subject(&alice).org(&acme);
    let mut codes = [0, 0];
    while !over.load(Ordering::Relaxed) {
        // The store needs a turn as well.
        std::thread::sleep(Duration::from_micros(20));
        let code = gate.read(|facts| match decide(facts, &request) {
            Step::Done(Decision::Deny(denial)) => denial.code,
            other => panic!("{other:?}"),
        });
        match code {
            Ok(Code::SiteOff) => codes[0] += 1,
            Ok(Code::NotAMember) => codes[1] += 1,
            Err(Code::PolicyStale) => {}
            other => panic!("{other:?}"),
        }
    }
    codes
}

async fn never_apart(url: &StoreUrl, flips: u64) {
    let policies = policies();
    let seeded = PolicyStore::open_or_seed(url, &policies[0], ines(), "first").await;
    let store = seeded.unwrap();
    let gate = follow(url).await.gate();
    let over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..READERS)
        .map(|_| {
            let (gate, over) = (gate.clone(), Arc::clone(&over));
            std::thread::spawn(move || decided(&gate, &over))
        })
        .collect();
    for flip in 1..=flips {
        let which = usize::from(flip % 2 == 1);
        let flipped = store.import(&policies[which], ines(), "flip", None).await;
        assert_eq!(flipped.unwrap().version, flip + 1);
    }
    crate::rig::until("the last one is decided by", 5000, || {
        gate.read(gatepost::Snapshot::version) == Ok(flips + 1)
    });
    over.store(true, Ordering::Relaxed);
    let mut codes = [0, 0];
    for reader in readers {
        let [site, org] = reader.join().unwrap();
        codes = [codes[0] + site, codes[1] + org];
    }
    assert!(codes[0] > 50 && codes[1] > 50, "{codes:?}");
}

#[tokio::test]
async fn a67_what_changes_together_is_never_decided_by_apart() {
    let folder = tempfile::tempdir().unwrap();
    never_apart(&StoreUrl::sqlite(folder.path().join("policy.db")), 200).await;
}

#[tokio::test]
async fn a67_nor_is_it_in_postgres() {
    let cluster = Cluster::start();
    never_apart(&cluster.url().parse().unwrap(), 40).await;
}
