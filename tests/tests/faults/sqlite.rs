//! Many processes on one SQLite file.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use gatepost_tests::faults::policy::Toggle;
use gatepost_tests::faults::rig::Rig;
use gatepost_tests::faults::writer::now;
use gatepost_tests::postgres::wait_for;
use tempfile::TempDir;

use crate::start;

/// A run on a new file.
fn rig(name: &str, folder: &TempDir) -> Rig {
    let url = format!("sqlite:{}", file(folder).display());
    let mut rig = Rig::new(name, &url, start(&url));
    let replicas = rig.scale.either(4, 8);
    rig.begin(replicas);
    rig
}

fn file(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("policy.db")
}

#[test]
fn checkpoints_of_the_log_disturb_no_reader() {
    let folder = tempfile::tempdir().unwrap();
    let mut rig = rig("SQLite, checkpoints", &folder);
    rig.write_again();
    let other = rusqlite::Connection::open(file(&folder)).unwrap();
    other.busy_timeout(Duration::from_secs(1)).unwrap();
    let lasts = rig
        .scale
        .either(Duration::from_secs(1), Duration::from_secs(10));
    let began = Instant::now();
    while began.elapsed() < lasts {
        for how in ["PASSIVE", "FULL", "RESTART", "TRUNCATE"] {
            let checkpoint = format!("PRAGMA wal_checkpoint({how})");
            other.query_row(&checkpoint, [], |_| Ok(())).unwrap();
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    rig.finish();
}

#[test]
fn a_writer_that_is_killed_half_way_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig("SQLite, writer killed", &folder);
    for _ in 0..rig.scale.either(3, 20) {
        std::thread::sleep(Duration::from_millis(150));
        let ready = rig.path("ready");
        let mut half = Command::new(env!("CARGO_BIN_EXE_half_writer"));
        half.arg(file(&folder)).arg(&ready);
        let mut half = half.stdin(Stdio::null()).spawn().unwrap();
        let written = wait_for(Duration::from_secs(5), || ready.exists());
        std::thread::sleep(Duration::from_millis(50));
        half.kill().unwrap();
        half.wait().unwrap();
        assert!(written, "it did not get as far");
        std::fs::remove_file(&ready).unwrap();
        let asked = Instant::now();
        rig.book.turn(Toggle::SiteSwitch, false).unwrap();
        rig.book.turn(Toggle::SiteSwitch, true).unwrap();
        assert!(
            asked.elapsed() < Duration::from_secs(1),
            "{:?}",
            asked.elapsed()
        );
    }
    rig.finish();
}

/// Moves the file, with its log and its index, from one name to another.
fn moved(from: &Path, to: &Path) {
    for end in ["", "-wal", "-shm"] {
        let name = |path: &Path| format!("{}{end}", path.display());
        let _ = std::fs::rename(name(from), name(to));
    }
}

#[test]
fn a_file_that_is_taken_away_closes_and_is_followed_again_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut rig = rig("SQLite, file deleted", &folder);
    let (here, away) = (file(&folder), folder.path().join("away"));
    for _ in 0..rig.scale.rounds() {
        rig.calm();
        rig.write_no_more();
        rig.broken();
        moved(&here, &away);
        std::thread::sleep(rig.scale.outage());
        assert!(rig.all_closed(), "open without a store\n{}", rig.said());
        moved(&away, &here);
        rig.healed_at(now());
        rig.write_again();
    }
    rig.finish();
}
