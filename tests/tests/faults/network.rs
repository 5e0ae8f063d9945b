//! The network between replicas and their store: packets that are lost without a word, and connections that are reset.

use gatepost_tests::faults::network::Network;
use gatepost_tests::faults::policy::Toggle;
use gatepost_tests::faults::rig::Rig;
use gatepost_tests::postgres::Cluster;

use crate::{cluster, start};

/// Breaks the network of replicas while the policy is changed by a writer that reaches the store.
fn broken(name: &str, fault: impl Fn(&Network)) {
    let network = Network::new();
    let cluster = cluster(&[("listen_addresses", "*")]);
    let url = cluster.url();
    let inside = network.opened(&cluster, Cluster::database_of(&url));
    let mut replicas = start(&inside);
    replicas.by = network.by();
    let mut rig = Rig::new(name, &url, replicas);
    rig.begin(rig.scale.replicas());
    let outage = rig.scale.outage();
    let mut closed = true;
    for _ in 0..rig.scale.rounds() {
        rig.calm();
        rig.broken();
        fault(&network);
        // Nobody inside can hear of it; the lease is all there is.
        rig.book.hold_off(&Toggle::ALL[..3]).unwrap();
        std::thread::sleep(outage);
        closed &= rig.all_closed();
        network.heal();
        rig.healed();
        rig.book.release();
    }
    let failures = rig.book.failures();
    assert_eq!(failures, 0, "the writer is outside of the broken network");
    let summary = rig.finish();
    // After the checker, which tells more of what was wrong.
    assert!(
        closed,
        "{name}: open, {outage:?} after the network was broken: {summary}"
    );
}

#[test]
fn silent_loss_of_every_packet_closes_by_the_lease() {
    broken("packets dropped", Network::lose_everything);
}

#[test]
fn connections_that_are_reset_are_made_again_when_they_can_be() {
    broken("connections reset", Network::reset_everything);
}
