//! A pooler between replicas and their store, which loses `LISTEN` without a word.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};
use std::time::Duration;

use gatepost_tests::faults::policy::Toggle;
use gatepost_tests::faults::rig::Rig;
use gatepost_tests::postgres::{ACCOUNT, Cluster, tool, wait_for};
use tempfile::TempDir;

use crate::{cluster, start};

/// A pgbouncer in transaction mode, ended when it is dropped.
struct Pooler {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Pooler {
    fn start(cluster: &Cluster) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let ini = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={} user={ACCOUNT}\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = 8\nmax_client_conn = 500\n\
             ignore_startup_parameters = extra_float_digits\n",
            cluster.port()
        );
        fs::write(&ini, text).unwrap();
        let mut pooler = tool("pgbouncer");
        pooler.arg("-q").arg(&ini).stdin(Stdio::null());
        pooler.stdout(Stdio::null()).stderr(Stdio::null());
        let child = pooler
            .spawn()
            .unwrap_or_else(|why| panic!("pgbouncer is needed: install it: {why}"));
        let listens = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        assert!(
            wait_for(Duration::from_secs(5), listens),
            "pgbouncer does not listen"
        );
        Self {
            child,
            port,
            _folder: folder,
        }
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn through_a_pooler_that_loses_every_notification_the_poll_bounds_staleness() {
    let cluster = cluster(&[]);
    let url = cluster.url();
    let pooler = Pooler::start(&cluster);
    let database = Cluster::database_of(&url);
    let through_it = format!("postgres://{ACCOUNT}@127.0.0.1:{}/{database}", pooler.port);
    let mut rig = Rig::new("pgbouncer", &url, start(&through_it));
    rig.begin(rig.scale.replicas());
    rig.calm();
    // A change that nothing follows: no later one would lead replicas to it.
    rig.write_no_more();
    rig.book.turn(Toggle::SiteSwitch, true).unwrap();
    rig.book.turn(Toggle::SiteSwitch, false).unwrap();
    rig.await_newest(Duration::from_secs(1));
    // Whoever writes through it writes as well.
    let through = rig.book.store().open(&through_it).unwrap();
    through.write(&Toggle::SiteSwitch.command(true)).unwrap();
    through.write(&Toggle::SiteSwitch.command(false)).unwrap();
    rig.book.settle().unwrap();
    rig.await_newest(Duration::from_secs(1));
    rig.write_again();
    rig.calm();
    rig.finish();
}
