//! A document in a real file, changed in every way that files are changed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

mod fixture;

use std::fs::{self, File};
use std::io::Write;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use fixture::{FAST, Log, Place, logged, until};
use gatepost::{Gate, Health};
use gatepost_store::{StoreErrorKind, WatchedDocument};

const READY_1: Health = Health::Ready { version: 1 };
const READY_2: Health = Health::Ready { version: 2 };

/// A sound document that declares this one action.
fn declaring(action: &str) -> String {
    format!("version = 1\n[resources]\nchat = [\"{action}\"]\n")
}

/// Waits until the action is live as this version.
fn until_live(gate: &Gate, action: &str, version: u64) {
    until(action, || gate.health() == Health::Ready { version });
    assert_eq!(gate.read(|facts| facts.declares("chat", action)), Ok(true));
}

/// Waits until the gate is degraded with this in the fault, and hands the fault back.
fn until_fault(gate: &Gate, version: u64, part: &str) -> String {
    let mut found = String::new();
    until(part, || match gate.health() {
        Health::Degraded {
            version: kept,
            fault,
        } => {
            assert_eq!(kept, version);
            found.clone_from(&fault);
            found.contains(part)
        }
        _ => false,
    });
    found
}

/// Long enough for the watcher to act on what it sees.
fn several_looks() {
    thread::sleep(FAST * 6);
}

#[test]
fn a_first_load_that_fails_names_the_file_and_each_problem_with_its_line() {
    let place = Place::new();
    let path = place.write(
        "version = 1\n[site.gates.chat]\nswitch = \"on\"\n[site.gates.agent]\nswitch = \"on\"\n",
    );
    let error = WatchedDocument::open(&path).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert_eq!(error.problems().len(), 2);
    let name = path.display();
    assert_eq!(
        error.to_string(),
        format!(
            "{name}:4: `site.gates.agent`: no resource `agent` is declared; \
             {name}:2: `site.gates.chat`: no resource `chat` is declared"
        )
    );
}

#[test]
fn a_first_load_fails_on_what_is_no_document() {
    let place = Place::new();
    let path = place.path();
    let kind = || {
        WatchedDocument::options()
            .interval(FAST)
            .limit(64)
            .open(&path)
            .unwrap_err()
            .kind()
    };
    assert_eq!(kind(), StoreErrorKind::Unreadable, "missing");
    fs::create_dir(&path).unwrap();
    assert_eq!(kind(), StoreErrorKind::Unreadable, "a folder");
    fs::remove_dir(&path).unwrap();
    place.write("");
    assert_eq!(kind(), StoreErrorKind::Refused, "empty");
    fs::write(&path, b"version = 1\n# \xff\n").unwrap();
    assert_eq!(kind(), StoreErrorKind::Refused, "not UTF-8");
    place.write(" ".repeat(65));
    assert_eq!(kind(), StoreErrorKind::TooLarge, "too large");
    assert_eq!(
        WatchedDocument::open("").unwrap_err().kind(),
        StoreErrorKind::Unreadable
    );
}

