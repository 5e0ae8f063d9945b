//! Somebody holds the policy locked.

use std::time::{Duration, Instant};

use gatepost_store::StoreErrorKind;
use gatepost_tests::faults::policy::Toggle;
use gatepost_tests::postgres::Cluster;

use crate::others::Other;
use crate::{cluster, rig};

#[test]
fn a_locked_head_makes_writers_busy_and_no_replica_stale() {
    let cluster = cluster(&[]);
    let mut rig = rig("head locked", &cluster);
    rig.begin(rig.scale.replicas());
    let database = Cluster::database_of(&rig.start().store).to_owned();
    rig.calm();
    rig.write_no_more();
    let other = Other::connect(&cluster, &database).unwrap();
    other.run("BEGIN; SELECT * FROM gatepost_head FOR UPDATE");
    let asked = Instant::now();
    let busy = rig.book.turn(Toggle::SiteSwitch, false).unwrap_err();
    let took = asked.elapsed();
    assert_eq!(busy.kind(), StoreErrorKind::Busy, "{busy}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    // Longer than a lease, and health was not given up: replicas only read.
    std::thread::sleep(rig.scale.lease().saturating_sub(took));
    other.run("ROLLBACK");
    rig.book.turn(Toggle::SiteSwitch, true).unwrap();
    rig.book.turn(Toggle::SiteSwitch, false).unwrap();
    rig.write_again();
    rig.calm();
    rig.finish();
}

#[test]
fn locked_tables_close_replicas_until_they_are_free() {
    let cluster = cluster(&[]);
    let mut rig = rig("tables locked", &cluster);
    rig.begin(rig.scale.replicas());
    let database = Cluster::database_of(&rig.start().store).to_owned();
    for _ in 0..rig.scale.rounds() {
        rig.calm();
        rig.book.hold_off(&Toggle::ALL[..3]).unwrap();
        rig.broken();
        let other = Other::connect(&cluster, &database).unwrap();
        other.run(
            "BEGIN; LOCK gatepost_head, gatepost_fact, gatepost_change, gatepost_effect, gatepost_replica \
             IN ACCESS EXCLUSIVE MODE",
        );
        std::thread::sleep(rig.scale.outage());
        let closed = rig.all_closed();
        other.run("ROLLBACK");
        assert!(closed, "open, with every table locked");
        rig.healed();
        rig.book.release();
    }
    rig.finish();
}
