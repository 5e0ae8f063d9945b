//! A kill is proved for replicas that live, that are stopped, and that are gone.

use std::time::Duration;

use gatepost_store::ProofOutcome;
use gatepost_tests::postgres::Cluster;

use crate::rig::{Process, ines, seeded, until};

async fn proved(url: &str) {
    let (_, store) = seeded(url).await;
    let live = Process::start(url, "live");
    let stopped = Process::start(url, "stopped");
    let dead = Process::start(url, "dead");
    stopped.signal("STOP");
    dead.signal("KILL");
    let (committed, proof) = store
        .kill("chat", None, ines(), "it does not end")
        .await
        .unwrap();
    assert_eq!(live.last("code"), "site_off", "proved, and not in force");
    assert_eq!(proof.version, committed.version);
    let told: Vec<_> = proof
        .replicas
        .iter()
        .map(|replica| (replica.name.as_str(), replica.outcome))
        .collect();
    let outcomes = [
        ("dead", ProofOutcome::LeaseRanOut),
        ("live", ProofOutcome::Acknowledged),
        ("stopped", ProofOutcome::LeaseRanOut),
    ];
    assert_eq!(told, outcomes, "{proof}");
    assert!(proof.after() < Duration::from_millis(2300), "{proof}");
    let acknowledged = &proof.replicas[1];
    assert!(acknowledged.after < Duration::from_millis(500), "{proof}");
    // The first thing that the stopped one decides is no.
    let decided = stopped.lines.lock().unwrap().len();
    stopped.signal("CONT");
    until("it goes on", 3000, || stopped.last("code") == "site_off");
    let lines = stopped.lines.lock().unwrap();
    assert!(
        lines[decided..]
            .iter()
            .all(|line| line["decision"] != "allow"),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_kill_is_proved_in_postgres() {
    let cluster = Cluster::start();
    proved(&cluster.url()).await;
}

#[tokio::test]
async fn a_kill_is_proved_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    proved(&format!(
        "sqlite:{}",
        folder.path().join("policy.db").display()
    ))
    .await;
}
