//! A server that has no connection left.

use std::time::{Duration, Instant};

use gatepost_tests::faults::policy::Toggle;

use crate::others::Other;
use crate::{cluster, rig};

#[test]
fn whoever_is_connected_stays_so_where_others_take_every_connection() {
    let most = 120;
    let cluster = cluster(&[("max_connections", &most.to_string())]);
    let mut rig = rig("max_connections", &cluster);
    rig.begin(rig.scale.replicas());
    rig.calm();
    let others: Vec<Other> = (0..=most)
        .map_while(|_| Other::connect(&cluster, "postgres").ok())
        .collect();
    assert!(others.len() < most, "there was room for {}", others.len());
    // No health is given up: nothing here may be noticed at all.
    rig.write_no_more();
    let asked = Instant::now();
    rig.book.turn(Toggle::SiteSwitch, true).unwrap();
    rig.book.turn(Toggle::SiteSwitch, false).unwrap();
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "{:?}",
        asked.elapsed()
    );
    rig.await_newest(Duration::from_secs(2));
    rig.write_again();
    rig.calm();
    drop(others);
    rig.finish();
}
