//! Kills, while everything else goes wrong.

use std::time::Duration;

use gatepost_tests::faults::forwarder::Forwarder;
use gatepost_tests::faults::history::Decision;
use gatepost_tests::faults::policy::Toggle;
use gatepost_tests::faults::rig::Rig;

use crate::{cluster, rig, start};

#[test]
fn a_kill_that_is_taken_back_within_milliseconds_ends_where_the_last_version_is() {
    let cluster = cluster(&[]);
    let mut rig = rig("kill and un-kill", &cluster);
    rig.begin(rig.scale.replicas());
    rig.write_no_more();
    for _ in 0..rig.scale.either(8, 100) {
        rig.book.turn(Toggle::SiteSwitch, false).unwrap();
        std::thread::sleep(Duration::from_millis(3));
        rig.book.turn(Toggle::SiteSwitch, true).unwrap();
        rig.await_newest(Duration::from_secs(1));
    }
    let requests = Toggle::ALL.len();
    std::thread::sleep(rig.scale.every() * 2);
    for replica in &rig.replicas {
        let chat = replica.latest(requests)[0].clone();
        assert!(chat.as_ref().is_some_and(Decision::allows), "{chat:?}");
    }
    // The rest of the rules needs denials as well.
    rig.book.turn(Toggle::SiteSwitch, false).unwrap();
    rig.await_newest(Duration::from_secs(1));
    rig.finish();
}

#[test]
fn a_kill_is_committed_and_seen_where_nobody_can_be_notified() {
    let cluster = cluster(&[]);
    let direct = cluster.url();
    let forwarder = Forwarder::to(cluster.port());
    let (port, to) = (cluster.port().to_string(), forwarder.port().to_string());
    let url = direct.replace(&port, &to);
    let mut rig = Rig::new("NOTIFY fails", &url, start(&direct));
    forwarder.forbid(Some("gatepost_policy"));
    rig.begin(rig.scale.replicas());
    rig.calm();
    rig.calm();
    assert!(forwarder.cut() > 0, "nobody was to be notified");
    assert_eq!(rig.book.failures(), 0);
    rig.finish();
}
