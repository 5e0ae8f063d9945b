//! A place for a store, on either backend, into which a test can also reach behind the store's back.

use std::future::Future;
use std::sync::Arc;

use gatepost::PolicyDocument;
use gatepost_store::{Author, PolicyStore, StoreUrl};
use gatepost_tests::postgres::Cluster;
use rusqlite::Connection;
use tempfile::TempDir;

/// Where a store is to be.
#[derive(Clone)]
pub(crate) enum Place {
    Sqlite(Arc<TempDir>),
    Postgres(Arc<Cluster>, String),
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(Arc::new(tempfile::tempdir().unwrap()))
    }

    pub(crate) fn postgres() -> Self {
        let cluster = Cluster::start();
        let url = cluster.url();
        Self::Postgres(Arc::new(cluster), url)
    }

    pub(crate) fn url(&self) -> StoreUrl {
        match self {
            Self::Sqlite(folder) => StoreUrl::sqlite(folder.path().join("policy.db")),
            Self::Postgres(_, url) => url.parse().unwrap(),
        }
    }

    pub(crate) async fn init(&self) -> PolicyStore {
        PolicyStore::init(&self.url()).await.unwrap()
    }

    /// A store with this policy as version 1.
    pub(crate) async fn with(&self, document: &PolicyDocument) -> PolicyStore {
        let store = self.init().await;
        store.import(document, ines(), "seed", None).await.unwrap();
        store
    }

    /// Runs SQL; the rows with `|` between columns.
    pub(crate) fn sql(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(_) => {
                let connection = self.connection();
                if !sql.trim_start().starts_with("SELECT") {
                    connection.execute_batch(sql).unwrap();
                    return Vec::new();
                }
                let mut statement = connection.prepare(sql).unwrap();
                let columns = statement.column_count();
                let rows = statement.query_map([], |row| {
                    let columns: Vec<String> = (0..columns)
                        .map(|column| match row.get_ref_unwrap(column) {
                            rusqlite::types::ValueRef::Integer(value) => value.to_string(),
                            value => value.as_str_or_null().unwrap().unwrap_or("").to_owned(),
                        })
                        .collect();
                    Ok(columns.join("|"))
                });
                rows.unwrap().map(Result::unwrap).collect()
            }
            Self::Postgres(cluster, url) => {
                let said = cluster.sql(Cluster::database_of(url), sql);
                said.lines().map(str::to_owned).collect()
            }
        }
    }

    pub(crate) fn connection(&self) -> Connection {
        let url = self.url();
        let connection = Connection::open(url.file().unwrap()).unwrap();
        connection
            .busy_timeout(std::time::Duration::from_secs(10))
            .unwrap();
        connection
    }
}

pub(crate) fn ines() -> Author {
    Author::Operator {
        name: "ines".into(),
    }
}

/// Runs a test on threads of its own.
pub(crate) fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

/// Two resources with their gates, two orgs below a third, a subject.
pub(crate) fn policy() -> PolicyDocument {
    document(
        r#"{
        "version": 1,
        "resources": { "chat": ["create", "read"], "agent": ["execute"] },
        "site": { "gates": {
            "chat": { "switch": "on", "access": "everyone" },
            "agent": { "switch": "on", "background": { "switch": "on" } }
        } },
        "org_roles": { "owner": { "level": 50, "grants": ["chat:*", "agent:execute"] } },
        "subjects": { "olga": {} },
        "orgs": {
            "root": {},
            "acme": { "parent": "root", "members": { "olga": { "roles": ["owner"] } } },
            "zeta": { "parent": "root", "members": { "olga": { "roles": ["owner"] } } }
        }
    }"#,
    )
}

pub(crate) fn document(json: &str) -> PolicyDocument {
    serde_json::from_str(json).unwrap()
}

/// Makes each test one on SQLite and one on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[test]
            fn $name() {
                crate::place::run(super::$name(crate::place::Place::sqlite()));
            })*
        }
        mod on_postgres {
            $(#[test]
            fn $name() {
                crate::place::run(super::$name(crate::place::Place::postgres()));
            })*
        }
    };
}
pub(crate) use on_both;
