//! A store from its making to its history, as an operator works with it.

use serde_json::{Value, json};

use crate::support::{Ran, command, data, file, run};

/// A store in a file of its own, with the policy of these tests in it.
pub(crate) struct Store {
    pub(crate) url: String,
    _folder: tempfile::TempDir,
}

impl Store {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("policy.db").display());
        let store = Self {
            url,
            _folder: folder,
        };
        store.run(&["store", "init"]).out(0);
        let imported = store.write(&["store", "import", &data("policy.toml")]);
        assert!(imported.out(0).ends_with("version 1\n"));
        store
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        run(&[args, &["--store", &self.url]].concat())
    }

    pub(crate) fn write(&self, args: &[&str]) -> Ran {
        self.run(&[args, &["--as", "ines", "--reason", "a test"]].concat())
    }

    fn check(&self, args: &[&str]) -> String {
        let ran = self.run(&[&["check"], args].concat());
        assert_eq!(ran.err, "");
        ran.out.trim().to_owned()
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.run(args).out(0)).unwrap()
    }
}

const ALICE_RUNS: [&str; 7] = [
    "--subject",
    "alice",
    "--org",
    "acme",
    "--mode",
    "background",
    "agent:execute",
];

#[test]
fn a_policy_goes_in_and_comes_out_without_loss() {
    let store = Store::new();
    let exported = store.run(&["store", "export"]).out(0);
    let toml = file("exported.toml", &exported);
    let json = store.run(&["store", "export", "--format", "json"]).out(0);
    let json = file("exported.json", json);
    let matrix = |policy: &str| run(&["matrix", "--policy", policy]).out(0);
    let whole = matrix(&data("policy.toml"));
    assert_eq!(matrix(&toml), whole);
    assert_eq!(matrix(&json), whole);
    assert_eq!(store.run(&["matrix"]).out(0), whole);
    let again = store.write(&["store", "import", &toml]).out(0);
    assert_eq!(again, "nothing to change\nversion 1\n");
}

#[test]
fn a_store_is_linted_as_a_document_is() {
    let store = Store::new();
    let routes = data("routes.json");
    assert_eq!(store.run(&["lint", "--routes", &routes]).out(0), "");
    let never = ["lint", "--at", "2099-01-01T00:00:00Z"];
    assert!(store.run(&never).out(1).contains("acme.members.alice"));
    let linted = command()
        .args(never)
        .env("GATEPOST_STORE", &store.url)
        .output()
        .unwrap();
    assert_eq!(linted.status.code(), Some(1), "{linted:?}");
}

#[test]
fn switches_say_what_changed_and_decide_at_once() {
    let store = Store::new();
    assert_eq!(store.check(&ALICE_RUNS), "allow");
    let killed = store
        .write(&["site", "switch", "agent", "off", "--wait"])
        .out(0);
    let lines: Vec<_> = killed.lines().collect();
    assert!(lines[0].ends_with("-> off"), "{killed}");
    assert_eq!(lines[1], "version 2");
    assert!(lines[2].contains("in force everywhere"), "{killed}");
    assert_eq!(store.check(&ALICE_RUNS), "deny site_off (site)");
    let status = store.run(&["store", "status"]).out(0);
    assert!(
        status.contains("switched off on the site: agent"),
        "{status}"
    );

    store.write(&["site", "switch", "agent", "opt-out"]).out(0);
    assert_eq!(store.check(&ALICE_RUNS), "allow");
    store
        .write(&[
            "org",
            "switch",
            "acme",
            "agent",
            "off",
            "--mode",
            "background",
        ])
        .out(0);
    assert_eq!(store.check(&ALICE_RUNS), "deny org_mode_off (org)");
    let unset = store.write(&[
        "org",
        "switch",
        "acme",
        "agent",
        "unset",
        "--mode",
        "background",
    ]);
    assert!(unset.out(0).ends_with("version 5\n"));
    assert_eq!(store.check(&ALICE_RUNS), "allow");
    let again = store.write(&[
        "org",
        "switch",
        "acme",
        "agent",
        "unset",
        "--mode",
        "background",
    ]);
    assert_eq!(again.out(0), "nothing to change\nversion 5\n");
}

