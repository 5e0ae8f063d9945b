use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use super::{JsonLines, LogLine, Sink};
use crate::log::DecisionLog;
use crate::read::LogReader;
use crate::testing::{Kept, refuse};

/// Lines of real decisions, each of another one.
fn lines(count: usize) -> Vec<LogLine> {
    let kept = Kept::default();
    let log = DecisionLog::builder("web")
        .sink("kept", kept.clone())
        .lines_a_second(1_000_000, 1_000_000);
    let log = log.build().unwrap();
    refuse(&log, count);
    assert!(log.flush(Duration::from_secs(20)));
    kept.lines()
}

fn ids(path: &Path) -> Vec<String> {
    let records = LogReader::open(path).unwrap();
    records.map(|record| record.unwrap().decision_id).collect()
}

fn ids_of(lines: &[LogLine]) -> Vec<String> {
    let ids = lines.iter().map(|line| line.record.decision_id.clone());
    ids.collect()
}

#[test]
fn a_file_is_rotated_by_size_and_the_oldest_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("decisions.jsonl");
    let lines = lines(100);
    let longest = lines.iter().map(|line| line.text.len() + 1).max().unwrap() as u64;
    let mut sink = JsonLines::open(&path).unwrap().rotate(10 * longest, 3);
    // Some at once, more than a file holds, and one at a time.
    sink.write(&lines[..25]).unwrap();
    for line in &lines[25..] {
        sink.write(std::slice::from_ref(line)).unwrap();
        sink.sync().unwrap();
    }
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["decisions.jsonl", "decisions.jsonl.1", "decisions.jsonl.2"]
    );
    for name in names {
        let there = fs::metadata(folder.path().join(name)).unwrap();
        assert!(there.len() <= 10 * longest);
        assert_eq!(
            there.permissions().mode() & 0o007,
            0,
            "nobody else reads it"
        );
    }
    let kept = ids(&path);
    assert!((20..=33).contains(&kept.len()), "{}", kept.len());
    assert_eq!(kept, ids_of(&lines[100 - kept.len()..]));
    // It goes on where it was.
    drop(sink);
    let mut sink = JsonLines::open(&path).unwrap();
    sink.write(&lines[..1]).unwrap();
    assert_eq!(ids(&path).last(), ids_of(&lines[..1]).last());
}

#[test]
fn one_file_alone_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("decisions.jsonl");
    let lines = lines(3);
    let mut sink = JsonLines::open(&path).unwrap().rotate(1, 1);
    sink.write(&lines).unwrap();
    assert_eq!(ids(&path), ids_of(&lines[2..]));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_somebody_else_renamed_is_left_and_a_new_one_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("decisions.jsonl");
    let lines = lines(3);
    let mut sink = JsonLines::open(&path).unwrap();
    sink.write(&lines[..1]).unwrap();
    fs::rename(&path, folder.path().join("away")).unwrap();
    sink.write(&lines[1..2]).unwrap();
    // Whoever renames may have put an empty one in its place.
    fs::rename(&path, folder.path().join("second")).unwrap();
    fs::write(&path, "").unwrap();
    sink.write(&lines[2..]).unwrap();
    assert_eq!(ids(&path), ids_of(&lines[2..]));
    assert_eq!(ids(&folder.path().join("second")), ids_of(&lines[1..2]));
    assert_eq!(ids(&folder.path().join("away")), ids_of(&lines[..1]));
}

#[test]
fn half_a_line_that_the_power_left_spoils_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("decisions.jsonl");
    fs::write(&path, "{\"schema\":1,\"deci").unwrap();
    let lines = lines(1);
    let mut sink = JsonLines::open(&path).unwrap();
    sink.write(&lines).unwrap();
    let mut read = LogReader::open(&path).unwrap();
    let error = read.next().unwrap().unwrap_err().to_string();
    assert!(error.starts_with("line 1 of `"), "{error}");
    let record = read.next().unwrap().unwrap();
    assert_eq!(record, lines[0].record);
    assert!(read.next().is_none());
}

#[test]
fn a84_a_full_disk_is_an_error_and_is_not_rotated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("decisions.jsonl");
    std::os::unix::fs::symlink("/dev/full", &path).unwrap();
    let mut sink = JsonLines::open(&path).unwrap().rotate(1, 3);
    for _ in 0..3 {
        let error = sink.write(&lines(2)).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    }
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    // When there is room again.
    fs::remove_file(&path).unwrap();
    let lines = lines(2);
    sink.write(&lines).unwrap();
    assert_eq!(ids(&path), ids_of(&lines));
}

#[test]
fn a_line_that_is_no_record_is_told_and_the_next_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("decisions.jsonl");
    let lines = lines(2);
    let huge = "x".repeat(1 << 20);
    let newer = lines[0].text.replacen('{', "{\"of_a_newer_release\":1,", 1);
    let text = format!(
        "{huge}\n\n{}\n{newer}\n\u{0}\u{1b}\n{}\n{huge}",
        lines[0].text, lines[1].text
    );
    fs::write(&path, text).unwrap();
    fs::write(folder.path().join("decisions.jsonl.1"), [0xff, b'\n']).unwrap();
    let read: Vec<_> = LogReader::open(&path).unwrap().collect();
    let told: Vec<String> = read
        .iter()
        .map(|line| match line {
            Ok(record) => record.decision_id.clone(),
            Err(error) => error.to_string().split('`').next().unwrap().to_owned(),
        })
        .collect();
    let [first, second] = [&lines[0], &lines[1]].map(|line| line.record.decision_id.as_str());
    assert_eq!(
        told,
        [
            "line 1 of ",
            "line 1 of ",
            first,
            "line 4 of ",
            "line 5 of ",
            second,
            "line 7 of "
        ]
    );
    assert!(
        read[0]
            .as_ref()
            .unwrap_err()
            .to_string()
            .contains("jsonl.1")
    );
}

#[cfg(feature = "store")]
#[tokio::test(flavor = "multi_thread")]
async fn a_journal_in_a_store_has_committed_what_it_says() {
    use gatepost_enforce::{Journal, Verdict};
    use gatepost_store::{DecisionFilter, DecisionRetention, PolicyStore, StoreUrl};
    use tokio::runtime::Handle;

    use crate::testing::{CREATE, allowed, asked, decided, facts, subject};

    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::sqlite(folder.path().join("policy.db"));
    let store = PolicyStore::init(&url).await.unwrap();
    let sink = super::StoreSink::new(store, Handle::current());
    let sink = sink.keep(DecisionRetention::default().newest(3));
    let log = DecisionLog::builder("web").sink("store", sink);
    let log = log.journal_wait(Duration::from_secs(10)).build().unwrap();
    let beside = PolicyStore::open(&url).await.unwrap();
    for _ in 0..5 {
        let asked = asked(&CREATE, Some(subject("olga")), "acme");
        let permit = allowed(&facts(), &asked);
        let told = decided(Verdict::Allow(&permit), &asked);
        Journal::write(&log, &told).await.unwrap();
        let id = permit.decision().to_string();
        let filter = DecisionFilter::default()
            .decision(&id)
            .subject("olga")
            .org("acme");
        let filter = filter.resource("chat").action("create").outcome("allow");
        let found = beside.decisions(&filter).await.unwrap();
        assert_eq!(found.len(), 1);
        let record: crate::LogRecord = serde_json::from_str(&found[0].record).unwrap();
        assert_eq!(record.decision_id, id);
    }
    let all = beside.decisions(&DecisionFilter::default()).await.unwrap();
    assert_eq!(all.len(), 3);
}
