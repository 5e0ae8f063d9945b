//! A file that is not what it should be, or is not there any more.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use gatepost::SiteSwitch;
use gatepost_store::{HistoryFilter, PolicyStore, StoreError, StoreErrorKind, StoreUrl};

use crate::place::{Place, ines, policy, run};
use crate::texts::{kill, site};

#[test]
fn only_the_account_that_made_it_reads_it() {
    run(async {
        let place = Place::sqlite();
        let _store = place.with(&policy()).await;
        let file = place.url().file().unwrap().display().to_string();
        for end in ["", "-wal", "-shm"] {
            let mode = fs::metadata(format!("{file}{end}"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{end}");
        }
    });
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let url = StoreUrl::sqlite(folder.path().join("none/policy.db"));
        let error = PolicyStore::init(&url).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unreachable);
        assert!(
            error.to_string().ends_with("the folder is not there"),
            "{error}"
        );
        let error = PolicyStore::init(&StoreUrl::sqlite(folder.path())).await;
        assert!(error.unwrap_err().to_string().ends_with("is no file"));
    });
}

#[test]
fn what_is_no_database_is_left_as_it_is() {
    run(async {
        let place = Place::sqlite();
        let file = place.url().file().unwrap().to_owned();
        for text in ["version = 1\n".repeat(100), "x".to_owned()] {
            fs::write(&file, &text).unwrap();
            for error in [
                PolicyStore::open(&place.url()).await.unwrap_err(),
                PolicyStore::init(&place.url()).await.unwrap_err(),
            ] {
                assert_eq!(error.kind(), StoreErrorKind::Unsound, "{error}");
                assert!(
                    error.to_string().ends_with("is no SQLite database"),
                    "{error}"
                );
            }
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
    });
}

/// Whatever bytes are others: an answer or an error, and never a panic.
#[test]
fn a_damaged_file_is_an_error_or_an_answer() {
    run(async {
        let place = Place::sqlite();
        drop(place.with(&policy()).await);
        let file = place.url().file().unwrap().to_owned();
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        place.connection().execute_batch(checkpoint).unwrap();
        let sound = fs::read(&file).unwrap();
        let mut rng = fastrand::Rng::with_seed(7);
        let mut errors = 0;
        for _ in 0..150 {
            let mut bytes = sound.clone();
            for _ in 0..rng.usize(1..200) {
                let at = rng.usize(..bytes.len());
                bytes[at] = rng.u8(..);
            }
            if rng.bool() {
                bytes.truncate(rng.usize(..bytes.len()));
            }
            let folder = tempfile::tempdir().unwrap();
            let url = StoreUrl::sqlite(folder.path().join("policy.db"));
            fs::write(url.file().unwrap(), bytes).unwrap();
            let done = all(&url).await;
            if let Err(error) = &done {
                assert!(!error.to_string().contains("given up"), "{error}");
            }
            errors += usize::from(done.is_err());
        }
        assert!(errors > 50, "{errors}");
    });
}

async fn all(url: &StoreUrl) -> Result<(), StoreError> {
    let store = PolicyStore::open(url).await?;
    store.export().await?;
    store.history(None, 10, &HistoryFilter::default()).await?;
    store.memberships_of("olga").await?;
    store.write(&kill("chat")).await?;
    store.recover(ines(), "damaged").await.map(drop)
}

#[test]
fn another_file_in_its_place_is_another_store() {
    run(async {
        let (place, other) = (Place::sqlite(), Place::sqlite());
        let store = place.with(&policy()).await;
        store.write(&kill("chat")).await.unwrap();
        let made = other.init().await;
        let lineage = made.head().await.unwrap().lineage;
        other
            .connection()
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
            .unwrap();
        drop(made);
        let file = place.url().file().unwrap().display().to_string();
        for end in ["-wal", "-shm"] {
            fs::remove_file(format!("{file}{end}")).unwrap();
        }
        fs::rename(other.url().file().unwrap(), &file).unwrap();
        assert_eq!(store.head().await.unwrap().lineage, lineage);
        fs::remove_file(&file).unwrap();
        for error in [
            store.head().await.unwrap_err(),
            store.write(&kill("chat")).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), StoreErrorKind::Missing, "{error}");
        }
        assert!(!fs::exists(&file).unwrap());
    });
}

#[test]
fn who_holds_the_lock_is_not_waited_for_for_ever() {
    run(async {
        let place = Place::sqlite();
        let store = place.with(&policy()).await;
        let other = place.connection();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let begun = Instant::now();
        let error = store.write(&kill("chat")).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Busy, "{error}");
        assert!(begun.elapsed() < Duration::from_secs(7));
        // Who only reads does not wait.
        assert_eq!(store.export().await.unwrap(), (1, policy()));
        other.execute_batch("ROLLBACK").unwrap();
        assert_eq!(store.write(&kill("chat")).await.unwrap().version, 2);
    });
}

/// A disk of half a mebibyte, where this account may mount one.
#[test]
fn a_full_disk_holds_all_of_a_change_or_nothing() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if !mount.is_ok_and(|status| status.success()) {
            return;
        }
        let filled = tokio::spawn(fill(folder.path().to_owned())).await;
        let mut unmount = Command::new("umount");
        assert!(
            unmount
                .arg("-l")
                .arg(folder.path())
                .status()
                .unwrap()
                .success()
        );
        filled.unwrap();
    });
}

async fn fill(folder: std::path::PathBuf) {
    let url = StoreUrl::sqlite(folder.join("policy.db"));
    let store = PolicyStore::init(&url).await.unwrap();
    store.import(&policy(), ines(), "seed", None).await.unwrap();
    let mut large = policy();
    let acme = large.orgs.get_mut("acme").unwrap();
    let member = acme.members["olga"].clone();
    let members = (0..50_000).map(|number| (format!("u{number}"), member.clone()));
    acme.members.extend(members);
    let error = store
        .import(&large, ines(), "grown", None)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(store.export().await.unwrap(), (1, policy()));
    // What is left of the disk is taken.
    fs::write(folder.join("rest"), vec![0; 1 << 20]).unwrap_err();
    let (mut failed, mut version) = (0, 1);
    for turn in 0..200 {
        let to = [SiteSwitch::Off, SiteSwitch::On][turn % 2];
        match store.write(&site("chat", to)).await {
            Ok(committed) => version = committed.version,
            Err(_) => failed += 1,
        }
    }
    assert!(failed > 0);
    assert_eq!(store.head().await.unwrap().version, version);
    let all = HistoryFilter::default();
    let history = store.history(None, usize::MAX, &all).await.unwrap();
    assert_eq!(u64::try_from(history.len()).unwrap(), version);
    // With room again, it goes on.
    let mut larger = Command::new("mount");
    larger.args(["-o", "remount,size=4m"]).arg(&folder);
    assert!(larger.status().unwrap().success());
    store.write(&kill("agent")).await.unwrap();
    assert_eq!(store.export().await.unwrap().0, version + 1);
}

#[test]
fn where_nothing_may_be_written_is_told() {
    run(async {
        let place = Place::sqlite();
        drop(place.with(&policy()).await);
        let file = place.url().file().unwrap().to_owned();
        let folder = file.parent().unwrap().to_owned();
        let mode = |path: &std::path::Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        mode(&file, 0o400);
        mode(&folder, 0o500);
        let bound = fs::write(folder.join("probe"), "").is_err();
        let opened = PolicyStore::open(&place.url()).await;
        mode(&folder, 0o700);
        // Root is bound by no mode.
        if bound {
            let error = opened.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
        }
    });
}
