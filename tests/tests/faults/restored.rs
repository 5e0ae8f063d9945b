//! A backup that is put in the place of what came after it.

use std::time::Duration;

use gatepost_tests::faults::policy::Toggle;
use gatepost_tests::postgres::{ACCOUNT, Cluster, tool};

use crate::{cluster, rig};

#[test]
fn a_restored_backup_closes_replicas_until_it_is_recovered() {
    let cluster = cluster(&[]);
    let mut rig = rig("backup restored", &cluster);
    let database = Cluster::database_of(&rig.start().store).to_owned();
    rig.begin(rig.scale.replicas());
    rig.calm();
    rig.write_no_more();
    for toggle in Toggle::ALL {
        rig.book.turn(toggle, true).unwrap();
    }
    let run = |program: &str, arguments: &[&str]| {
        let mut command = tool(program);
        command.args([
            "-h",
            "127.0.0.1",
            "-U",
            ACCOUNT,
            "-p",
            &cluster.port().to_string(),
        ]);
        let ran = command
            .args(["-d", &database])
            .args(arguments)
            .current_dir("/")
            .output()
            .unwrap();
        assert!(
            ran.status.success(),
            "{program}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
    };
    let backup = cluster
        .data()
        .with_extension("backup")
        .display()
        .to_string();
    run("pg_dump", &["--clean", "--if-exists", "-f", &backup]);
    let policy = rig.book.policy();
    for toggle in &Toggle::ALL[..3] {
        rig.book.turn(*toggle, false).unwrap();
    }
    rig.await_newest(Duration::from_secs(2));
    rig.broken();
    run(
        "psql",
        &["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", &backup],
    );
    std::thread::sleep(rig.scale.lease() + Duration::from_millis(1_500));
    let closed = rig.all_closed();
    let store = rig.book.store().clone();
    rig.recover(store, policy);
    // After the checker, which tells more of what was wrong.
    assert!(closed, "open behind an old backup\n{}", rig.said());
    rig.write_again();
    rig.calm();
    rig.finish();
}
