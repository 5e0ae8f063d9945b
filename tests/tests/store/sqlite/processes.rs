//! Several processes write into one file; one of them is killed.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use gatepost::{OrgDocument, OrgSwitch, PolicyDocument};
use gatepost_store::{HistoryFilter, PolicyStore, StoreUrl};

use crate::place::{Place, policy, run};
use crate::texts::org;

/// Where another process of this test is to write, and what.
const FILE: &str = "GATEPOST_TEST_FILE";
const ORG: &str = "GATEPOST_TEST_ORG";
const EACH: usize = 25;

/// What the other processes do; by itself it does nothing.
#[test]
fn another_process() {
    let (Ok(file), Ok(id)) = (std::env::var(FILE), std::env::var(ORG)) else {
        return;
    };
    run(async {
        let store = PolicyStore::init(&StoreUrl::sqlite(file)).await.unwrap();
        for turn in 0..EACH {
            let to = [OrgSwitch::Off, OrgSwitch::On][turn % 2];
            store.write(&org(&id, "chat", Some(to))).await.unwrap();
        }
    });
}

fn start(place: &Place, id: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sqlite::processes::another_process"])
        .env(FILE, place.url().file().unwrap())
        .env(ORG, id)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn orgs() -> PolicyDocument {
    let mut document = policy();
    for process in 0..4 {
        let id = format!("o{process}");
        document.orgs.insert(id, OrgDocument::default());
    }
    document
}

#[test]
fn processes_take_turns() {
    run(async {
        let place = Place::sqlite();
        let store = place.with(&orgs()).await;
        let processes: Vec<Child> = (0..4).map(|id| start(&place, &format!("o{id}"))).collect();
        for mut process in processes {
            assert!(process.wait().unwrap().success());
        }
        let last = u64::try_from(4 * EACH + 1).unwrap();
        assert_eq!(store.head().await.unwrap().version, last);
        let history = store
            .history(None, usize::MAX, &HistoryFilter::default())
            .await;
        let versions = history.unwrap().into_iter().map(|record| record.version);
        assert!(versions.eq(1..=last));
    });
}

#[test]
fn a_process_that_is_killed_leaves_nothing_half_written() {
    run(async {
        let place = Place::sqlite();
        let store = place.with(&orgs()).await;
        for round in 0..6 {
            let mut process = start(&place, &format!("o{}", round % 4));
            tokio::time::sleep(Duration::from_millis(30 + 25 * round)).await;
            process.kill().unwrap();
            process.wait().unwrap();
        }
        let (version, _) = store.export().await.unwrap();
        let history = store
            .history(None, usize::MAX, &HistoryFilter::default())
            .await;
        let history = history.unwrap();
        assert!(history.iter().map(|record| record.version).eq(1..=version));
        assert!(history[1..].iter().all(|record| record.effects.len() == 1));
    });
}
