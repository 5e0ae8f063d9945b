//! A policy document in a file.

mod file;
mod stamp;
mod watch;

use std::path::{Path, PathBuf};
use std::time::Duration;

use gatepost::{Gate, Health};

use crate::error::StoreError;
use file::DocumentFile;
use watch::{DEFAULT_INTERVAL, Watcher};

const MIB: u64 = 1 << 20;
const DEFAULT_LIMIT: u64 = 64 * MIB;
/// Below this, watching is all that the process would do.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);

/// A policy document in a file, live as it is edited.
///
/// The name's end tells the format: `.json`, else TOML. A thread looks at the
/// file every 100 ms, and a change is live within about three such intervals.
///
/// It watches for as long as this handle or any clone of its gate lives, so the
/// handle may be dropped once the gate is taken: a policy that is in use is
/// never frozen. The thread ends at its next look after the last of them went.
/// A fork leaves the thread behind, as it does every thread: a service that
/// forks opens its document after that.
///
/// ```
/// use gatepost::Health;
/// use gatepost_store::WatchedDocument;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("policy.toml");
/// std::fs::write(&path, "version = 1\n[resources]\nchat = [\"read\"]\n")?;
///
/// let gate = WatchedDocument::open(&path)?.gate();
/// assert_eq!(gate.health(), Health::Ready { version: 1 });
///
/// std::fs::write(&path, "version = 1\n[resources]\nchat = [\"read\", \"delete\"]\n")?;
/// while gate.health() != (Health::Ready { version: 2 }) {
///     std::thread::yield_now();
/// }
/// assert_eq!(gate.read(|facts| facts.declares("chat", "delete")), Ok(true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What becomes live
///
/// The policy version is 1 for the first load, and one more with each load of
/// other content. A document that cannot be read or is refused changes nothing:
/// the last good one decides on, without bound, and
/// [`health`](Gate::health) is [`Degraded`](Health::Degraded) with the file,
/// the key's path and the line until the document is mended. Both are also told
/// through `tracing`, target `gatepost::policy`.
///
/// A change is applied once two looks in a row, an interval apart, saw the same
/// file with the same content, so a document that is half written is not taken
/// for a shorter one. A writer that pauses for longer than that in the middle of
/// a document cannot be told from one that is done: **write a new file beside
/// the old one and rename it over**, as most editors and deployment tools do.
///
/// # Why it polls
///
/// Notifications (inotify and its kin) are bound to a file or a folder, and
/// policy documents are replaced by rename, swapped as symlinks folders away (a
/// mounted config map), and changed on the far side of a network mount: each of
/// these ends or escapes a watch without a word. A look at the file's metadata
/// misses none of them and costs microseconds. Where the mount itself hangs, so
/// does the watcher.
#[derive(Clone, Debug)]
#[must_use = "the document is watched while this handle or a gate of it lives"]
pub struct WatchedDocument {
    path: PathBuf,
    gate: Gate,
}

impl WatchedDocument {
    /// Reads the document and begins to watch it, as [`WatchOptions::open`] does without any option set.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the document cannot be read, is refused, or cannot be watched; nothing
    /// runs then.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::options().open(path)
    }

    /// How to watch, to be changed before [`WatchOptions::open`].
    pub fn options() -> WatchOptions {
        WatchOptions {
            interval: DEFAULT_INTERVAL,
            limit: DEFAULT_LIMIT,
        }
    }

    /// The gate that decides by this document.
    pub fn gate(&self) -> Gate {
        self.gate.clone()
    }

    /// How the gate is: what [`Gate::health`] says.
    pub fn health(&self) -> Health {
        self.gate.health()
    }

    /// The file, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// How to watch a document.
///
/// ```
/// use std::time::Duration;
/// use gatepost_store::{StoreErrorKind, WatchedDocument};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("policy.toml");
/// std::fs::write(&path, "version = 1 # and a remark")?;
/// let tight = WatchedDocument::options().interval(Duration::from_secs(1)).limit(16);
/// assert_eq!(tight.open(&path).unwrap_err().kind(), StoreErrorKind::TooLarge);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "nothing is read before `open`"]
pub struct WatchOptions {
    interval: Duration,
    limit: u64,
}

impl WatchOptions {
    /// Sets the time between two looks at the file: 100 ms unless set, 1 ms at the least.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(SHORTEST_INTERVAL);
        self
    }

    /// Sets the largest document that is read, in bytes: 64 MiB unless set.
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Reads the document and begins to watch it.
    ///
    /// One that was changed within the last seconds is read twice, an interval but at most 100 ms
    /// apart, so that a service that starts while the document is written waits for the rest of it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the document cannot be read, is refused, or cannot be watched; nothing
    /// runs then.
    pub fn open(self, path: impl AsRef<Path>) -> Result<WatchedDocument, StoreError> {
        let path = path.as_ref();
        let file = DocumentFile::new(path, self.limit)?;
        let (gate, feed) = Gate::channel();
        Watcher::load(file, feed, self.interval)?.start()?;
        Ok(WatchedDocument {
            path: path.to_owned(),
            gate,
        })
    }
}
