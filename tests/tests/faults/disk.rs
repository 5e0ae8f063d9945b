//! A disk that is full.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gatepost_tests::faults::rig::Rig;
use gatepost_tests::postgres::Stop;

use crate::{cluster, rig, start};

/// A small disk, taken away when it is dropped.
struct Disk(PathBuf);

impl Disk {
    /// A disk of so many MiB at a folder that is there.
    fn at(folder: &Path, size: u32) -> Self {
        let options = format!("size={size}m,mode=0777");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "gatepost-faults"]);
        let mounted = mount.arg(folder).output();
        assert!(
            mounted
                .as_ref()
                .is_ok_and(|mounted| mounted.status.success()),
            "a full disk needs root, to mount a small one: {mounted:?}"
        );
        Self(folder.to_owned())
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    fn fill(&self) {
        let mut filler = File::create(self.filler()).unwrap();
        let block = vec![1; 64 * 1_024];
        while filler.write_all(&block).is_ok() {}
        while filler.write_all(&[1]).is_ok() {}
    }

    fn empty(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

/// Fills the disk while the policy is changed; whether a write failed meanwhile.
fn filled(rig: &mut Rig, disk: &Disk, whole_again: impl Fn()) -> bool {
    let before = rig.book.failures();
    rig.calm();
    rig.broken();
    disk.fill();
    std::thread::sleep(rig.scale.outage());
    let failed = rig.book.failures() > before;
    disk.empty();
    whole_again();
    rig.healed();
    failed
}

#[test]
fn a_server_without_disk_space_takes_no_change_and_loses_none() {
    let cluster = cluster(&[("min_wal_size", "32MB"), ("max_wal_size", "32MB")]);
    cluster.stop(Stop::Fast);
    let data = cluster.data();
    let saved = data.with_extension("saved");
    let owner = fs::metadata(&data).unwrap();
    fs::rename(&data, &saved).unwrap();
    fs::create_dir(&data).unwrap();
    let disk = Disk::at(&data, 160);
    let copied = Command::new("cp")
        .arg("-a")
        .arg(saved.join("."))
        .arg(&data)
        .status();
    assert!(copied.unwrap().success());
    fs::remove_dir_all(&saved).unwrap();
    chown(&data, Some(owner.uid()), Some(owner.gid())).unwrap();
    fs::set_permissions(&data, owner.permissions()).unwrap();
    cluster.begin();

    let mut rig = rig("disk full", &cluster);
    rig.begin(rig.scale.replicas());
    let serves = || cluster.try_sql("postgres", "SELECT 1").is_ok();
    let mut failed = false;
    for _ in 0..rig.scale.rounds() {
        failed |= filled(&mut rig, &disk, || {
            // It may have given up, as it does where the log of what was committed cannot be written.
            if !gatepost_tests::postgres::wait_for(Duration::from_secs(5), serves) {
                cluster.restart(Stop::Immediate);
            }
        });
    }
    eprintln!("disk full: writes failed meanwhile: {failed}");
    rig.finish();
    cluster.stop(Stop::Immediate);
    drop(disk);
}

#[test]
fn an_sqlite_file_without_disk_space_takes_no_change_and_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::at(folder.path(), 4);
    let url = format!("sqlite:{}", folder.path().join("policy.db").display());
    let mut rig = Rig::new("SQLite, disk full", &url, start(&url));
    rig.begin(rig.scale.either(3, 8));
    let mut failed = false;
    for _ in 0..rig.scale.rounds() {
        failed |= filled(&mut rig, &disk, || {});
    }
    assert!(failed, "every change was written, on a disk that was full");
    rig.finish();
    drop(disk);
}
