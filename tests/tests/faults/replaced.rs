//! An SQLite file that another one takes the place of, and one that may not be read.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::process::Command;
use std::time::Duration;

use gatepost_tests::faults::history::Decision;
use gatepost_tests::faults::policy::Toggle;
use gatepost_tests::faults::replicas::ReplicaProcess;
use gatepost_tests::faults::rig::Rig;

use crate::start;

/// An account without privileges, as Debian numbers it.
const NOBODY: u32 = 65_534;

#[test]
fn an_older_copy_in_the_place_of_the_file_closes_until_it_is_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.db");
    let url = format!("sqlite:{}", file.display());
    let mut rig = Rig::new("SQLite, file replaced", &url, start(&url));
    rig.begin(rig.scale.either(4, 8));
    rig.calm();
    rig.write_no_more();
    for toggle in Toggle::ALL {
        rig.book.turn(toggle, true).unwrap();
    }
    let copy = folder.path().join("copy.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    let into = format!("VACUUM INTO '{}'", copy.display());
    connection.execute_batch(&into).unwrap();
    drop(connection);
    let policy = rig.book.policy();
    for toggle in &Toggle::ALL[..3] {
        rig.book.turn(*toggle, false).unwrap();
    }
    rig.await_newest(Duration::from_secs(2));
    rig.broken();
    // The log belongs to the file that it was written for.
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", file.display()));
    }
    fs::rename(&copy, &file).unwrap();
    std::thread::sleep(rig.scale.lease() + Duration::from_millis(1_500));
    assert!(
        rig.all_closed(),
        "open behind an older file\n{}",
        rig.said()
    );
    let store = rig.book.store().open(&url).unwrap();
    rig.recover(store, policy);
    rig.write_again();
    rig.calm();
    rig.finish();
}

#[test]
fn a_file_that_may_not_be_read_any_more_is_decided_by_no_longer_than_it_is_known() {
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.db");
    let url = format!("sqlite:{}", file.display());
    let mut replicas = start(&url);
    if root {
        // Root may read everything, so replicas are somebody else.
        let nobody = format!("--reuid={NOBODY}");
        let group = format!("--regid={NOBODY}");
        let by = ["setpriv", &nobody, &group, "--clear-groups"];
        let there = Command::new("setpriv").arg("--version").output();
        assert!(there.is_ok(), "`setpriv` is needed: install util-linux");
        replicas.by = by.map(str::to_owned).to_vec();
    }
    let mut rig = Rig::new("SQLite, chmod 000", &url, replicas);
    let modes = |mode: u32| {
        for entry in fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            if root {
                chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
    };
    if root {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    modes(0o644);
    rig.begin(rig.scale.either(2, 8));
    rig.calm();
    rig.write_no_more();
    rig.broken();
    modes(0o000);
    std::thread::sleep(rig.scale.outage());
    // What is open stays readable; what is opened now is not.
    let late = ReplicaProcess::start(rig.start(), "late", folder.path());
    std::thread::sleep(Duration::from_millis(500));
    assert!(late.decisions().iter().all(Decision::is_error));
    drop(late);
    modes(0o644);
    rig.healed();
    rig.write_again();
    rig.calm();
    rig.finish();
}
