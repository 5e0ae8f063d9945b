use std::path::PathBuf;

use gatepost::Timestamp;
use gatepost_store::{DecisionNote, DecisionRetention, PolicyStore};
use serde_json::{Value, json};

use crate::stores::Store;
use crate::support::{command, run};

/// A record as a service writes it, but for what is said of it.
fn record(id: &str, time: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut record = json!({
        "schema": 1, "decision_id": id, "time": time, "service": "web",
        "decision": false, "outcome": "deny", "enforced": true, "code": "org_off", "tier": "org",
        "subject": { "id": "alice" },
        "action": { "name": "create" },
        "resource": { "type": "chat", "properties": { "org": "acme" } },
        "context": { "mode": "foreground", "org_rule": "required" },
        "requirement": "chat:create#foreground",
        "route": { "method": "POST", "path": "/orgs/{org}/chats" },
        "version": 7, "latency_ns": 1234,
    });
    change(&mut record);
    let members = record.as_object_mut().unwrap();
    members.retain(|_, member| !member.is_null());
    record
}

/// Puts a member in.
fn set(record: &mut Value, parent: &str, name: &str, value: Value) {
    let parent = record.pointer_mut(parent).and_then(Value::as_object_mut);
    parent.unwrap().insert(name.to_owned(), value);
}

fn older() -> Vec<Value> {
    vec![
        record("D1", "2027-01-01T12:00:00Z", |_| {}),
        record("D2", "2027-01-01T12:00:01Z", |it| {
            let planner = json!({ "id": "planner", "properties": { "acting_for": "bob" } });
            set(it, "", "subject", planner);
            set(it, "", "enforced", json!(false));
            set(it, "", "times", json!(41));
        }),
    ]
}

fn newer() -> Vec<Value> {
    vec![
        record("D3", "2027-01-01T12:00:02Z", |it| {
            set(it, "", "decision", json!(true));
            set(it, "", "outcome", json!("allow"));
            set(it, "", "code", json!(null));
            set(it, "", "tier", json!(null));
            set(it, "/action", "name", json!("read"));
            set(it, "/resource/properties", "org", json!("zeta"));
        }),
        record("D4", "2027-01-01T12:00:03Z", |it| {
            set(it, "", "outcome", json!("error"));
            set(it, "", "code", json!("bad_request"));
            set(it, "", "tier", json!(null));
            set(it, "", "reason", json!("a\u{1b}[2J"));
            set(it, "/subject", "id", json!("a\u{202e}b"));
        }),
    ]
}

/// The same log in a file, the older half of it rotated, and in a store.
struct Log {
    folder: tempfile::TempDir,
    store: Store,
}

impl Log {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = |of: &[Value]| {
            let lines: Vec<_> = of.iter().map(ToString::to_string).collect();
            lines.join("\n") + "\n"
        };
        let (older, newer) = (older(), newer());
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("log.1"), text(&older)).unwrap();
        std::fs::write(path("log"), text(&newer)).unwrap();
        let store = Store::new();
        let notes: Vec<_> = older.iter().chain(&newer).map(note).collect();
        let url = store.url.parse().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(async {
            let forever = DecisionRetention::default().age(std::time::Duration::MAX);
            let store = PolicyStore::open(&url).await.unwrap();
            store.note_decisions(&notes, &forever).await.unwrap();
        });
        Self { folder, store }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// What a file and a store say alike.
    #[track_caller]
    fn out(&self, code: i32, args: &[&str]) -> String {
        let file = self.file();
        let of_file = run(&[&["log", "--file", file.to_str().unwrap()], args].concat());
        let of_store = self.store.run(&[&["log"], args].concat());
        assert_eq!(of_file.out, of_store.out);
        assert_eq!(of_store.out(code), of_file.out.clone());
        of_file.out(code)
    }

    #[track_caller]
    fn ids(&self, args: &[&str]) -> Vec<String> {
        let out = self.out(0, &[&["--json"], args].concat());
        let lines = out
            .lines()
            .map(|line| -> Value { serde_json::from_str(line).unwrap() });
        lines
            .map(|it| {
                it.pointer("/decision_id")
                    .and_then(Value::as_str)
                    .unwrap()
                    .to_owned()
            })
            .collect()
    }
}

