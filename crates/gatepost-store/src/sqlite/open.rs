//! The file of a store: made, opened, and told apart from all else that may stand at a path.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::error;
use crate::error::{StoreError, StoreErrorKind};

/// How long a writer waits for another.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens the store in a file that is there, to read and to write.
///
/// A file that holds no store is left as it is.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path)?;
    let told = |why| error::of(place(path), &why);
    let mut has_head = connection
        .prepare("SELECT 1 FROM gatepost_head")
        .map_err(told)?;
    if !has_head.exists([]).map_err(told)? {
        return Err(told(rusqlite::Error::QueryReturnedNoRows));
    }
    drop(has_head);
    write_ahead(&connection).map_err(told)?;
    Ok(connection)
}

/// Opens the file in which a store is to be, and makes it where it is not there.
///
/// Only the account that makes it can read it: it holds who may do what.
pub(crate) fn create(path: &Path) -> Result<Connection, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => {}
        Err(why) if why.kind() == ErrorKind::AlreadyExists => {}
        Err(why) if why.kind() == ErrorKind::NotFound => {
            let why = "cannot be made: the folder is not there";
            return Err(unreachable(path, why));
        }
        Err(why) => return Err(unreachable(path, format!("cannot be made: {why}"))),
    }
    let connection = connect(path)?;
    write_ahead(&connection).map_err(|why| error::of(place(path), &why))?;
    Ok(connection)
}

/// What a store in a file is called in errors.
pub(crate) fn place(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    match std::fs::metadata(path) {
        // SQLite would write over a text that is shorter than a page.
        Ok(found) if found.is_file() && (1..512).contains(&found.len()) => {
            let why = "is no SQLite database";
            return Err(StoreError::new(StoreErrorKind::Unsound, place(path), why));
        }
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(unreachable(path, "is no file")),
        Err(why) if why.kind() == ErrorKind::NotFound => {
            let why = "there is no such file: no store was made there yet";
            return Err(StoreError::new(StoreErrorKind::Missing, place(path), why));
        }
        Err(why) => return Err(unreachable(path, why)),
    }
    let told = |why| error::of(place(path), &why);
    // Without `SQLITE_OPEN_URI`: a path is a path, whatever is in it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(told)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(told)?;
    // Nothing that somebody put into the file runs code.
    connection
        .execute_batch(
            "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;",
        )
        .map_err(told)?;
    if connection.is_readonly("main").map_err(told)? {
        return Err(unreachable(path, "may not be written to"));
    }
    Ok(connection)
}

/// Readers do not wait for a writer, nor it for them.
///
/// The way into this mode takes a lock that SQLite does not wait for, so it is tried again.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| {
            row.get::<_, String>(0)
        });
        match mode {
            Ok(_) => return Ok(()),
            Err(why) if error::is_busy(&why) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(why) => return Err(why),
        }
    }
}

fn unreachable(path: &Path, why: impl std::fmt::Display) -> StoreError {
    StoreError::new(StoreErrorKind::Unreachable, place(path), why)
}