#[test]
fn a_membership_has_one_expiry() {
    let store = Store::new();
    let add = |role: &str, expires: &[&str]| {
        store.write(&[&["member", "add", "acme", "nora", role], expires].concat())
    };
    add("guest", &["--expires", "2999-01-01T00:00:00Z"]).out(0);
    let refused = add("developer", &["--expires", "2998-01-01T00:00:00Z"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("2999-01-01"), "{refused:?}");
    add("developer", &[]).out(0);
    let members = &store.json(&["store", "export", "--format", "json"])["orgs"]["acme"]["members"];
    let nora = json!({ "roles": ["guest", "developer"], "expires": "2999-01-01T00:00:00Z" });
    assert_eq!(members["nora"], nora);
    store
        .write(&["member", "remove", "acme", "nora", "guest"])
        .out(0);
    store
        .write(&["member", "remove", "acme", "nora", "developer"])
        .out(0);
    let members = &store.json(&["store", "export", "--format", "json"])["orgs"]["acme"]["members"];
    assert_eq!(members.get("nora"), None);
}

#[test]
fn every_command_of_the_list_is_there() {
    let store = Store::new();
    for command in [
        &["site", "floor", "agent", "background", "developer"][..],
        &["site", "default", "agent", "background", "owner"],
        &["site", "floor", "agent", "background", "--unset"],
        &["site", "access", "chat", "everyone"],
        &["site", "actions", "chat", "create"],
        &["site", "actions", "chat"],
        &[
            "site",
            "role",
            "define",
            "runner",
            "--grant",
            "agent:execute",
        ],
        &["site", "role", "add", "alice", "runner"],
        &["site", "role", "remove", "alice", "runner"],
        &[
            "role",
            "define",
            "lead",
            "--level",
            "40",
            "--include",
            "developer",
        ],
        &["org", "create", "acme-labs", "--parent", "acme"],
        &[
            "role",
            "define",
            "tester",
            "--org",
            "acme-labs",
            "--level",
            "5",
            "--grant",
            "agent:read",
        ],
        &["org", "floor", "acme", "agent", "background", "lead"],
        &["org", "floor", "acme", "agent", "background", "--unset"],
        &["org", "visibility", "acme-labs", "public"],
        &["org", "parent", "acme-labs", "--unset"],
        &["org", "suspend", "acme-labs"],
        &["org", "resume", "acme-labs"],
        &["subject", "suspend", "alice"],
        &["subject", "resume", "alice"],
        &["subject", "kind", "robot", "service"],
        &["subject", "default-org", "alice", "--unset"],
        &["subject", "default-org", "alice", "acme"],
        &["resource", "define", "report", "read"],
    ] {
        let out = store.write(command).out(0);
        assert!(!out.starts_with("nothing"), "{command:?}: {out}");
    }
    let history = store
        .run(&["store", "history", "--limit", "3", "--json"])
        .out(0);
    let versions = history.lines().map(|line| {
        let change: Value = serde_json::from_str(line).unwrap();
        assert_eq!(change["author"], "ines");
        assert_eq!(change["authority"], "operator");
        assert_eq!(change["reason"], "a test");
        assert!(change["command"]["command"].is_string(), "{change}");
        change["version"].as_u64().unwrap()
    });
    assert_eq!(versions.collect::<Vec<_>>(), [23, 24, 25]);
    let of_acme = store
        .run(&["store", "history", "--org", "acme-labs"])
        .out(0);
    assert_eq!(of_acme.lines().count(), 7, "{of_acme}");
}

#[test]
fn a_change_that_makes_no_sense_is_refused_and_nothing_is_written() {
    let store = Store::new();
    for (command, told) in [
        (&["site", "switch", "chatt", "off"][..], "chatt"),
        (&["site", "switch", "gatepost-site", "off"], "gatepost-site"),
        (&["org", "switch", "nowhere", "chat", "on"], "nowhere"),
        (
            &["org", "floor", "acme", "agent", "background", "nobody"],
            "nobody",
        ),
        (&["member", "add", "acme", "nora", "reviewer"], "reviewer"),
        (&["member", "add", "acme", "", "guest"], "id"),
        (&["role", "define", "Loud", "--level", "1"], "Loud"),
        (&["role", "define", "lead", "--level", "-1"], "-1"),
        (&["org", "parent", "acme", "acme"], "under itself"),
    ] {
        let refused = store.write(command);
        assert_ne!(refused.code, 0, "{command:?}");
        assert!(refused.err.contains(told), "{command:?}: {}", refused.err);
    }
    assert_eq!(store.json(&["store", "status", "--json"])["version"], 1);
}

#[test]
fn what_was_changed_in_between_is_told() {
    let store = Store::new();
    store
        .write(&["org", "switch", "acme", "chat", "off"])
        .out(0);
    let late = store.write(&["org", "switch", "acme", "chat", "on", "--based-on", "1"]);
    assert_eq!(late.code, 1);
    assert!(
        late.err.contains("org acme: chat switched off"),
        "{}",
        late.err
    );
    // What somebody did elsewhere is no conflict.
    let elsewhere = store.write(&["org", "switch", "acme", "agent", "on", "--based-on", "1"]);
    assert!(elsewhere.out(0).ends_with("version 3\n"));
}

#[test]
fn where_there_is_no_store_it_is_said_and_none_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.db");
    let url = format!("sqlite:{}", path.display());
    for command in [
        &["store", "status"][..],
        &["store", "export"],
        &["check", "--subject", "alice", "chat:create"],
        &[
            "org", "switch", "acme", "chat", "on", "--as", "ines", "--reason", "a test",
        ],
    ] {
        let ran = run(&[command, &["--store", &url]].concat());
        assert_eq!(ran.code, 2, "{command:?}: {ran:?}");
        assert!(ran.err.contains("policy.db"), "{ran:?}");
    }
    assert!(!path.exists());
}

#[test]
fn no_answer_tells_the_password() {
    let refused = "postgres://gatepost:s3cret@127.0.0.1:1/policy";
    let mistyped = "postgress://gatepost:s3cret@127.0.0.1:1/policy";
    for url in [refused, mistyped] {
        let status = run(&["store", "status", "--store", url]);
        assert_eq!(status.code, 2);
        let status = format!("{status:?}");
        assert!(!status.contains("s3cret"), "{status}");
        let mut check = command();
        check.args(["check", "--subject", "alice", "chat:create"]);
        let checked = check.env("GATEPOST_STORE", url).output().unwrap();
        let checked = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert!(
            !checked.is_empty() && !checked.contains("s3cret"),
            "{checked}"
        );
    }
}

#[test]
fn the_variable_stands_back_behind_what_is_typed() {
    let policy = data("policy.toml");
    let mut check = command();
    check.args([
        "check",
        "--policy",
        &policy,
        "--subject",
        "alice",
        "--org",
        "acme",
        "--owner",
        "alice",
        "chat:create",
    ]);
    let checked = check
        .env("GATEPOST_STORE", "sqlite:nowhere.db")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&checked.stdout), "allow\n");
}
