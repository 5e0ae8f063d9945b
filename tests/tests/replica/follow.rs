//! What becomes of a gate as its store changes, lies, and goes away.

use std::time::{Duration, Instant};

use gatepost::{Code, Health, SiteSwitch};
use gatepost_store::{Replica, StoreErrorKind};
use gatepost_tests::postgres::{Cluster, Stop};

use crate::rig::{allows, chat, follow, ines, seeded, sql, switch, until, within};

#[tokio::test]
async fn a_switch_arrives_within_milliseconds() {
    let cluster = Cluster::start();
    let (url, store) = seeded(&cluster.url()).await;
    let replica = follow(&url).await;
    let gate = replica.gate();
    assert_eq!(chat(&gate), Some(true));
    let mut took = Vec::new();
    for to in [SiteSwitch::Off, SiteSwitch::On]
        .into_iter()
        .cycle()
        .take(20)
    {
        switch(&store, "chat", to).await;
        took.push(until("it arrives", 1000, || {
            chat(&gate) == Some(to == SiteSwitch::On)
        }));
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    took.sort();
    assert!(took[10] < Duration::from_millis(30), "{took:?}");
    assert_eq!(replica.statistics().whole_reads, 1, "effects are enough");
}

#[tokio::test]
async fn a_store_that_goes_away_closes_within_the_lease_and_is_back_within_a_second() {
    let cluster = Cluster::start();
    let (url, store) = seeded(&cluster.url()).await;
    let gate = follow(&url).await.gate();
    for stop in [Stop::Immediate, Stop::Kill] {
        cluster.stop(stop);
        until("stale", 2100, || {
            gate.snapshot().err() == Some(Code::PolicyStale)
        });
        cluster.begin();
        until("back", 1000, || chat(&gate) == Some(true));
    }
    // Stopped, it takes connections and says nothing.
    cluster.signal("STOP");
    until("stale", 2100, || {
        gate.snapshot().err() == Some(Code::PolicyStale)
    });
    cluster.signal("CONT");
    until("back", 1000, || chat(&gate) == Some(true));
    switch(&store, "chat", SiteSwitch::Off).await;
    until("and follows", 1000, || chat(&gate) == Some(false));
}

#[tokio::test]
async fn a_store_that_is_not_there_at_the_start_is_waited_for_closed() {
    let cluster = Cluster::start();
    let address = cluster.url();
    let (url, _store) = seeded(&address).await;
    cluster.stop(Stop::Fast);
    let short = Replica::options().patience(Duration::from_millis(300));
    let error = short.open(&url).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
    let gate = Replica::options()
        .start_closed()
        .open(&url)
        .await
        .unwrap()
        .gate();
    assert_eq!(gate.snapshot().err(), Some(Code::PolicyUnavailable));
    assert_eq!(gate.health(), Health::Unavailable);
    cluster.begin();
    until("ready", 1500, || chat(&gate) == Some(true));
}

#[tokio::test]
async fn a_flood_of_hints_causes_twenty_questions_a_second() {
    let cluster = Cluster::start();
    let address = cluster.url();
    let (url, _store) = seeded(&address).await;
    let replica = follow(&url).await;
    let quiet = replica.statistics().asks;
    let begun = Instant::now();
    let flooding = std::thread::spawn(move || {
        // Distinct payloads, as equal ones in a transaction are one; a transaction each thousand.
        for part in 0..30 {
            let flood = format!(
                "SELECT pg_notify('gatepost_policy', '{{\"version\":' || n || '}}{part}') FROM generate_series(1, 1000) n"
            );
            sql(&cluster, &address, &flood);
        }
        cluster
    });
    tokio::time::sleep(Duration::from_secs(3)).await;
    let asks = replica.statistics().asks - quiet;
    let took = begun.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss, reason = "a handful")]
    let rate = asks as f64 / took;
    assert!(rate <= 25.5, "{rate} questions a second");
    assert_eq!(chat(&replica.gate()), Some(true));
    drop(flooding.join().unwrap());
}

