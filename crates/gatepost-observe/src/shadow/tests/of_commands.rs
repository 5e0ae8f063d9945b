//! A candidate that is made of the policy in a store.

use std::time::Duration;

use gatepost::SiteSwitch;
use gatepost_store::{Author, Change, Command, PolicyStore, StoreUrl};

use super::*;

fn switch(to: SiteSwitch) -> Command {
    Command::SiteSwitch {
        resource: "chat".into(),
        mode: None,
        to,
    }
}

fn ines() -> Author {
    Author::Operator {
        name: "ines".into(),
    }
}

async fn store(folder: &tempfile::TempDir) -> PolicyStore {
    let url = StoreUrl::sqlite(folder.path().join("policy.db"));
    let store = PolicyStore::init(&url).await.unwrap();
    let document = PolicyText::toml(
        "version = 1\nresources.chat = [\"create\", \"read\", \"update\"]\n\
         site.gates.chat = { switch = \"opt-in\", access = \"everyone\" }\n\
         org_roles.guest = { level = 1, grants = [\"chat:*\"] }\n\
         orgs.acme.gates.chat.switch = \"on\"\norgs.acme.members.alice.roles = [\"guest\"]\n",
    );
    let document = document.parse().unwrap();
    store.import(&document, ines(), "seed", None).await.unwrap();
    store
}

async fn live(store: &PolicyStore) -> Snapshot {
    let (version, document) = store.export().await.unwrap();
    Snapshot::compile(&document, version).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_made_anew_of_each_version_and_skips_what_lies_between() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let kill = [switch(SiteSwitch::Off)];
    let shadow = Shadow::of_commands(&store, kill).await.unwrap();
    let ask = Ask(&READ, "alice", "acme");
    decide_and_tell(&live(&store).await, ask, true, &shadow);
    let report = shadow.report();
    assert_eq!(
        (report.version, report.newly_denied, report.skipped),
        (Some(1), 1, 0)
    );
    assert_eq!(report.changes, ["site: chat switched off"]);

    let on = Change::new(switch(SiteSwitch::On), ines(), "a test");
    store.write(&on).await.unwrap();
    let live = live(&store).await;
    for _ in 0..200 {
        decide_and_tell(&live, ask, true, &shadow);
        if shadow.report().version == Some(2) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    decide_and_tell(&live, ask, true, &shadow);
    let report = shadow.report();
    assert_eq!(report.version, Some(2));
    assert!(report.skipped > 0 && report.newly_denied >= 2, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_told_at_once_and_later() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let org = |org: &str| Command::OrgStatus {
        org: org.into(),
        status: gatepost::Status::Suspended,
    };
    let refused = Shadow::of_commands(&store, [org("nowhere")])
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("nowhere"), "{refused}");

    let shadow = Shadow::of_commands(&store, [org("acme")]).await.unwrap();
    let gone = PolicyText::toml("version = 1\nresources.chat = [\"read\"]\n")
        .parse()
        .unwrap();
    store.import(&gone, ines(), "no orgs", None).await.unwrap();
    let live = live(&store).await;
    let ask = Ask(&READ, "alice", "acme");
    for _ in 0..200 {
        decide_and_tell(&live, ask, true, &shadow);
        if shadow.report().failed.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let report = shadow.report();
    assert!(report.failed.is_some() && report.compared == 0, "{report}");
    assert!(
        report
            .to_string()
            .contains("could not be made of the newest version")
    );
}
