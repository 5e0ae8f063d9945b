//! A store, changed by hand and by commands, and processes that follow it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gatepost::{Decision, Gate, OrgRule, Request, SiteSwitch, Step, Subject, SubjectId, decide};
use gatepost_store::{
    Author, Change, Command as Changing, Committed, PolicyStore, Replica, StoreUrl,
};
use gatepost_tests::postgres::{Cluster, wait_for};

pub(crate) const POLICY: &str = r#"{
    "version": 1,
    "resources": {"chat": ["read"], "agent": ["run"]},
    "site": {"gates": {
        "chat": {"switch": "on", "access": "everyone"},
        "agent": {"switch": "on", "access": "everyone"}
    }}
}"#;

pub(crate) fn ines() -> Author {
    Author::Operator {
        name: "ines".into(),
    }
}

pub(crate) async fn seeded(url: &str) -> (StoreUrl, PolicyStore) {
    let url: StoreUrl = url.parse().unwrap();
    let policy = serde_json::from_str(POLICY).unwrap();
    let store = PolicyStore::open_or_seed(&url, &policy, ines(), "first")
        .await
        .unwrap();
    (url, store)
}

pub(crate) async fn switch(store: &PolicyStore, resource: &str, to: SiteSwitch) -> Committed {
    let command = Changing::SiteSwitch {
        resource: resource.into(),
        mode: None,
        to,
    };
    store
        .write(&Change::new(command, ines(), "a test"))
        .await
        .unwrap()
}

pub(crate) fn allows(gate: &Gate, resource: &str, action: &str) -> Option<bool> {
    let alice = Subject::new(SubjectId::new("alice").unwrap());
    let allowed = gate.read(|facts| {
        let request = Request::new(resource, action)
            .subject(&alice)
            .org_rule(OrgRule::None);
        matches!(decide(facts, &request), Step::Done(Decision::Allow(_)))
    });
    allowed.ok()
}

pub(crate) fn chat(gate: &Gate) -> Option<bool> {
    allows(gate, "chat", "read")
}

pub(crate) fn within(millis: u64, holds: impl FnMut() -> bool) -> bool {
    wait_for(Duration::from_millis(millis), holds)
}

pub(crate) fn until(what: &str, millis: u64, holds: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    assert!(within(millis, holds), "not within {millis} ms: {what}");
    begun.elapsed()
}

pub(crate) async fn follow(url: &StoreUrl) -> Replica {
    Replica::options().name("test").open(url).await.unwrap()
}

/// SQL in the database of a store.
pub(crate) fn sql(cluster: &Cluster, url: &str, sql: &str) -> String {
    cluster.sql(Cluster::database_of(url), sql)
}

/// A process that follows a store; it ends with this.
pub(crate) struct Process {
    child: Child,
    pub(crate) lines: Arc<Mutex<Vec<serde_json::Value>>>,
}

impl Process {
    pub(crate) fn start(url: &str, name: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_replica"))
            .args(["--store", url, "--name", name, "--changes", "--request"])
            .arg(r#"{"subject":"alice","org_rule":"none","resource":"chat","action":"read"}"#)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                kept.lock()
                    .unwrap()
                    .push(serde_json::from_str(&line).unwrap());
            }
        });
        let process = Self { child, lines };
        until("a replica starts", 8000, || {
            process.last("decision") == "allow"
        });
        process
    }

    pub(crate) fn last(&self, field: &str) -> String {
        let lines = self.lines.lock().unwrap();
        let value = lines.last().map(|line| &line[field]);
        value
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([&format!("-{signal}"), &pid])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
