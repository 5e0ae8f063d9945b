//! What went wrong in SQLite, for the operator.

use rusqlite::{Error, ErrorCode, ffi};

use crate::error::{StoreError, StoreErrorKind};
use crate::migrate;

/// An error of the store at `place`.
pub(crate) fn of(place: impl Into<String>, why: &Error) -> StoreError {
    let place = place.into();
    let (kind, told) = match why.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            StoreErrorKind::Busy,
            "somebody else is writing to the store, nothing was written; try again, and where that stays so \
             end the process that holds the file open"
                .to_owned(),
        ),
        Some(ErrorCode::NotADatabase) => (
            StoreErrorKind::Unsound,
            "is no SQLite database".to_owned(),
        ),
        Some(ErrorCode::DatabaseCorrupt) => (
            StoreErrorKind::Unsound,
            format!("the file is damaged ({why}): restore it from a backup, then recover the store"),
        ),
        Some(ErrorCode::DiskFull) => (
            StoreErrorKind::Unreachable,
            "the disk is full, nothing was written".to_owned(),
        ),
        Some(ErrorCode::ReadOnly) => (
            StoreErrorKind::Unreachable,
            format!("may not be written to, nor beside it: {why}"),
        ),
        Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => (
            StoreErrorKind::Unreachable,
            format!("cannot be opened, or not in a folder that may be written to: {why}"),
        ),
        _ if is_missing(why) => (
            StoreErrorKind::Missing,
            migrate::missing(&why.to_string()).to_owned(),
        ),
        _ if is_text(why) => (StoreErrorKind::Unsound, format!("cannot be read: {why}")),
        _ => (StoreErrorKind::Unreachable, why.to_string()),
    };
    StoreError::new(kind, place, told)
}

/// Whether somebody else holds the file.
pub(crate) fn is_busy(why: &Error) -> bool {
    matches!(
        why.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// Whether the tables, or the head in them, are not there.
pub(crate) fn is_missing(why: &Error) -> bool {
    match why {
        Error::QueryReturnedNoRows => true,
        Error::SqliteFailure(ffi::Error { extended_code, .. }, Some(text))
        | Error::SqlInputError {
            error: ffi::Error { extended_code, .. },
            msg: text,
            ..
        } => *extended_code == ffi::SQLITE_ERROR && text.starts_with("no such table: gatepost_"),
        _ => false,
    }
}

/// Whether a column holds what it cannot.
fn is_text(why: &Error) -> bool {
    matches!(
        why,
        Error::InvalidColumnType(..)
            | Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::Utf8Error(..)
    )
}
