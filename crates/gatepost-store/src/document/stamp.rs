//! What a file's metadata says of its content.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

/// For how long after a change a second one may leave the same stamp.
///
/// File systems note times in ticks, the coarsest in use (FAT) of two seconds.
pub(super) const TICK: Duration = Duration::from_secs(2);

/// What is compared to see whether a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    node: Node,
    length: u64,
    modified: Option<SystemTime>,
}

/// Which file it is, and when anything about it changed; a program that sets
/// `modified` back cannot set that.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    device: u64,
    inode: u64,
    changed: (i64, i64),
}

#[cfg(unix)]
impl Node {
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;

        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    fn changed(&self) -> Option<SystemTime> {
        let (seconds, nanos) = self.changed;
        let since = Duration::new(u64::try_from(seconds).ok()?, u32::try_from(nanos).ok()?);
        SystemTime::UNIX_EPOCH.checked_add(since)
    }
}

#[cfg(not(unix))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    created: Option<SystemTime>,
}

#[cfg(not(unix))]
impl Node {
    fn of(metadata: &Metadata) -> Self {
        Self {
            created: metadata.created().ok(),
        }
    }

    fn changed(&self) -> Option<SystemTime> {
        self.created
    }
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            node: Node::of(metadata),
            length: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Whether the file may have been changed within the last tick, by the wall clock.
    pub(super) fn is_recent(&self) -> bool {
        let newest = self.modified.max(self.node.changed());
        // A time that is unknown or lies in the future says nothing.
        newest
            .and_then(|at| at.elapsed().ok())
            .is_none_or(|age| age < TICK)
    }
}
