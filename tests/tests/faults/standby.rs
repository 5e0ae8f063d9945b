//! A standby that takes over, without the last commits of the primary.

use std::fs;
use std::time::Duration;

use gatepost_tests::faults::forwarder::Forwarder;
use gatepost_tests::faults::policy::Toggle;
use gatepost_tests::faults::rig::Rig;
use gatepost_tests::postgres::{ACCOUNT, Cluster, Stop, tool, wait_for};

use crate::{cluster, start};

/// A server that follows another one.
fn standby_of(primary: &Cluster) -> Cluster {
    let standby = cluster(&[]);
    standby.stop(Stop::Fast);
    let data = standby.data();
    let settings = fs::read(data.join("conf.d/test.conf")).unwrap();
    fs::remove_dir_all(&data).unwrap();
    let mut copy = tool("pg_basebackup");
    copy.args(["-h", "127.0.0.1", "-U", ACCOUNT, "-c", "fast", "-R"]);
    copy.args(["-p", &primary.port().to_string(), "-D"])
        .arg(&data);
    let copied = copy.current_dir("/").output().unwrap();
    assert!(
        copied.status.success(),
        "{}",
        String::from_utf8_lossy(&copied.stderr)
    );
    fs::write(data.join("conf.d/test.conf"), settings).unwrap();
    standby.begin();
    standby
}

#[test]
fn a_standby_that_lost_a_kill_closes_replicas_until_it_is_recovered() {
    let primary = cluster(&[]);
    let forwarder = Forwarder::to(primary.port());
    let database = Cluster::database_of(&primary.url()).to_owned();
    let address = format!(
        "postgres://{ACCOUNT}@127.0.0.1:{}/{database}",
        forwarder.port()
    );
    let mut rig = Rig::new("standby promoted", &address, start(&address));
    rig.begin(rig.scale.replicas());
    let standby = standby_of(&primary);
    rig.calm();
    rig.write_no_more();
    for toggle in Toggle::ALL {
        rig.book.turn(toggle, true).unwrap();
    }
    let kept = rig.book.last();
    let caught_up = || {
        let version = standby.try_sql(&database, "SELECT version FROM gatepost_head");
        version.is_ok_and(|version| version == kept.to_string())
    };
    assert!(
        wait_for(Duration::from_secs(10), caught_up),
        "the standby does not follow"
    );

    // The standby is cut off, and the primary goes on: a kill that will be lost, and more.
    standby.set("primary_conninfo", "");
    let cut_off = || standby.sql("postgres", "SELECT count(*) FROM pg_stat_wal_receiver") == "0";
    assert!(
        wait_for(Duration::from_secs(10), cut_off),
        "the standby is not cut off"
    );
    let mut policy = rig.book.policy();
    for toggle in &Toggle::ALL[..3] {
        rig.book.turn(*toggle, false).unwrap();
    }
    rig.await_newest(Duration::from_secs(2));
    rig.broken();
    primary.stop(Stop::Kill);
    standby.sql("postgres", "SELECT pg_promote()");
    let lost = standby.sql(&database, "SELECT version FROM gatepost_head");
    assert_eq!(lost, kept.to_string(), "nothing was lost");
    forwarder.lead_to(Some(standby.port()));
    std::thread::sleep(rig.scale.lease() + Duration::from_millis(300));
    assert!(
        rig.all_closed(),
        "open behind a store that lost a kill\n{}",
        rig.said()
    );

    // It commits other changes, by the same version numbers and beyond them.
    let direct = rig.book.store().open(&standby.url_of(&database)).unwrap();
    for (toggle, on) in [
        (Toggle::OrgSwitch, false),
        (Toggle::Subject, false),
        (Toggle::SiteRole, false),
        (Toggle::Subject, true),
        (Toggle::OrgSwitch, true),
    ] {
        direct.write(&toggle.command(on)).unwrap();
        toggle.turn(&mut policy, on);
    }
    assert!(direct.version().unwrap() > rig.book.last());
    std::thread::sleep(rig.scale.outage());
    assert!(
        rig.all_closed(),
        "open behind another history\n{}",
        rig.said()
    );

    rig.recover(direct, policy);
    rig.write_again();
    rig.calm();
    rig.finish();
}
