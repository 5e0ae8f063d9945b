//! What a store, its replicas and the network between them are put through, and what must hold all the while.
//!
//! Every scenario ends in the checker of `gatepost_tests::faults::history`. The reduced run is part of every test
//! run; `GATEPOST_FAULTS=full` asks for as many replicas, and as long, as is promised.
//!
//! Jumps of the wall clock are not among them: a machine that others work on has one wall clock. They are in the
//! simulation of the replica, whose clock is its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

mod connections;
mod disk;
mod gap;
mod kills;
mod locks;
mod network;
mod notifications;
mod others;
mod pooler;
mod proof;
mod reconnects;
mod replaced;
mod restarts;
mod restored;
mod sqlite;
mod standby;
mod stops;
mod writers;

use gatepost_tests::faults::replicas::Start;
use gatepost_tests::faults::rig::Rig;
use gatepost_tests::postgres::Cluster;

/// Replicas of a store, as this package builds them.
fn start(url: &str) -> Start {
    Start::new(env!("CARGO_BIN_EXE_replica"), url)
}

/// A server with room for every replica twice: connections that a network has swallowed are the server's for as
/// long as it takes it to notice, and those that replicas make anew come on top.
fn cluster(settings: &[(&str, &str)]) -> Cluster {
    let common = [("fsync", "off"), ("max_connections", "300")];
    Cluster::start_with(&[&common[..], settings].concat())
}

/// A run on a new database of a cluster.
fn rig(name: &str, cluster: &Cluster) -> Rig {
    let url = cluster.url();
    Rig::new(name, &url, start(&url))
}
