//! Which file a store is in.

use std::fs::Metadata;
use std::path::Path;

use super::Fault;
use crate::error::StoreErrorKind;

/// Which file is open: another one that is put in its place is another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId(u64, u64);

impl FileId {
    /// Which file the path leads to, if it may be read and written.
    pub(super) fn at(path: &Path) -> Result<Self, Fault> {
        let found = std::fs::metadata(path).and_then(|found| {
            is_accessible(path)?;
            Ok(Self::of(&found))
        });
        found.map_err(|why| match why.kind() {
            std::io::ErrorKind::NotFound => Fault {
                kind: StoreErrorKind::Missing,
                ..Fault::unreachable("the file is not there")
            },
            _ => Fault::unreachable(format!("the file cannot be read: {why}")),
        })
    }

    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;

        Self(metadata.dev(), metadata.ino())
    }

    #[cfg(not(unix))]
    fn of(metadata: &Metadata) -> Self {
        let made = metadata.created().ok();
        let made = made.and_then(|made| made.duration_since(std::time::UNIX_EPOCH).ok());
        Self(
            0,
            made.map_or(0, |made| made.as_secs() ^ u64::from(made.subsec_nanos())),
        )
    }
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