#[test]
fn a_document_may_be_json() {
    let place = Place::new();
    let path = place.folder().join("policy.json");
    fs::write(&path, r#"{"version": 1, "resources": {"chat": ["read"]}}"#).unwrap();
    let policy = WatchedDocument::options()
        .interval(FAST)
        .open(&path)
        .unwrap();
    assert_eq!(policy.path(), path);
    assert_eq!(policy.health(), READY_1);
    fs::write(
        &path,
        r#"{"version": 1, "resources": {"chat": ["read", "delete"]}}"#,
    )
    .unwrap();
    until_live(&policy.gate(), "delete", 2);
}

#[test]
fn an_edit_in_place_is_live() {
    let place = Place::new();
    let gate = place.open(&declaring("read"));
    place.write(declaring("delete"));
    until_live(&gate, "delete", 2);
    assert_eq!(gate.read(|facts| facts.declares("chat", "read")), Ok(false));
}

#[test]
fn a_change_is_live_within_half_a_second_by_default() {
    let place = Place::new();
    place.write(declaring("a"));
    let gate = WatchedDocument::open(place.path()).unwrap().gate();
    // The best of three, since the machine may be busy with other tests.
    let quickest = (2..5).map(|version| {
        let begun = Instant::now();
        place.write(declaring(&format!("a{version}")));
        until_live(&gate, &format!("a{version}"), version);
        begun.elapsed()
    });
    let quickest = quickest.min().unwrap();
    assert!(quickest < Duration::from_millis(500), "{quickest:?}");
}

#[test]
fn a_file_renamed_over_it_is_live() {
    let place = Place::new();
    let gate = place.open(&declaring("read"));
    for (version, action) in [(2, "update"), (3, "delete")] {
        place.replace(declaring(action));
        until_live(&gate, action, version);
    }
}

#[cfg(unix)]
#[test]
fn a_symlink_swapped_folders_away_is_live() {
    use std::os::unix::fs::symlink;

    let place = Place::new();
    // As a config map is mounted: policy.toml -> ..data/policy.toml, ..data -> one of two folders.
    for (folder, action) in [("one", "read"), ("two", "delete")] {
        fs::create_dir(place.folder().join(folder)).unwrap();
        fs::write(
            place.folder().join(folder).join("policy.toml"),
            declaring(action),
        )
        .unwrap();
    }
    let point_to = |folder: &str| {
        symlink(folder, place.folder().join("..next")).unwrap();
        fs::rename(place.folder().join("..next"), place.folder().join("..data")).unwrap();
    };
    point_to("one");
    symlink("..data/policy.toml", place.path()).unwrap();
    let gate = place.watch();
    point_to("two");
    until_live(&gate, "delete", 2);
    point_to("one");
    until_live(&gate, "read", 3);
    point_to("nowhere");
    until_fault(&gate, 3, "cannot be read");
    point_to("one");
    until_live(&gate, "read", 3);
}

#[test]
fn a_deleted_document_stays_and_is_the_same_version_when_restored() {
    let place = Place::new();
    let gate = place.open(&declaring("read"));
    fs::remove_file(place.path()).unwrap();
    let fault = until_fault(&gate, 1, "cannot be read");
    assert!(
        fault.starts_with(&place.path().display().to_string()),
        "{fault}"
    );
    assert_eq!(gate.read(|facts| facts.declares("chat", "read")), Ok(true));
    place.write(declaring("read"));
    until_live(&gate, "read", 1);
    fs::remove_file(place.path()).unwrap();
    until_fault(&gate, 1, "cannot be read");
    place.write(declaring("delete"));
    until_live(&gate, "delete", 2);
}

/// Stands for a file whose mode forbids reading, which forbids nothing to root.
#[test]
fn a_folder_in_its_place_changes_nothing() {
    let place = Place::new();
    let gate = place.open(&declaring("read"));
    fs::remove_file(place.path()).unwrap();
    fs::create_dir(place.path()).unwrap();
    until_fault(&gate, 1, "not a regular file");
    fs::remove_dir(place.path()).unwrap();
    place.write(declaring("delete"));
    until_live(&gate, "delete", 2);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_its_place_does_not_hold_the_watcher_up() {
    let place = Place::new();
    let gate = place.open(&declaring("read"));
    fs::remove_file(place.path()).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(place.path())
        .status()
        .unwrap();
    assert!(made.success());
    until_fault(&gate, 1, "not a regular file");
    place.replace(declaring("delete"));
    until_live(&gate, "delete", 2);
}

/// Every part of the document that parses leaves out suspensions: it lets more subjects in.
#[test]
fn a_document_written_in_steps_is_never_live_in_part() {
    use gatepost::{Decision, OrgRule, Request, Step, Subject, SubjectId, decide};

    let place = Place::new();
    let head = "version = 1\n[resources]\nchat = [\"read\"]\n[site.gates.chat]\nswitch = \"on\"\naccess = \"everyone\"\n";
    let subjects: Vec<_> = (0..8).map(|number| format!("mallory-{number}")).collect();
    let parts: Vec<_> = subjects
        .iter()
        .map(|id| format!("[subjects.{id}]\nstatus = \"suspended\"\n"))
        .collect();
    place.write(format!("{head}{}", parts.concat()));
    let interval = Duration::from_millis(250);
    let gate = WatchedDocument::options()
        .interval(interval)
        .open(place.path())
        .unwrap()
        .gate();

    let refuses_all = || {
        for id in &subjects {
            let subject = Subject::new(SubjectId::new(id).unwrap());
            let request = Request::new("chat", "read")
                .subject(&subject)
                .org_rule(OrgRule::None);
            let denied =
                gate.read(|facts| matches!(decide(facts, &request), Step::Done(Decision::Deny(_))));
            assert_eq!(denied, Ok(true), "{id}");
        }
    };
    let mut file = File::create(place.path()).unwrap();
    file.write_all(format!("# second edition\n{head}").as_bytes())
        .unwrap();
    for part in &parts {
        thread::sleep(interval / 8);
        refuses_all();
        file.write_all(part.as_bytes()).unwrap();
    }
    until("the whole document", || {
        refuses_all();
        gate.health() == READY_2
    });
}

#[test]
fn the_same_content_is_the_same_version() {
    let place = Place::new();
    let gate = place.open(&declaring("read"));
    File::options()
        .append(true)
        .open(place.path())
        .unwrap()
        .set_modified(SystemTime::now())
        .unwrap();
    several_looks();
    place.write(declaring("read"));
    several_looks();
    place.replace(declaring("read"));
    several_looks();
    until("the same version", || gate.health() == READY_1);
    place.write(declaring("delete"));
    until_live(&gate, "delete", 2);
}

#[test]
fn content_of_the_same_length_and_time_is_seen() {
    let place = Place::new();
    let gate = place.open(&declaring("a1"));
    let modified = fs::metadata(place.path()).unwrap().modified().unwrap();
    for version in 2..20 {
        // Right behind the load, often in the same tick, and with its time set back.
        let action = format!("a{}", version % 10);
        let mut file = File::options().write(true).open(place.path()).unwrap();
        file.write_all(declaring(&action).as_bytes()).unwrap();
        file.set_modified(modified).unwrap();
        until_live(&gate, &action, version);
    }
}

#[test]
fn a_broken_document_is_told_and_the_last_good_one_decides_until_it_is_mended() {
    let place = Place::new();
    let gate = place.open(&declaring("read"));
    let path = place.path().display().to_string();
    let broken =
        "version = 1\n[resources]\nchat = [\"read\"]\n[site.gates.chat]\nswitch = \"perhaps\"\n";

    place.replace(broken);
    let first = until_fault(&gate, 1, "switch");
    assert!(
        first.starts_with(&format!("{path}:5: `site.gates.chat.switch`: ")),
        "{first}"
    );
    several_looks();
    place.replace(format!("{broken}# at all\n"));
    several_looks();
    assert_eq!(gate.read(|facts| facts.declares("chat", "read")), Ok(true));

    place.replace(b"version = 1\n\n# \xff\n");
    let second = until_fault(&gate, 1, "UTF-8");
    assert_eq!(second, format!("{path}:3: is not UTF-8"));
    place.replace("");
    let third = until_fault(&gate, 1, "version");

    place.replace(declaring("read"));
    until_live(&gate, "read", 1);
    place.replace(broken);
    assert_eq!(until_fault(&gate, 1, "switch"), first);
    place.replace(declaring("delete"));
    until_live(&gate, "delete", 2);

    let fault = |text: &str| Log::error(1, text, "policy document refused, this version stays");
    let expected = [
        Log::info(1, "policy document applied"),
        fault(&first),
        fault(&second),
        fault(&third),
        Log::info(1, "policy document restored"),
        fault(&first),
        Log::info(2, "policy document applied"),
    ];
    until("the last line of the log", || {
        logged(&path).len() >= expected.len()
    });
    assert_eq!(logged(&path), expected);
}

#[test]
fn a_document_over_the_limit_is_not_read() {
    let place = Place::new();
    place.write(declaring("read"));
    let gate = WatchedDocument::options()
        .interval(FAST)
        .limit(1 << 20)
        .open(place.path())
        .unwrap()
        .gate();
    // A terabyte, none of it on the disk.
    let file = File::options().write(true).open(place.path()).unwrap();
    file.set_len(1 << 40).unwrap();
    let fault = until_fault(&gate, 1, "limit");
    assert_eq!(
        fault,
        format!(
            "{}: is larger than the limit of 1048576 bytes",
            place.path().display()
        )
    );
    place.write(declaring("delete"));
    until_live(&gate, "delete", 2);
}

#[test]
fn a_handle_may_be_forgotten() {
    let place = Place::new();
    place.write(declaring("read"));
    let policy = WatchedDocument::options()
        .interval(FAST)
        .open(place.path())
        .unwrap();
    let gate = policy.gate();
    assert_eq!(policy.health(), gate.health());
    drop(policy);
    let clone = gate.clone();
    drop(gate);
    place.write(declaring("delete"));
    until_live(&clone, "delete", 2);
}

#[test]
fn a_handle_alone_keeps_watching() {
    let place = Place::new();
    place.write(declaring("read"));
    let policy = WatchedDocument::options()
        .interval(FAST)
        .open(place.path())
        .unwrap();
    place.write(declaring("delete"));
    until("version 2", || policy.health() == READY_2);
}

#[test]
fn a_subscriber_that_panics_does_not_end_the_watcher() {
    let place = Place::named("panics-when-told-of-version-2.toml");
    let gate = place.open(&declaring("a1"));
    for version in [2, 3] {
        let action = format!("a{version}");
        place.write(declaring(&action));
        until_live(&gate, &action, version);
    }
}

#[test]
fn a_relative_name_stays_the_same_file() {
    let (place, elsewhere) = (Place::alone(), Place::within());
    place.write(declaring("read"));
    elsewhere.write(declaring("update"));
    let before = std::env::current_dir().unwrap();
    std::env::set_current_dir(place.folder()).unwrap();
    let gate = WatchedDocument::options()
        .interval(FAST)
        .open("policy.toml")
        .unwrap()
        .gate();
    std::env::set_current_dir(elsewhere.folder()).unwrap();
    several_looks();
    place.write(declaring("delete"));
    until_live(&gate, "delete", 2);
    std::env::set_current_dir(before).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn the_thread_ends_when_every_gate_is_dropped() {
    let place = Place::alone();
    until("no thread of another test", || fixture::threads() == 0);
    assert_eq!(
        WatchedDocument::open(place.path()).unwrap_err().kind(),
        StoreErrorKind::Unreadable
    );
    assert_eq!(fixture::threads(), 0);
    let gate = place.open(&declaring("read"));
    until("the thread", || fixture::threads() == 1);
    drop(gate.clone());
    several_looks();
    assert_eq!(fixture::threads(), 1);
    drop(gate);
    until("its end", || fixture::threads() == 0);
}
