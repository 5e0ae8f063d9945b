//! The server goes away, and comes back.

use std::time::Duration;

use gatepost_tests::faults::policy::Toggle;
use gatepost_tests::faults::rig::Rig;
use gatepost_tests::postgres::Stop;

use crate::{cluster, rig};

/// Something is broken while the policy is changed, as often as the run asks for.
fn rounds(rig: &mut Rig, mut fault: impl FnMut()) {
    for _ in 0..rig.scale.rounds() {
        rig.calm();
        // What is committed last before a fault is what a replica is most likely to miss.
        rig.book
            .hold_off(&[Toggle::SiteSwitch, Toggle::Membership])
            .unwrap();
        rig.broken();
        fault();
        rig.healed();
        rig.book.release();
    }
}

fn restarted(name: &str, how: Stop) {
    let cluster = cluster(&[]);
    let mut rig = rig(name, &cluster);
    rig.begin(rig.scale.replicas());
    rounds(&mut rig, || cluster.restart(how));
    rig.finish();
}

#[test]
fn no_change_is_missed_over_a_fast_restart() {
    restarted("fast restart", Stop::Fast);
}

#[test]
fn no_change_is_missed_over_an_immediate_restart() {
    restarted("immediate restart", Stop::Immediate);
}

#[test]
fn no_change_is_missed_over_a_sigkill_of_the_server() {
    restarted("SIGKILL of the server", Stop::Kill);
}

#[test]
fn a_server_that_stays_away_closes_and_is_followed_again_when_it_is_back() {
    let cluster = cluster(&[]);
    let mut rig = rig("server away", &cluster);
    rig.begin(rig.scale.replicas());
    let outage = rig.scale.outage();
    for _ in 0..rig.scale.rounds() {
        rig.calm();
        rig.book.hold_off(&Toggle::ALL).unwrap();
        rig.broken();
        cluster.stop(Stop::Fast);
        std::thread::sleep(outage);
        assert!(
            rig.all_closed(),
            "open without a store, {outage:?} after it went away"
        );
        // A change that nobody saw being made: the first answer after the gap has to bring it.
        cluster.begin();
        rig.healed();
        rig.book.release();
    }
    rig.finish();
}

#[test]
fn connections_that_the_server_ends_are_made_again() {
    let cluster = cluster(&[]);
    let mut rig = rig("pg_terminate_backend", &cluster);
    rig.begin(rig.scale.replicas());
    let times = rig.scale.either(5, 20);
    rounds(&mut rig, || {
        for _ in 0..times {
            cluster.sql(
                "postgres",
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE datname LIKE 'test_%' AND pid <> pg_backend_pid()",
            );
            std::thread::sleep(Duration::from_millis(60));
        }
    });
    rig.finish();
}