fn note(record: &Value) -> DecisionNote {
    let text = |at: &str| {
        record
            .pointer(at)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let at: Timestamp = text("/time").unwrap().parse().unwrap();
    let (id, outcome) = (text("/decision_id").unwrap(), text("/outcome").unwrap());
    let mut note = DecisionNote::new(id, at, outcome, record.to_string());
    note.code = text("/code");
    note.subject = text("/subject/id");
    note.org = text("/resource/properties/org");
    note.resource = text("/resource/type").unwrap();
    note.action = text("/action/name").unwrap();
    note
}

#[test]
fn a_file_and_a_store_are_searched_alike() {
    let log = Log::new();
    for (args, wanted) in [
        (&[][..], &["D1", "D2", "D3", "D4"][..]),
        (&["--limit", "2"], &["D3", "D4"]),
        (&["--decision", "D2"], &["D2"]),
        (&["--subject", "alice"], &["D1", "D3"]),
        (&["--org", "zeta"], &["D3"]),
        (&["--code", "org_off"], &["D1", "D2"]),
        (&["--outcome", "error"], &["D4"]),
        (&["--outcome", "deny", "--subject", "planner"], &["D2"]),
        (&["chat:read"], &["D3"]),
        (&["--since", "2027-01-01T12:00:02Z"], &["D3", "D4"]),
        (&["--until", "2027-01-01T12:00:01Z"], &["D1"]),
    ] {
        assert_eq!(log.ids(args), wanted, "{args:?}");
    }
    for none in [&["--org", "nobody"][..], &["--limit", "0"], &["agent:read"]] {
        assert_eq!(log.out(1, none), "");
    }
}

#[test]
fn a81_a_table_shows_nothing_that_steers_a_terminal() {
    let log = Log::new();
    let out = log.out(0, &[]);
    let lines: Vec<&str> = out.lines().collect();
    let shown: Vec<Vec<&str>> = lines
        .iter()
        .map(|line| {
            line.split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .collect()
        })
        .collect();
    let route = "POST /orgs/{org}/chats";
    assert_eq!(
        shown[1],
        [
            "2027-01-01T12:00:01Z",
            "deny org_off (reported) x41",
            "chat:create#foreground",
            "acme",
            "planner for bob",
            route,
            "v7",
            "D2"
        ]
    );
    assert_eq!(shown[2][1..4], ["allow", "chat:read#foreground", "zeta"]);
    assert_eq!(shown[3][4], "a\\u{202e}b");
    for out in [out, log.out(0, &["--json"])] {
        let steers = |letter: char| letter != '\n' && (letter.is_control() || letter == '\u{202e}');
        assert!(!out.contains(steers), "{out}");
    }
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_shown() {
    let log = Log::new();
    let mut text = std::fs::read_to_string(log.file()).unwrap();
    text.push_str("{\"schema\":2}\nhalf a li");
    std::fs::write(log.file(), text).unwrap();
    let path = log.file();
    let path = path.to_str().unwrap();
    let ran = run(&["log", "--file", path]);
    assert_eq!((ran.code, ran.out.lines().count()), (0, 4));
    let told = "2 of the lines are left out: line 3 of `";
    assert!(ran.err.starts_with(told), "{}", ran.err);

    let missing = run(&["log", "--file", "no-such-file"]);
    assert_eq!(missing.code, 2);
    assert!(
        missing.err.contains("`no-such-file` cannot be read"),
        "{}",
        missing.err
    );
    assert_eq!(run(&["log", "--file", path, "chat"]).code, 2);
    assert_eq!(run(&["log"]).code, 2);
    assert_eq!(run(&["log", "--file", path, "--store", "sqlite:x"]).code, 2);
    // A store that the environment names is none beside a file.
    let mut beside = command();
    let beside = beside
        .args(["log", "--file", path])
        .env("GATEPOST_STORE", "sqlite:x");
    assert!(beside.output().unwrap().status.success());
}
