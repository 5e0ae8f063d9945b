//! Who is told to decide by a version, and what proves it.

use gatepost_store::ProofOutcome;
use serde_json::json;

use super::rig::{POLICY, Rig};
use super::writes::{ACME, SITE, kill, switch};
use crate::ops::{Followed, outcome};

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_has_acknowledged_only_what_it_says_that_it_decides_by() {
    let rig = Rig::new().await;
    let row = rig.store.replicas().await.unwrap().remove(0);
    let proof = rig.store.await_replicas(1).await.unwrap();
    let of = |epoch: u64, version: u64, state: &str, proved: Option<&str>| {
        let (mut row, mut proof) = (row.clone(), proof.clone());
        (row.epoch, row.version, row.state) = (epoch, version, state.to_owned());
        proof.version = 7;
        match proved {
            Some("acknowledged") => proof.replicas[0].outcome = ProofOutcome::Acknowledged,
            Some("lease_ran_out") => proof.replicas[0].outcome = ProofOutcome::LeaseRanOut,
            _ => proof.replicas.clear(),
        }
        outcome(&row, 1, 7, proved.map(|_| &proof))
    };
    for (epoch, version, state, proved, told) in [
        (1, 7, "live", None, "acknowledged"),
        (1, 8, "live", None, "acknowledged"),
        (1, 6, "live", None, "waiting"),
        (0, 9, "live", None, "waiting"),
        (1, 7, "behind", None, "waiting"),
        (1, 7, "closed", None, "waiting"),
        (1, 6, "live", Some("lease_ran_out"), "lease_ran_out"),
        (1, 7, "live", Some("lease_ran_out"), "acknowledged"),
        (1, 7, "behind", Some("acknowledged"), "acknowledged"),
        (1, 7, "closed", Some("acknowledged"), "lease_ran_out"),
        (1, 7, "closed", Some("lease_ran_out"), "lease_ran_out"),
        // The proof does not know it.
        (1, 7, "live", Some("no word"), "acknowledged"),
        (1, 6, "live", Some("no word"), "waiting"),
        (1, 6, "behind", Some("no word"), "waiting"),
        (1, 7, "closed", Some("no word"), "waiting"),
    ] {
        let found = of(epoch, version, state, proved);
        assert_eq!(found, told, "{epoch} {version} {state} {proved:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_one_for_every_older_version_of_its_history() {
    let rig = Rig::new().await;
    let mut proof = rig.store.await_replicas(1).await.unwrap();
    let mut followed = Followed::default();
    assert!(followed.begins(1, 3, 9));
    for version in 1..=9 {
        assert!(!followed.begins(1, version, 9), "9 is waited for already");
        assert!(followed.proof(1, version).is_none());
    }
    assert!(followed.begins(1, 10, 12), "what is newer is not");
    proof.version = 9;
    followed.ended(1, 9, Some(proof.clone()));
    for version in 1..=9 {
        assert!(followed.proof(1, version).is_some(), "{version}");
        assert!(followed.proof(2, version).is_none(), "another history");
    }
    assert!(followed.proof(1, 10).is_none());
    // An older one that comes late takes nothing back.
    proof.version = 4;
    followed.ended(1, 4, Some(proof.clone()));
    assert!(followed.proof(1, 9).is_some());
    // What failed is waited for again, and at most four at once.
    followed.ended(1, 12, None);
    for version in 20..24 {
        assert!(followed.begins(1, version, version));
    }
    assert!(!followed.begins(1, 30, 30));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_org_admin_is_told_of_no_replica_and_no_service() {
    const CREATE: gatepost::Requirement =
        gatepost::Requirement::new("chat", "create").org(gatepost::Org::path("org"));
    let routes = gatepost::Inventory::new([gatepost::InventoryRoute::requiring(
        "POST",
        "/orgs/{org}/chats",
        &CREATE,
    )]);
    let rig = Rig::with(POLICY, |console| {
        console
            .identity(super::rig::who)
            .routes("secret-service", routes)
    })
    .await;
    let dry = rig.post(&format!("{ACME}?dry_run=true"), &switch("off"));
    let told = dry.by("ada").on(1).send().await;
    assert_eq!(told.ok()["impact"]["is_counted"], true, "{}", told.text);
    assert!(!told.text.contains("secret-service"), "{}", told.text);
    let dry = rig.post(&format!("{ACME}?dry_run=true"), &switch("off"));
    let told = dry.by("root").on(1).send().await;
    assert!(told.text.contains("secret-service"), "{}", told.text);

    rig.post(ACME, &switch("off"))
        .by("ada")
        .on(1)
        .send()
        .await
        .ok();
    rig.caught_up().await;
    let page = async |asker: &str| {
        let page = rig
            .get("/console/orgs/acme/changes/2")
            .by(asker)
            .send()
            .await;
        assert_eq!(page.status, 200, "{}", page.text);
        page.text
    };
    let told = page("ada").await;
    assert!(
        !told.contains("decides by version") && !told.contains("acks\" data-part=\"list\"><li")
    );
    assert!(!told.contains("No replica runs"), "{told}");
    // Looking at it counts nothing.
    assert!(!told.contains("Whose answers flip"), "{told}");
    assert!(told.contains("Undo this change"), "{told}");
    let mut whole = page("root").await;
    for _ in 0..200 {
        if whole.contains("decides by version") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        whole = page("root").await;
    }
    assert!(whole.contains("decides by version"), "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_flips_for_a_stranger_is_not_told_to_the_org_that_would_add_it() {
    let rig = Rig::new().await;
    let told = async |asker: &str, subject: &str| {
        let add = json!({ "command": { "command": "member_add", "org": "acme", "subject": subject, "role": "owner" } });
        let dry = rig.post(&format!("{ACME}?dry_run=true"), &add);
        let mut told = dry.by(asker).on(1).send().await.ok();
        told["impact"].take()
    };
    let of_gus = told("ada", "gus").await;
    assert_eq!(of_gus["is_counted"], false, "{of_gus}");
    assert_eq!(of_gus, told("ada", "nosuch").await);
    assert_eq!(of_gus, told("ada", "aron").await);
    assert_eq!(told("root", "gus").await["gaining"]["subjects"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_imported_the_whole_policy_and_why_is_not_told_to_an_org() {
    let rig = Rig::new().await;
    rig.post(SITE, &kill("off"))
        .by("root")
        .on(1)
        .send()
        .await
        .ok();
    let is_told = |text: &str| {
        [">ines<", "\"ines\"", "the first policy"]
            .iter()
            .any(|secret| text.contains(secret))
    };
    for path in [
        "/api/v1/orgs/acme",
        "/api/v1/orgs/acme/members",
        "/api/v1/orgs/acme/changes",
        "/orgs/acme",
        "/orgs/acme/members",
        "/orgs/acme/roles",
        "/orgs/acme/audit",
        "/orgs/acme/audit.csv",
    ] {
        let told = rig.get(&format!("/console{path}")).by("ada").send().await;
        assert_eq!(told.status, 200, "{path}: {}", told.text);
        assert!(!is_told(&told.text), "{path}: {}", told.text);
    }
    let members = rig
        .get("/console/api/v1/orgs/acme/members")
        .by("ada")
        .send();
    let members = members.await.ok();
    let last = &members["members"][0]["last_change"];
    assert_eq!(
        (&last["version"], &last["sentence"]),
        (&json!(1), &json!("the whole policy imported"))
    );
    let whole = rig
        .get("/console/api/v1/site/changes")
        .by("aron")
        .send()
        .await;
    assert!(is_told(&whole.text), "{}", whole.text);

    // Nor where an import came in between.
    let (version, mut document) = rig.store.export().await.unwrap();
    document.orgs.get_mut("acme").unwrap().gates.clear();
    let import = rig
        .store
        .import(&document, super::rig::operator(), "a secret", Some(version));
    import.await.unwrap();
    let loser = rig.post(ACME, &switch("off")).by("ada").on(2).send().await;
    assert_eq!(loser.problem(), (412, "changed".into()));
    assert!(
        !loser.text.contains("\"ines\"") && !loser.text.contains("a secret"),
        "{}",
        loser.text
    );
    assert_eq!(
        loser.json()["changes"][0]["sentence"],
        "the whole policy imported"
    );
}
