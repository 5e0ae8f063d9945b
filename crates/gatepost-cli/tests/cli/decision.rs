//! A decision of the log, explained by the policy of its time.

use serde_json::{Value, json};

use crate::impact::{lines, record};
use crate::stores::Store;
use crate::support::{data, file, run};

const OFF: (&str, &str) = ("deny", "org_off");

/// A store whose policy has changed twice: the chats of acme were off at version 2 alone.
fn store() -> Store {
    let store = Store::new();
    for to in ["off", "on"] {
        store.write(&["org", "switch", "acme", "chat", to]).out(0);
    }
    store
}

fn at(version: u64, mut record: Value) -> Value {
    record
        .as_object_mut()
        .unwrap()
        .insert("version".into(), json!(version));
    record
}

fn explain<'a>(log: &'a str, id: &'a str) -> [&'a str; 5] {
    ["explain", "--decision", id, "--log", log]
}

#[test]
fn it_is_taken_again_by_the_policy_of_its_version() {
    let store = store();
    let log = file(
        "versions.jsonl",
        lines(&[
            at(1, record("ONE", "alice", "acme", ("allow", ""))),
            at(2, record("TWO", "alice", "acme", OFF)),
            at(3, record("THREE", "alice", "acme", OFF)),
        ]),
    );
    let told = |id, code| store.run(&explain(&log, id)).out(code);
    assert!(told("ONE", 0).contains("\nallow"), "{}", told("ONE", 0));
    let two = told("TWO", 1);
    assert!(
        two.starts_with("TWO at 2026-11-22T03:42:26Z in chats\n"),
        "{two}"
    );
    for line in [
        "  POST /orgs/{org}/chats requires chat:create#foreground\n",
        "  subject alice, org acme, owner alice, mode foreground\n",
        "  deny org_off, by policy version 2\n",
        "\ndeny org_off (org)",
    ] {
        assert!(two.contains(line), "{line}\n{two}");
    }
    assert!(!two.contains("the record says"), "{two}");
    // What the store says of version 3 is not what is in the record.
    let three = told("THREE", 2);
    assert!(
        three.contains("the record says deny org_off: asked again, it is not"),
        "{three}"
    );
    let json = store
        .run(&[&explain(&log, "TWO")[..], &["--json"]].concat())
        .out(1);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["same"], &json["policy_of_version"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(json["explanation"]["version"], 2);
    assert_eq!(json["record"]["decision_id"], "TWO");
}

#[test]
fn a_moment_is_that_of_the_decision() {
    let store = store();
    let mut late = at(1, record("LATE", "alice", "acme", ("deny", "not_a_member")));
    late["time"] = json!("2099-01-01T00:00:00Z");
    let log = file("moments.jsonl", lines(&[late]));
    let out = store.run(&explain(&log, "LATE")).out(1);
    assert!(out.contains("deny not_a_member (org)"), "{out}");
}

#[test]
fn what_was_redacted_or_not_read_is_told() {
    let store = store();
    let mut hashed = at(2, record("HASHED", "hmac:0123", "acme", OFF));
    hashed["redacted"] = json!(["subject", "owner"]);
    let mut early = at(
        2,
        record("EARLY", "nobody", "acme", ("deny", "site_grant_missing")),
    );
    early["resource"] = json!({ "type": "chat" });
    early["context"] =
        json!({ "org_rule": "required", "mode": "foreground", "unread": ["org", "owner"] });
    early["enforced"] = json!(false);
    let mut open = early.clone();
    open["decision_id"] = json!("OPEN");
    open["subject"]["id"] = json!("alice");
    let log = file("told.jsonl", lines(&[hashed, early, open]));
    let out = store.run(&explain(&log, "HASHED")).out(2);
    assert!(
        out.ends_with("hashed, left out or cut: `subject`, `owner`\n"),
        "{out}"
    );
    let out = store.run(&explain(&log, "EARLY")).out(1);
    assert!(
        out.contains("  reported, not enforced\n  not read by then: org, owner\n"),
        "{out}"
    );
    let out = store.run(&explain(&log, "OPEN")).out(2);
    assert!(
        out.contains("what it depends on is not in the record"),
        "{out}"
    );
}

#[test]
fn a_version_that_the_store_cannot_tell_is_no_other_one() {
    let store = store();
    let log = file(
        "gone.jsonl",
        lines(&[at(9, record("ONE", "alice", "acme", OFF))]),
    );
    let ran = store.run(&explain(&log, "ONE"));
    assert_eq!((ran.code, &*ran.out), (2, ""));
    assert!(
        ran.err.contains("version 9 is still to come"),
        "{}",
        ran.err
    );
}

#[test]
fn by_a_document_it_is_said_that_it_is_another_policy() {
    let log = file(
        "document.jsonl",
        lines(&[record("ONE", "alice", "acme", ("allow", ""))]),
    );
    let policy = data("policy.toml");
    let out = run(&[&explain(&log, "ONE")[..], &["--policy", &policy]].concat()).out(0);
    assert!(
        out.contains("by the policy of now, which need not be what version 1 was"),
        "{out}"
    );
}

#[test]
fn a_decision_that_is_nowhere_is_2() {
    let store = store();
    let log = file("nowhere.jsonl", "half a rec");
    let ran = store.run(&explain(&log, "ONE"));
    assert_eq!(ran.code, 2);
    assert!(
        ran.err
            .contains("no decision `ONE` in the log, of which 1 lines are no records"),
        "{}",
        ran.err
    );
    let both = [&explain(&log, "ONE")[..], &["chat:read"]].concat();
    assert!(store.run(&both).err.contains("cannot be used with"));
}

#[test]
fn a_decision_that_a_service_wrote_into_the_store_is_found_there() {
    use gatepost_store::{DecisionNote, DecisionRetention, PolicyStore};

    let store = store();
    let record = at(2, record("TWO", "alice", "acme", OFF)).to_string();
    let time = "2026-11-22T03:42:26Z".parse().unwrap();
    let note = DecisionNote::new("TWO", time, "deny", record);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let opened = PolicyStore::open(&store.url.parse().unwrap())
            .await
            .unwrap();
        let retention = DecisionRetention::default();
        opened.note_decisions(&[note], &retention).await.unwrap();
    });
    let out = store.run(&["explain", "--decision", "TWO"]).out(1);
    assert!(
        out.contains("by policy version 2\n") && out.contains("\ndeny org_off (org)"),
        "{out}"
    );
    let ran = store.run(&["explain", "--decision", "THREE"]);
    assert!(
        ran.code == 2 && ran.err.contains("no decision `THREE` in the store"),
        "{}",
        ran.err
    );
}
