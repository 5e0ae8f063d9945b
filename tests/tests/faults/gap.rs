//! What is committed while a replica is between two connections.
//!
//! Replicas here ask so seldom that the poll brings nothing: what they see they see because they read when they
//! connect, and because they listened before they read.

use std::time::Duration;

use gatepost_tests::faults::forwarder::Forwarder;
use gatepost_tests::faults::policy::Toggle;
use gatepost_tests::faults::rig::Rig;
use gatepost_tests::postgres::{ACCOUNT, Cluster, wait_for};

use crate::{cluster, start};

/// A run whose replicas connect through a forwarder, with everything on and nobody who writes.
fn seldom(name: &str, cluster: &Cluster, forwarder: &Forwarder) -> Rig {
    let url = cluster.url();
    let database = Cluster::database_of(&url);
    let through = format!(
        "postgres://{ACCOUNT}@127.0.0.1:{}/{database}",
        forwarder.port()
    );
    let mut rig = Rig::new(name, &url, start(&through));
    rig.start().lease = Duration::from_mins(1);
    rig.start().interval = Some(Duration::from_secs(15));
    rig.begin(rig.scale.replicas());
    rig.calm();
    rig.write_no_more();
    for toggle in Toggle::ALL {
        rig.book.turn(toggle, true).unwrap();
    }
    rig.await_newest(Duration::from_secs(2));
    rig
}

#[test]
fn a_change_made_while_a_replica_has_no_connection_is_read_when_it_has_one() {
    let cluster = cluster(&[]);
    let forwarder = Forwarder::to(cluster.port());
    let mut rig = seldom("no connection", &cluster, &forwarder);
    for _ in 0..rig.scale.rounds() {
        rig.broken();
        forwarder.lead_to(None);
        std::thread::sleep(Duration::from_millis(50));
        for toggle in &Toggle::ALL[..3] {
            rig.book.turn(*toggle, false).unwrap();
        }
        forwarder.lead_to(Some(cluster.port()));
        rig.healed();
        for toggle in &Toggle::ALL[..3] {
            rig.book.turn(*toggle, true).unwrap();
        }
        rig.await_newest(Duration::from_secs(1));
    }
    rig.finish();
}

#[test]
fn a_change_made_between_a_connection_and_its_listening_is_not_missed() {
    let cluster = cluster(&[]);
    let forwarder = Forwarder::to(cluster.port());
    let mut rig = seldom("before LISTEN", &cluster, &forwarder);
    let replicas = rig.replicas.len();
    for _ in 0..rig.scale.rounds() {
        rig.broken();
        forwarder.hold(Some("LISTEN"));
        forwarder.lead_to(Some(cluster.port()));
        let all = || forwarder.waiting() >= replicas;
        assert!(
            wait_for(Duration::from_secs(5), all),
            "replicas do not listen"
        );
        for toggle in &Toggle::ALL[..3] {
            rig.book.turn(*toggle, false).unwrap();
        }
        forwarder.hold(None);
        rig.healed();
        for toggle in &Toggle::ALL[..3] {
            rig.book.turn(*toggle, true).unwrap();
        }
        rig.await_newest(Duration::from_secs(1));
    }
    rig.finish();
}
