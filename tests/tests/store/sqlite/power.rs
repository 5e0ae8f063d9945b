//! The power fails: what stands on the disk at that moment is what there is.
//!
//! A copy of the files, taken while no checkpoint moved anything, with the end of the log
//! cut off or torn, stands for the disk: SQLite only appends to the log. A copy whose log
//! is whole holds everything that was acknowledged before it was taken; of a torn
//! one, it is only known that what it holds is a version with that version's policy.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gatepost::{OrgSwitch, PolicyDocument};
use gatepost_store::{HistoryFilter, PolicyStore, StoreErrorKind, StoreUrl};

use crate::place::{Place, policy, run};
use crate::texts::org;

/// What version `version` says: acme's switch goes off and on.
fn switch(version: u64) -> OrgSwitch {
    if version.is_multiple_of(2) {
        OrgSwitch::Off
    } else {
        OrgSwitch::On
    }
}

fn at(version: u64) -> PolicyDocument {
    let mut document = policy();
    if version > 1 {
        let acme = document.orgs.get_mut("acme").unwrap();
        acme.gates.entry("chat".into()).or_default().switch = Some(switch(version));
    }
    document
}

#[test]
fn after_a_power_cut_there_is_a_version_that_was_written_and_its_policy() {
    run(async {
        let place = Place::sqlite();
        let store = place.with(&policy()).await;
        let acknowledged = Arc::new(AtomicU64::new(1));
        let done = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn(write(store, Arc::clone(&acknowledged), Arc::clone(&done)));
        let file = place.url().file().unwrap().to_owned();
        let mut rng = fastrand::Rng::with_seed(11);
        for _ in 0..60 {
            let (least, main, log) = loop {
                let least = acknowledged.load(Ordering::SeqCst);
                if let Some((main, log)) = image(&file) {
                    break (least, main, log);
                }
            };
            let most = acknowledged.load(Ordering::SeqCst) + 1;
            let found = recovered(&main, &log).await;
            assert!((least..=most).contains(&found), "{least} {found} {most}");
            for _ in 0..2 {
                let mut log = log.clone();
                log.truncate(rng.usize(..=log.len()));
                if rng.bool() {
                    let from = log.len().saturating_sub(rng.usize(..2000));
                    log[from..].fill_with(|| rng.u8(..));
                }
                let found = recovered(&main, &log).await;
                assert!(found <= most, "{found} {most}");
            }
        }
        done.store(true, Ordering::Relaxed);
        writer.await.unwrap();
        assert!(acknowledged.load(Ordering::Relaxed) > 20);
    });
}

async fn write(store: PolicyStore, acknowledged: Arc<AtomicU64>, done: Arc<AtomicBool>) {
    while !done.load(Ordering::Relaxed) {
        let next = switch(acknowledged.load(Ordering::SeqCst) + 1);
        let committed = store.write(&org("acme", "chat", Some(next))).await.unwrap();
        acknowledged.store(committed.version, Ordering::SeqCst);
    }
}

/// The database and its log, if no checkpoint moved anything while they were copied.
fn image(file: &Path) -> Option<(Vec<u8>, Vec<u8>)> {
    let wal = format!("{}-wal", file.display());
    let before = fs::read(file).unwrap();
    let log = fs::read(&wal).unwrap();
    let main = fs::read(file).unwrap();
    // The log's head is another after it began anew.
    let again = fs::read(&wal).unwrap();
    let still = before == main && log.len() > 32 && again.get(..32) == log.get(..32);
    still.then_some((main, log))
}

/// The version that is there after a start, which holds that version's policy; 0 where there is none yet.
async fn recovered(main: &[u8], log: &[u8]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::sqlite(folder.path().join("policy.db"));
    let file = url.file().unwrap();
    fs::write(file, main).unwrap();
    fs::write(format!("{}-wal", file.display()), log).unwrap();
    let store = match PolicyStore::open(&url).await {
        Ok(store) => store,
        // All was in the log still, the tables too.
        Err(error) => {
            assert_eq!(error.kind(), StoreErrorKind::Missing, "{error}");
            return 0;
        }
    };
    let (version, document) = store.export().await.unwrap();
    if version == 0 {
        return 0;
    }
    assert_eq!(document, at(version), "version {version}");
    let history = store
        .history(None, usize::MAX, &HistoryFilter::default())
        .await;
    assert_eq!(u64::try_from(history.unwrap().len()).unwrap(), version);
    // It goes on from there.
    let next = org("acme", "chat", Some(switch(version + 1)));
    assert_eq!(store.write(&next).await.unwrap().version, version + 1);
    version
}
