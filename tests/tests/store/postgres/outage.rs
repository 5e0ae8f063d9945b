//! A server that stops, stands still, or is another than it was.

use std::time::{Duration, Instant};

use gatepost::SiteSwitch;
use gatepost_store::{PolicyStore, StoreErrorKind};
use gatepost_tests::postgres::Stop;

use super::server;
use crate::place::{Place, policy, run};
use crate::texts::{kill, site};

#[test]
fn a_server_that_was_started_again_is_written_to_again() {
    run(async {
        let place = Place::postgres();
        let store = place.with(&policy()).await;
        let (cluster, _) = server(&place);
        let mut version = 1;
        for how in [Stop::Fast, Stop::Immediate, Stop::Kill] {
            cluster.stop(how);
            let error = store.write(&kill("chat")).await.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
            let error = store.head().await.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
            cluster.begin();
            store.write(&kill("chat")).await.unwrap();
            store.write(&site("chat", SiteSwitch::On)).await.unwrap();
            version += 2;
            assert_eq!(
                store.export().await.unwrap(),
                (version, policy()),
                "{how:?}"
            );
        }
    });
}

#[test]
fn connections_that_were_ended_are_made_again() {
    run(async {
        let place = Place::postgres();
        let store = place.with(&policy()).await;
        for turn in 0..6 {
            place.sql(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE application_name = 'gatepost'",
            );
            let to = [SiteSwitch::Off, SiteSwitch::On][turn % 2];
            store.write(&site("chat", to)).await.unwrap();
            store.export().await.unwrap();
        }
    });
}

#[test]
fn a_server_that_stands_still_is_given_up() {
    run(async {
        let place = Place::postgres();
        let store = place.with(&policy()).await;
        let (cluster, _) = server(&place);
        cluster.signal("STOP");
        let begun = Instant::now();
        let error = store.write(&kill("chat")).await;
        let waited = begun.elapsed();
        cluster.signal("CONT");
        let error = error.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
        assert!(waited < Duration::from_secs(20), "{waited:?}");
        assert_eq!(store.write(&kill("chat")).await.unwrap().version, 2);
    });
}

#[test]
fn a_server_that_takes_no_writes_is_not_asked() {
    run(async {
        let place = Place::postgres();
        place.with(&policy()).await;
        let (cluster, database) = server(&place);
        let only = format!("ALTER DATABASE {database} SET default_transaction_read_only = on");
        cluster.sql("postgres", &only);
        let error = PolicyStore::open(&place.url()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
    });
}
