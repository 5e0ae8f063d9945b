//! The way to the server: cut, pooled, or full.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gatepost::SiteSwitch;
use gatepost_store::{PolicyStore, StoreErrorKind, StoreUrl};
use gatepost_tests::postgres::{Cluster, wait_for};

use super::proxy::{Lost, Proxy};
use super::server;
use crate::place::{Place, ines, policy, run};
use crate::texts::{kill, site};

fn through(port: u16, place: &Place) -> StoreUrl {
    let (_, database) = server(place);
    let url = format!("postgres://gatepost@127.0.0.1:{port}/{database}");
    url.parse().unwrap()
}

/// A store that is reached through a proxy.
async fn proxied() -> (Place, Proxy, PolicyStore) {
    let place = Place::postgres();
    place.with(&policy()).await;
    let proxy = Proxy::to(server(&place).0.port());
    let store = PolicyStore::open(&through(proxy.port(), &place)).await;
    (place, proxy, store.unwrap())
}

#[test]
fn a_commit_whose_answer_was_lost_is_looked_for() {
    run(async {
        let (place, proxy, store) = proxied().await;
        proxy.cut_at("COMMIT\0", Lost::Answer);
        let committed = store.write(&kill("chat")).await.unwrap();
        assert!(proxy.has_cut());
        assert_eq!(committed.version, 2);
        assert_eq!(place.sql("SELECT count(*) FROM gatepost_change"), ["2"]);
        proxy.cut_at("COMMIT\0", Lost::Statement);
        let error = store.write(&kill("agent")).await.unwrap_err();
        assert!(proxy.has_cut());
        assert_eq!(error.kind(), StoreErrorKind::Unreachable);
        assert!(
            error.to_string().ends_with("nothing was written"),
            "{error}"
        );
        assert_eq!(place.sql("SELECT count(*) FROM gatepost_change"), ["2"]);
        assert_eq!(store.write(&kill("agent")).await.unwrap().version, 3);
    });
}

#[test]
fn where_nobody_can_be_asked_it_is_not_known_whether_a_change_was_written() {
    run(async {
        let (place, proxy, store) = proxied().await;
        // Who is in stays in; nobody else is let in any more.
        let (cluster, _) = server(&place);
        let rules = cluster.data().join("pg_hba.conf");
        std::fs::write(rules, "local all all trust\n").unwrap();
        place.sql("SELECT pg_reload_conf()");
        let place_in = through(proxy.port(), &place);
        while PolicyStore::open(&place_in).await.is_ok() {}
        proxy.cut_at("COMMIT\0", Lost::Answer);
        let error = store.write(&kill("chat")).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unreachable);
        assert!(
            error.to_string().contains("it is not known whether it was"),
            "{error}"
        );
    });
}

#[test]
fn a_connection_that_broke_in_between_is_made_again() {
    run(async {
        let (place, proxy, store) = proxied().await;
        let mut version = 1;
        // Nothing was begun yet, or all is written and only the hint is lost.
        for at in ["BEGIN ", "NOTIFY "] {
            for lost in [Lost::Statement, Lost::Answer] {
                proxy.cut_at(at, lost);
                let to = [SiteSwitch::On, SiteSwitch::Off][version % 2];
                version += 1;
                let committed = store.write(&site("chat", to)).await.unwrap();
                assert!(proxy.has_cut(), "{at}");
                assert_eq!(committed.version, version as u64, "{at} {lost:?}");
            }
        }
        for lost in [Lost::Statement, Lost::Answer] {
            proxy.cut_at("UPDATE gatepost_head", lost);
            let error = store.write(&kill("agent")).await.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
            let stored = place.sql("SELECT version FROM gatepost_head");
            assert_eq!(stored, [version.to_string()]);
        }
        assert!(store.write(&kill("agent")).await.unwrap().changed);
    });
}

#[test]
fn a_kill_needs_no_connection_that_the_server_no_longer_gives() {
    run(async {
        let cluster = Cluster::start_with(&[
            ("fsync", "off"),
            ("max_connections", "8"),
            ("superuser_reserved_connections", "0"),
        ]);
        let url: StoreUrl = cluster.url().parse().unwrap();
        let store = PolicyStore::init(&url).await.unwrap();
        store.import(&policy(), ines(), "seed", None).await.unwrap();
        let mut others = Vec::new();
        let error = loop {
            match PolicyStore::open(&url).await {
                Ok(other) => others.push(other),
                Err(error) => break error,
            }
            assert!(others.len() < 20);
        };
        assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
        assert_eq!(store.write(&kill("chat")).await.unwrap().version, 2);
    });
}

#[test]
fn who_holds_the_lock_is_not_waited_for_for_ever() {
    run(async {
        let place = Place::postgres();
        let store = place.with(&policy()).await;
        let (cluster, database) = server(&place);
        let (cluster, database) = (Arc::clone(cluster), database.to_owned());
        let holder = std::thread::spawn(move || {
            let hold =
                "BEGIN; SELECT 1 FROM gatepost_head FOR UPDATE; SELECT pg_sleep(6); ROLLBACK";
            cluster.sql(&database, hold);
        });
        let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        assert!(wait_for(Duration::from_secs(5), || place.sql(sleeps) == ["1"]));
        let begun = Instant::now();
        let error = store.write(&kill("chat")).await.unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(4));
        assert_eq!(error.kind(), StoreErrorKind::Busy, "{error}");
        assert!(
            error.to_string().contains("pg_terminate_backend"),
            "{error}"
        );
        assert_eq!(store.export().await.unwrap(), (1, policy()));
        holder.join().unwrap();
        assert_eq!(store.write(&kill("chat")).await.unwrap().version, 2);
    });
}

/// A pooler that hands the connection on between transactions, where one is installed.
#[test]
fn a_pooler_may_hand_the_connection_on() {
    let mut installed = Command::new("pgbouncer");
    installed.arg("--version").stdout(Stdio::null());
    if installed.status().is_err() {
        return;
    }
    run(async {
        let place = Place::postgres();
        place.with(&policy()).await;
        let (cluster, database) = server(&place);
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let ini = folder.path().join("pgbouncer.ini");
        let settings = format!(
            "[databases]\n{database} = host=127.0.0.1 port={} user=gatepost\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = 1\nunix_socket_dir =\n",
            cluster.port(),
        );
        std::fs::write(&ini, settings).unwrap();
        let mut command = Command::new("pgbouncer");
        // It does not run as root.
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.uid(65534);
            chown(folder.path(), Some(65534), None).unwrap();
            chown(&ini, Some(65534), None).unwrap();
        }
        command
            .arg(&ini)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut pooler = command.spawn().unwrap();
        let listens = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        assert!(wait_for(Duration::from_secs(10), listens));
        let ended = tokio::spawn(pooled(through(port, &place))).await;
        pooler.kill().unwrap();
        pooler.wait().unwrap();
        ended.unwrap();
    });
}

/// Three stores, each with two connections, share one connection of the server.
async fn pooled(url: StoreUrl) {
    let mut stores = Vec::new();
    for _ in 0..3 {
        stores.push(PolicyStore::open(&url).await.unwrap());
    }
    for turn in 0..30 {
        let to = [SiteSwitch::Off, SiteSwitch::On][turn % 2];
        let committed = stores[turn % 3].write(&site("chat", to)).await.unwrap();
        assert_eq!(committed.version, turn as u64 + 2);
        let (version, _) = stores[(turn + 1) % 3].export().await.unwrap();
        assert_eq!(version, committed.version);
    }
}
