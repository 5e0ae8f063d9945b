//! A flood of notifications that say nothing true.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gatepost_tests::faults::replicas::ReplicaProcess;
use gatepost_tests::postgres::Cluster;

use crate::others::Other;
use crate::{cluster, rig};

/// How many notifications a transaction sends; ten transactions a second make ten thousand.
const A_TRANSACTION: u32 = 1_000;

/// What a replica may ask in a second: twenty times on hints, and a few times without.
const ASKS: u64 = 20 + 6;

#[test]
fn a_flood_of_crafted_notifications_changes_nothing_and_causes_few_questions() {
    let cluster = cluster(&[]);
    let mut rig = rig("notification flood", &cluster);
    let database = Cluster::database_of(&rig.start().store).to_owned();
    cluster.sql("postgres", "CREATE ROLE noisy LOGIN");
    let other = Other::connect_as(&cluster, &database, "noisy").unwrap();
    // Each of them is sent each notification, so more of them would try the machine and not the replica.
    rig.begin(rig.scale.either(3, 8));
    rig.calm();
    let asks = |replica: &ReplicaProcess| {
        let said = replica.statistics();
        (
            said["boot_ns"].as_u64().unwrap_or(0),
            said["asks"].as_u64().unwrap_or(0),
        )
    };
    std::thread::sleep(Duration::from_millis(600));
    let before: Vec<_> = rig.replicas.iter().map(asks).collect();
    let lasts = rig
        .scale
        .either(Duration::from_secs(3), Duration::from_secs(20));
    let ended = AtomicBool::new(false);
    let sent = std::thread::scope(|scope| {
        let flood = scope.spawn(|| {
            let (began, mut transactions) = (Instant::now(), 0_u32);
            while !ended.load(Ordering::Relaxed) {
                // As a version, as a document, as nothing: whatever might be taken for word from the store.
                other.run(&format!(
                    "SELECT count(pg_notify('gatepost_policy', CASE n % 4 \
                     WHEN 0 THEN (9223372036854775807 - n)::text WHEN 1 THEN '-' || n \
                     WHEN 2 THEN '{{\"version\":' || n || ',\"killed\":\"\"}}' \
                     ELSE repeat('x', CASE n % 100 WHEN 3 THEN 7000 ELSE 70 END) || n END)) FROM generate_series(1, {A_TRANSACTION}) n"
                ));
                transactions += 1;
                let due = Duration::from_millis(100) * transactions;
                std::thread::sleep(due.saturating_sub(began.elapsed()));
            }
            f64::from(transactions * A_TRANSACTION) / began.elapsed().as_secs_f64()
        });
        std::thread::sleep(lasts);
        ended.store(true, Ordering::Relaxed);
        flood.join().unwrap()
    });
    std::thread::sleep(Duration::from_millis(600));
    for (replica, (from, before)) in rig.replicas.iter().zip(before) {
        let (to, after) = asks(replica);
        let seconds = (to - from).div_ceil(1_000_000_000);
        let asked = after - before;
        assert!(
            asked <= ASKS * seconds + 8,
            "{}: asked {asked} times in {seconds} s",
            replica.name()
        );
    }
    eprintln!("notification flood: {sent:.0} a second");
    let least = rig.scale.either(2_000.0, 5_000.0);
    assert!(sent > least, "no flood: {sent:.0} a second");
    rig.finish();
}
