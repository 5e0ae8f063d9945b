//! Which file a replica may follow.

use std::path::Path;

use super::Fault;
use crate::error::StoreErrorKind;
use crate::sqlite::file::FileId;

/// Which file the path leads to, if it may be read and written.
pub(super) fn accessible(path: &Path) -> Result<FileId, Fault> {
    let found = FileId::at(path).and_then(|found| {
        is_accessible(path)?;
        Ok(found)
    });
    found.map_err(|why| match why.kind() {
        std::io::ErrorKind::NotFound => Fault {
            kind: StoreErrorKind::Missing,
            ..Fault::unreachable("the file is not there")
        },
        _ => Fault::unreachable(format!("the file cannot be read: {why}")),
    })
}

/// Asks without opening it: closing the file again would take away the locks that SQLite holds on it.
#[cfg(unix)]
fn is_accessible(path: &Path) -> std::io::Result<()> {
    use rustix::fs::{Access, access};

    Ok(access(path, Access::READ_OK | Access::WRITE_OK)?)
}

#[cfg(not(unix))]
fn is_accessible(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
