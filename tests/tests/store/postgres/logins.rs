//! A server that asks for a password, which is told nowhere (A92): in no line of any log, no row and no text.

use std::fmt::Debug;
use std::fs;
use std::time::Duration;

use gatepost_store::{HistoryFilter, PolicyStore, Replica, StoreErrorKind, StoreUrl};
use gatepost_tests::log::log;
use tracing::level_filters::LevelFilter;

use super::server;
use crate::place::{Place, ines, policy, run};
use crate::texts::kill;

const RIGHT: &str = "s3same-right";
const WRONG: &str = "s3same-wrong";

fn silent(what: &str, text: &str) {
    for secret in [RIGHT, WRONG, "s3same"] {
        assert!(!text.contains(secret), "{what}: {text}");
    }
}

fn shown(what: &str, value: &impl Debug) {
    silent(what, &format!("{value:?} {value:#?}"));
}

#[test]
fn a92_a_password_is_in_no_log_no_row_and_no_text() {
    // Replicas have threads of their own, so it is the log of the process.
    let log = log(LevelFilter::TRACE);
    run(async {
        let place = Place::postgres();
        let store = place.with(&policy()).await;
        let (cluster, database) = server(&place);
        for sql in [
            format!("CREATE ROLE app LOGIN PASSWORD '{RIGHT}'"),
            "GRANT pg_read_all_data, pg_write_all_data TO app".to_owned(),
        ] {
            cluster.sql("postgres", &sql);
        }
        let asks = "host all app 127.0.0.1/32 scram-sha-256\n";
        let access = cluster.data().join("pg_hba.conf");
        let others = fs::read_to_string(&access).unwrap();
        fs::write(&access, asks.to_owned() + &others).unwrap();
        cluster.sql("postgres", "SELECT pg_reload_conf()");

        let port = cluster.port();
        let url = |password: &str, port: u16| -> StoreUrl {
            format!("postgres://app:{password}@127.0.0.1:{port}/{database}")
                .parse()
                .unwrap()
        };
        // It is let in once the server has read who is asked for a password.
        let wrong = url(WRONG, port);
        let mut refused = PolicyStore::open(&wrong).await;
        for _ in 0..200 {
            if refused.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            refused = PolicyStore::open(&wrong).await;
        }
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
        silent("an error", &error.to_string());
        shown("an error", &error);

        let options = || Replica::options().patience(Duration::from_millis(300));
        for (name, url) in [("wrong", wrong), ("nobody there", url(RIGHT, 1))] {
            let error = options().open(&url).await.unwrap_err();
            silent(name, &error.to_string());
            shown(name, &error);
            let waiting = options().start_closed().open(&url).await.unwrap();
            tokio::time::sleep(Duration::from_millis(300)).await;
            shown(name, &waiting);
            shown(name, &waiting.health());
            shown(name, &waiting.statistics());
            shown(name, waiting.url());
        }

        let right = url(RIGHT, port);
        let replica = options().open(&right).await.unwrap();
        let followed = PolicyStore::open(&right).await.unwrap();
        let committed = followed.write(&kill("chat")).await.unwrap();
        let proof = followed.await_replicas(committed.version).await.unwrap();
        silent("a proof", &proof.to_string());
        shown(
            "what is followed",
            &(&replica, replica.gate(), &followed, &proof),
        );
        let all = HistoryFilter::default();
        let history = followed.history(None, usize::MAX, &all).await.unwrap();
        shown("the audit log", &history);
        shown("the replicas", &store.replicas().await.unwrap());
        for table in ["head", "fact", "change", "effect", "replica", "migration"] {
            let rows = place.sql(&format!("SELECT t::text FROM gatepost_{table} t"));
            assert!(!rows.is_empty(), "{table}");
            silent(table, &rows.join("\n"));
        }
        // It is let in no more, and says why it cannot follow.
        cluster.sql("postgres", "ALTER ROLE app PASSWORD 's3same-other'");
        place.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");
        tokio::time::sleep(Duration::from_millis(500)).await;
        shown("its health", &replica.health());
        let error = followed.recover(ines(), "again").await.unwrap_err();
        silent("an error", &error.to_string());
        shown("an error", &error);
    });
    let logged = log.text();
    assert!(logged.contains("policy store fault"), "{logged}");
    assert!(
        logged.contains("password authentication failed"),
        "{logged}"
    );
    silent("the log", &logged);
}
