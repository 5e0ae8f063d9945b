//! A store of either kind that can be taken away.

use gatepost_tests::postgres::{Cluster, Stop};
use tempfile::TempDir;

/// Where a store is; it is gone with this.
pub(super) struct Place {
    url: String,
    kind: Kind,
}

enum Kind {
    Sqlite(TempDir),
    Postgres(Cluster),
}

impl Place {
    pub(super) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: format!("sqlite:{}", folder.path().join("policy.db").display()),
            kind: Kind::Sqlite(folder),
        }
    }

    pub(super) fn postgres() -> Self {
        let cluster = Cluster::start();
        Self {
            url: cluster.url(),
            kind: Kind::Postgres(cluster),
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The ways in which it can be taken away.
    pub(super) fn stops(&self) -> &'static [&'static str] {
        match &self.kind {
            Kind::Sqlite(_) => &["moved"],
            // Paused, it takes connections and says nothing.
            Kind::Postgres(_) => &["stopped", "paused"],
        }
    }

    pub(super) fn stop(&self, how: &str) {
        match &self.kind {
            Kind::Sqlite(folder) => {
                let path = folder.path().join("policy.db");
                std::fs::rename(&path, path.with_extension("away")).unwrap();
            }
            Kind::Postgres(cluster) if how == "paused" => cluster.signal("STOP"),
            Kind::Postgres(cluster) => cluster.stop(Stop::Immediate),
        }
    }

    pub(super) fn go_on(&self, how: &str) {
        match &self.kind {
            Kind::Sqlite(folder) => {
                let path = folder.path().join("policy.db");
                std::fs::rename(path.with_extension("away"), &path).unwrap();
            }
            Kind::Postgres(cluster) if how == "paused" => cluster.signal("CONT"),
            Kind::Postgres(cluster) => cluster.begin(),
        }
    }

    /// SQL behind the store's back.
    pub(super) fn sql(&self, sql: &str) {
        match &self.kind {
            Kind::Sqlite(folder) => {
                let path = folder.path().join("policy.db");
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.execute_batch(sql).unwrap();
            }
            Kind::Postgres(cluster) => {
                cluster.sql(Cluster::database_of(&self.url), sql);
            }
        }
    }
}
