//! The watcher, looked through by hand: no thread, no clock.

use std::fs;
use std::path::PathBuf;

use gatepost::{Gate, Health};
use tempfile::TempDir;

use super::*;

const FIRST: &str = "version = 1\n[subjects.alice]\nstatus = \"suspended\"\n";
const OTHER: &str = "version = 1\n[subjects.alice]\nstatus = \"active\"   \n";
const BROKEN: &str = "version = 1\n[subjects.alice]\nstatus = \"gone\"\n";

struct Fixture {
    _folder: TempDir,
    path: PathBuf,
    gate: Gate,
    watcher: Watcher,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.toml");
        fs::write(&path, FIRST).unwrap();
        let (gate, feed) = Gate::channel();
        let file = DocumentFile::new(&path, 1 << 20).unwrap();
        let watcher = Watcher::load(file, feed, Duration::from_millis(1)).unwrap();
        Self {
            _folder: folder,
            path,
            gate,
            watcher,
        }
    }

    fn write(&self, text: &str) {
        fs::write(&self.path, text).unwrap();
    }

    fn polls<const N: usize>(&mut self) -> [Option<Report>; N] {
        std::array::from_fn(|_| self.watcher.poll())
    }

    fn fault(&self) -> String {
        match self.gate.health() {
            Health::Degraded { fault, .. } => (*fault).clone(),
            other => panic!("{other:?} is not degraded"),
        }
    }
}

#[test]
fn a_change_is_applied_when_two_looks_saw_the_same() {
    let mut it = Fixture::new();
    assert_eq!(it.polls(), [None, None]);
    it.write(OTHER);
    assert_eq!(it.polls(), [None, Some(Report::Applied), None, None]);
    assert_eq!(it.gate.health(), Health::Ready { version: 2 });
}

#[test]
fn a_document_that_grows_between_looks_is_not_applied() {
    let mut it = Fixture::new();
    let lines: Vec<_> = ["# again\n", FIRST]
        .iter()
        .flat_map(|text| text.split_inclusive('\n'))
        .collect();
    for end in 0..=lines.len() {
        it.write(&lines[..end].concat());
        assert_eq!(it.polls(), [None], "{end} lines");
        assert_eq!(it.gate.health(), Health::Ready { version: 1 });
    }
    assert_eq!(it.polls(), [Some(Report::Applied)]);
}

#[test]
fn a_write_that_leaves_the_same_stamp_is_seen() {
    let mut it = Fixture::new();
    it.write(OTHER);
    // As if the stamp of the content before had been the one that the file has now.
    let stamp = it.watcher.file.open().unwrap().stamp;
    let digest = it.watcher.live;
    it.watcher.judged = Judged {
        sight: Ok(Mark { stamp, digest }),
        since: Instant::now(),
    };
    assert_eq!(it.polls(), [None, Some(Report::Applied)]);
}

#[test]
fn a_file_of_known_age_and_stamp_is_not_read_again() {
    let mut it = Fixture::new();
    let opened = it.watcher.file.open().unwrap();
    assert!(!it.watcher.is_judged(opened.stamp));
    it.watcher.judged.since = Instant::now().checked_sub(TICK).unwrap();
    assert!(it.watcher.is_judged(opened.stamp));
    it.write(OTHER);
    let opened = it.watcher.file.open().unwrap();
    assert!(!it.watcher.is_judged(opened.stamp));
}

#[test]
fn a_fault_is_told_once_and_another_again() {
    let mut it = Fixture::new();
    it.write(BROKEN);
    assert_eq!(it.polls(), [None, Some(Report::Refused), None, None]);
    let path = it.path.display().to_string();
    assert!(
        it.fault()
            .starts_with(&format!("{path}:3: `subjects.alice.status`: ")),
        "{}",
        it.fault()
    );

    // The same fault in other words.
    it.write(&format!("{BROKEN}# really\n"));
    assert_eq!(it.polls(), [None, None, None]);

    fs::remove_file(&it.path).unwrap();
    assert_eq!(it.polls(), [None, Some(Report::Refused), None]);
    it.write("");
    assert_eq!(it.polls(), [None, Some(Report::Refused), None]);
    assert!(it.fault().contains("version"), "{}", it.fault());

    it.write(FIRST);
    assert_eq!(it.polls(), [None, Some(Report::Restored), None]);
    assert_eq!(it.gate.health(), Health::Ready { version: 1 });
}

#[test]
fn a_file_that_never_settles_is_a_fault() {
    let mut it = Fixture::new();
    let told: Vec<_> = (0..2 * PATIENCE)
        .filter_map(|turn| {
            it.write(&format!("version = 1 # {turn}\n"));
            it.watcher.poll()
        })
        .collect();
    assert_eq!(told, [Report::Refused]);
    assert!(it.fault().ends_with("it keeps changing"));
    assert_eq!(it.gate.snapshot().unwrap().version(), 1);

    it.write(FIRST);
    assert_eq!(it.polls(), [None, Some(Report::Restored)]);
}

#[cfg(unix)]
#[test]
fn the_very_file_that_was_live_mends_the_fault_of_those_that_never_settled() {
    let mut it = Fixture::new();
    let folder = it.path.parent().unwrap().to_owned();
    let point_to = |name: &str| {
        fs::remove_file(&it.path).unwrap();
        std::os::unix::fs::symlink(folder.join(name), &it.path).unwrap();
    };
    fs::write(folder.join("good"), FIRST).unwrap();
    point_to("good");
    for _ in 0..3 {
        assert_eq!(it.watcher.poll(), None);
    }
    for turn in 0..PATIENCE {
        let name = turn.to_string();
        fs::write(folder.join(&name), format!("version = 1 # {turn}\n")).unwrap();
        point_to(&name);
        let told = (turn + 1 == PATIENCE).then_some(Report::Refused);
        assert_eq!(it.watcher.poll(), told);
    }
    point_to("good");
    assert_eq!(it.watcher.poll(), None);
    assert_eq!(it.watcher.poll(), Some(Report::Restored));
}

#[test]
fn a_panic_is_a_fault_and_the_next_change_is_still_seen() {
    let mut it = Fixture::new();
    let told = it.watcher.guarded(|_| panic!("as a bug would"));
    assert_eq!(told, Some(Report::Refused));
    assert!(it.fault().contains("panicked"));
    it.write(OTHER);
    assert_eq!(it.polls(), [None, Some(Report::Applied)]);
    assert_eq!(it.gate.health(), Health::Ready { version: 2 });
}

#[test]
fn the_thread_ends_with_the_last_clone_of_the_gate() {
    let it = Fixture::new();
    let thread = it.watcher.start().unwrap();
    let clone = it.gate.clone();
    drop(it.gate);
    thread::sleep(Duration::from_millis(20));
    assert!(!thread.is_finished());
    drop(clone);
    let begun = Instant::now();
    while !thread.is_finished() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it runs on");
        thread::yield_now();
    }
    thread.join().unwrap();
}
