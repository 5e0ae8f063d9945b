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

/// The tables could not be brought up to this release.
pub(crate) fn failed(place: &str, why: impl fmt::Display) -> StoreError {
    let why = format!("the tables cannot be made or brought up to this release: {why}");
    StoreError::new(StoreErrorKind::Unreachable, place, why)
}
