//! Processes that are stopped in their tracks, and go on later as if nothing had been.

use std::time::Duration;

use gatepost_tests::faults::policy::Toggle;
use gatepost_tests::faults::writer::now;

use crate::{cluster, rig};

#[test]
fn a_server_that_is_stopped_closes_when_the_lease_runs_out() {
    let cluster = cluster(&[]);
    let mut rig = rig("SIGSTOP of the server", &cluster);
    rig.begin(rig.scale.replicas());
    for _ in 0..rig.scale.rounds() {
        rig.calm();
        rig.book.hold_off(&Toggle::ALL[..3]).unwrap();
        rig.broken();
        cluster.signal("STOP");
        std::thread::sleep(Duration::from_secs(3));
        let closed = rig.all_closed();
        cluster.signal("CONT");
        assert!(closed, "open, three seconds after the server was stopped");
        rig.healed();
        rig.book.release();
    }
    rig.finish();
}

#[test]
fn a_replica_that_was_stopped_across_a_kill_denies_in_its_first_answer() {
    let cluster = cluster(&[]);
    let mut rig = rig("SIGSTOP of a replica", &cluster);
    rig.begin(rig.scale.replicas());
    let stopped = rig
        .scale
        .either(Duration::from_millis(1_500), Duration::from_secs(10));
    for _ in 0..rig.scale.rounds() {
        rig.calm();
        rig.write_no_more();
        for toggle in Toggle::ALL {
            rig.book.turn(toggle, true).unwrap();
        }
        rig.await_newest(Duration::from_secs(5));
        let name = rig.replicas[0].name().to_owned();
        rig.broken_for(&name);
        rig.replicas[0].signal("STOP");
        std::thread::sleep(Duration::from_millis(50));
        let before = rig.replicas[0].decisions().len();
        for toggle in Toggle::ALL {
            rig.book.turn(toggle, false).unwrap();
        }
        std::thread::sleep(stopped);
        // One of its answers may have been under way: it began before the kill.
        let resumed = now();
        rig.replicas[0].signal("CONT");
        rig.healed_at(resumed);
        let after = rig.replicas[0].decisions();
        let first = after[before..]
            .iter()
            .find(|decision| decision.begun >= resumed);
        let first = first.unwrap_or_else(|| panic!("no answer after it was resumed"));
        assert!(!first.allows(), "{first}");
        rig.write_again();
    }
    rig.finish();
}
