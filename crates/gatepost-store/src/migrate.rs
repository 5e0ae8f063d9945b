//! How the tables come to be as this release has them.

use std::fmt;

use refinery::{Migration, Runner};

use crate::error::{StoreError, StoreErrorKind};

/// Where it is written down which migrations were made; it may be in the company of others.
const TABLE: &str = "gatepost_migration";

/// The migrations, each a name such as `V1__facts` with its SQL.
///
/// They only go forward. One of a newer release that does not change the format is left as it is.
pub(crate) fn runner(place: &str, migrations: &[(&str, &str)]) -> Result<Runner, StoreError> {
    let read = migrations
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql));
    let read: Result<Vec<Migration>, _> = read.collect();
    let mut runner = Runner::new(&read.map_err(|why| failed(place, why))?)
        .set_grouped(true)
        .set_abort_missing(false);
    runner.set_migration_table_name(TABLE);
    Ok(runner)
}

/// What a table that is not there means; the database has said which.
///
/// A store of an older release has the policy, and not what came to stand beside it since.
pub(crate) fn missing(said: &str) -> &'static str {
    let is_newer = [
        "gatepost_credential",
        "gatepost_decision",
        "gatepost_denial",
        "gatepost_routes",
    ];
    if is_newer.iter().any(|table| said.contains(table)) {
        "the store was made by an older release, and this needs what came since: run `gatepost store init`"
    } else {
        "there is no store in this database yet"
    }
}

/// The tables could not be brought up to this release.
pub(crate) fn failed(place: &str, why: impl fmt::Display) -> StoreError {
    let why = format!("the tables cannot be made or brought up to this release: {why}");
    StoreError::new(StoreErrorKind::Unreachable, place, why)
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use std::time::Duration;

    use gatepost::{Health, PolicyDocument, PolicyText};
    use rusqlite::Connection;

    use super::*;
    use crate::change::Author;
    use crate::replica::Replica;
    use crate::store::PolicyStore;
    use crate::url::StoreUrl;

    const FIRST: (&str, &str) = (
        "V1__facts",
        include_str!("../migrations/sqlite/V1__facts.sql"),
    );
    const SECOND: (&str, &str) = (
        "V2__console",
        include_str!("../migrations/sqlite/V2__console.sql"),
    );
    const THIRD: (&str, &str) = (
        "V3__decisions",
        include_str!("../migrations/sqlite/V3__decisions.sql"),
    );
    /// What the next release may bring without another format.
    const NEXT: (&str, &str) = (
        "V4__regions",
        "ALTER TABLE gatepost_fact ADD COLUMN region TEXT;
         CREATE TABLE gatepost_region (name TEXT PRIMARY KEY) STRICT;",
    );

    fn policy(switch: &str) -> PolicyDocument {
        let text = format!(
            "version = 1\n[resources]\nchat = [\"read\"]\n[site.gates.chat]\nswitch = \"{switch}\"\n"
        );
        PolicyText::toml(text).parse().unwrap()
    }

    async fn live(replica: &Replica, version: u64) {
        for _ in 0..1000 {
            match replica.health() {
                Health::Ready { version: live } if live == version => return,
                Health::Ready { .. } => tokio::time::sleep(Duration::from_millis(3)).await,
                health => panic!("{health:?}"),
            }
        }
        panic!("version {version} is not live: {:?}", replica.health());
    }

    #[tokio::test]
    async fn a90_tables_are_brought_up_under_a_replica_that_follows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.db");
        let url = StoreUrl::sqlite(&path);
        let ines = || Author::Operator {
            name: "ines".into(),
        };
        let older = PolicyStore::init(&url).await.unwrap();
        let (on, off) = (policy("on"), policy("off"));
        older.import(&on, ines(), "first", None).await.unwrap();
        let replica = Replica::open(&url).await.unwrap();
        live(&replica, 1).await;

        let mut newer = Connection::open(&path).unwrap();
        let ran = runner("here", &[FIRST, SECOND, THIRD, NEXT])
            .unwrap()
            .run(&mut newer);
        let applied = ran.unwrap();
        assert_eq!(
            applied.applied_migrations().len(),
            1,
            "the others were there"
        );
        live(&replica, 1).await;
        // The older release goes on writing, and starting, beside the newer one.
        older.import(&off, ines(), "second", None).await.unwrap();
        live(&replica, 2).await;
        let again = PolicyStore::init(&url).await.unwrap();
        assert_eq!(again.export().await.unwrap(), (2, off));
        let regions = newer.query_row("SELECT count(*) FROM gatepost_region", [], |row| row.get(0));
        assert_eq!(regions, Ok(0_i64), "and nothing is taken back");
        live(&replica, 2).await;
    }
}