#[tokio::test]
async fn a_poisoned_policy_runs_out_and_hides_no_kill() {
    let cluster = Cluster::start();
    let address = cluster.url();
    let (url, store) = seeded(&address).await;
    let gate = follow(&url).await.gate();
    let poison = |killed: &str, fact: &str| {
        let version = "(SELECT version FROM gatepost_head)";
        sql(&cluster, &address, &format!(
            "BEGIN; UPDATE gatepost_head SET version = version + 1, token = md5(random()::text), killed = '{killed}';
             INSERT INTO gatepost_change SELECT version, token, now(), 'x', 'operator', NULL, '', '{{}}', false, false FROM gatepost_head;
             {fact} INSERT INTO gatepost_effect VALUES ({version}, 'site_gate', 'agent', '', NULL, '{{\"unheard\": 1}}');
             COMMIT; NOTIFY gatepost_policy"
        ));
    };
    poison(
        "chat",
        "UPDATE gatepost_fact SET body = '{\"unheard\": 1}' WHERE kind = 'site_gate' AND a = 'agent';",
    );
    until("the kill is in force", 500, || chat(&gate) == Some(false));
    assert_eq!(
        allows(&gate, "agent", "run"),
        Some(true),
        "the last good one stays"
    );
    until("told", 500, || {
        matches!(gate.health(), Health::Degraded { .. })
    });
    until("it runs out", 2100, || {
        gate.snapshot().err() == Some(Code::PolicyStale)
    });
    let health = gate.health();
    assert!(
        matches!(&health, Health::Stale { fault: Some(fault), .. } if fault.contains("unheard")),
        "{health:?}"
    );
    // Tables that are gone hide no kill either.
    let repaired = "UPDATE gatepost_fact SET body = '{\"switch\": \"on\", \"access\": \"everyone\"}' WHERE kind = 'site_gate' AND a = 'agent'";
    sql(&cluster, &address, repaired);
    until("repaired", 3500, || {
        allows(&gate, "agent", "run") == Some(true)
    });
    sql(
        &cluster,
        &address,
        "BEGIN; ALTER TABLE gatepost_effect RENAME TO gone; UPDATE gatepost_head SET version = version + 1, token = 'z', killed = 'chat agent'; COMMIT",
    );
    until("the kill is in force", 600, || {
        allows(&gate, "agent", "run") == Some(false)
    });
    drop(store);
}

#[tokio::test]
async fn a_head_that_cannot_be_one_closes_at_once() {
    let cluster = Cluster::start();
    for (spoilt, mended) in [
        (
            "UPDATE gatepost_head SET killed = 'chat#nothing'",
            "UPDATE gatepost_head SET killed = ''",
        ),
        (
            "UPDATE gatepost_head SET format = 2",
            "UPDATE gatepost_head SET format = 1",
        ),
        (
            "UPDATE gatepost_head SET version = -1",
            "UPDATE gatepost_head SET version = 1",
        ),
        (
            "UPDATE gatepost_head SET version = 9223372036854775807",
            "UPDATE gatepost_head SET version = 1",
        ),
        (
            "ALTER TABLE gatepost_head RENAME TO kept; CREATE TABLE gatepost_head (LIKE kept)",
            "DROP TABLE gatepost_head; ALTER TABLE kept RENAME TO gatepost_head",
        ),
        (
            "UPDATE gatepost_head SET token = 'other'",
            "UPDATE gatepost_head SET token = (SELECT token FROM gatepost_change)",
        ),
        (
            "UPDATE gatepost_head SET version = 0",
            "UPDATE gatepost_head SET version = 1",
        ),
    ] {
        let address = cluster.url();
        let (url, _store) = seeded(&address).await;
        let gate = follow(&url).await.gate();
        sql(&cluster, &address, spoilt);
        until(spoilt, 600, || gate.snapshot().is_err());
        sql(&cluster, &address, mended);
        until(mended, 1500, || chat(&gate) == Some(true));
    }
}

#[tokio::test]
async fn a_restored_backup_is_not_believed_until_it_is_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.db");
    let backup = folder.path().join("backup.db");
    let (url, store) = seeded(&format!("sqlite:{}", path.display())).await;
    let dump = rusqlite_copy(&path, &backup);
    assert!(dump);
    let gate = follow(&url).await.gate();
    switch(&store, "chat", SiteSwitch::Off).await;
    until("off", 500, || chat(&gate) == Some(false));
    drop(store);
    for beside in ["policy.db-wal", "policy.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(beside));
    }
    std::fs::rename(&backup, &path).unwrap();
    until("closed", 600, || {
        gate.snapshot().err() == Some(Code::PolicyStale)
    });
    assert!(
        !within(2500, || gate.snapshot().is_ok()),
        "a backup is believed"
    );
    let (_, store) = seeded(&format!("sqlite:{}", path.display())).await;
    store.recover(ines(), "from the backup").await.unwrap();
    until("followed", 1500, || chat(&gate) == Some(true));
}

/// A copy of a store that nobody writes to.
fn rusqlite_copy(from: &std::path::Path, to: &std::path::Path) -> bool {
    let checkpointed =
        std::fs::metadata(from.with_extension("db-wal")).map_or(0, |wal| wal.len()) == 0;
    if checkpointed {
        return std::fs::copy(from, to).is_ok();
    }
    let beside = |path: &std::path::Path| path.with_extension("db-wal");
    std::fs::copy(from, to).is_ok() && std::fs::copy(beside(from), beside(to)).is_ok()
}
