//! Rows of PostgreSQL, read.

use tokio_postgres::{Error, Row};

use crate::error::{StoreError, StoreErrorKind};
use crate::head::RawHead;
use crate::store::tx::{ChangeRow, EffectRow, FactRow, ReplicaFields, fact_row};

/// What a fact is read from.
pub(crate) const FACT: &str = "SELECT kind, a, b, body, version FROM gatepost_fact";

/// What a change is read from; times are texts, in UTC.
pub(crate) const CHANGE: &str = r#"SELECT version,
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    author, authority, acting_for, reason, command FROM gatepost_change c"#;

/// What a replica is read from.
pub(crate) const REPLICA: &str = r#"SELECT id, name,
    to_char(started AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    (extract(epoch FROM clock_timestamp() - at) * 1000)::bigint,
    lease_ms, epoch, version, state, library FROM gatepost_replica ORDER BY name, id"#;

/// A column does not hold what it holds in this release's tables.
pub(crate) fn unread(place: &str, why: &Error) -> StoreError {
    let cause = std::error::Error::source(why).map(|cause| format!(": {cause}"));
    let why = format!("cannot be read: {why}{}", cause.unwrap_or_default());
    StoreError::new(StoreErrorKind::Unsound, place, why)
}

pub(crate) fn head(row: &Row) -> Result<RawHead, Error> {
    Ok(RawHead {
        format: row.try_get(0)?,
        lineage: row.try_get(1)?,
        epoch: row.try_get(2)?,
        version: row.try_get(3)?,
        token: row.try_get(4)?,
        whole: row.try_get(5)?,
        killed: row.try_get(6)?,
    })
}

/// A column of another type, or that holds nothing, is no text.
pub(crate) fn fact(row: &Row) -> FactRow {
    let text = |column: usize| row.try_get::<_, Option<&str>>(column).ok().flatten();
    let version: Option<i64> = row.try_get(4).ok();
    fact_row(text(0), text(1), text(2), text(3), version.unwrap_or(0))
}

pub(crate) fn change(row: &Row) -> Result<ChangeRow, Error> {
    Ok(ChangeRow {
        version: row.try_get(0)?,
        at: row.try_get(1)?,
        author: row.try_get(2)?,
        authority: row.try_get(3)?,
        acting_for: row.try_get(4)?,
        reason: row.try_get(5)?,
        command: row.try_get(6)?,
    })
}

pub(crate) fn effect(row: &Row) -> Result<(i64, EffectRow), Error> {
    let effect = EffectRow {
        kind: row.try_get(1)?,
        a: row.try_get(2)?,
        b: row.try_get(3)?,
        before: row.try_get(4)?,
        after: row.try_get(5)?,
    };
    Ok((row.try_get(0)?, effect))
}

pub(crate) fn replica(row: &Row) -> Result<ReplicaFields, Error> {
    Ok(ReplicaFields {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        started: row.try_get(2)?,
        at: row.try_get(3)?,
        age_ms: row.try_get(4)?,
        lease_ms: row.try_get(5)?,
        epoch: row.try_get(6)?,
        version: row.try_get(7)?,
        state: row.try_get(8)?,
        library: row.try_get(9)?,
    })
}
