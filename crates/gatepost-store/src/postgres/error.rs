//! What went wrong in PostgreSQL, for the operator, without a secret.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::error::{StoreError, StoreErrorKind};
use crate::migrate;

/// An error of the store at `place`.
pub(crate) fn of(place: impl std::fmt::Display, why: &Error) -> StoreError {
    let Some(answer) = why.as_db_error() else {
        let cause = why.source().map(|cause| format!(": {cause}"));
        let told = format!("{why}{}", cause.unwrap_or_default());
        return StoreError::new(StoreErrorKind::Unreachable, place, told);
    };
    let message = answer.message();
    let (kind, told) = match answer.code() {
        &SqlState::LOCK_NOT_AVAILABLE
        | &SqlState::T_R_DEADLOCK_DETECTED
        | &SqlState::T_R_SERIALIZATION_FAILURE => (
            StoreErrorKind::Busy,
            format!(
                "somebody else holds the policy locked, nothing was written ({message}); try again, and where \
                 that stays so end who holds it: `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE \
                 relation = 'gatepost_head'::regclass AND granted AND pid <> pg_backend_pid()`"
            ),
        ),
        &SqlState::UNDEFINED_TABLE => (
            StoreErrorKind::Missing,
            migrate::missing(message).to_owned(),
        ),
        &SqlState::UNDEFINED_COLUMN | &SqlState::DATATYPE_MISMATCH => (
            StoreErrorKind::Unsound,
            format!("the tables are not those of this release: {message}"),
        ),
        &SqlState::QUERY_CANCELED => (
            StoreErrorKind::Unreachable,
            format!("did not answer in time: {message}"),
        ),
        &SqlState::READ_ONLY_SQL_TRANSACTION => (
            StoreErrorKind::Unreachable,
            format!("is a standby, or read-only: {message}"),
        ),
        _ => (StoreErrorKind::Unreachable, message.to_owned()),
    };
    StoreError::new(kind, place, told)
}

/// Whether the server did not answer at all, rather than with an error of its own.
pub(crate) fn is_lost(why: &Error) -> bool {
    let ended = |code: &SqlState| {
        // Class 57P: the server shuts down or ended this connection; class 08: the connection.
        code.code().starts_with("57P") || code.code().starts_with("08") || code.code() == "25P03"
    };
    why.as_db_error().is_none_or(|answer| ended(answer.code()))
}
