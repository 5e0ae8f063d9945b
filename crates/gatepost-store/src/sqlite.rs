//! A store in an SQLite file.

mod aside;
mod decisions;
mod error;
pub(crate) mod file;
mod init;
pub(crate) mod open;
mod tx;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::runtime::Handle;

use self::file::FileId;
use self::tx::SqliteTx;
use crate::error::{StoreError, StoreErrorKind};
use crate::store::tx::{Access, Done, Job, Result};

/// A store in a file. SQLite blocks, so each job is done on a thread for that.
pub(crate) struct SqliteStore(Arc<Shared>);

struct Shared {
    path: PathBuf,
    /// Apart, so that a long look does not keep a kill waiting.
    reader: Mutex<Option<Opened>>,
    writer: Mutex<Option<Opened>>,
    /// For what stands beside the policy: it waits for no long look, and no kill for it.
    aside: Mutex<Option<Opened>>,
}

struct Opened {
    connection: Connection,
    file: FileId,
}

impl SqliteStore {
    pub(crate) async fn init(path: &Path) -> Result<Self> {
        let made = path.to_owned();
        blocking(path, move || init::init(&made).map(drop)).await?;
        Ok(Self::at(path))
    }

    pub(crate) async fn open(path: &Path) -> Result<Self> {
        let there = path.to_owned();
        blocking(path, move || open::open(&there).map(drop)).await?;
        Ok(Self::at(path))
    }

    fn at(path: &Path) -> Self {
        Self(Arc::new(Shared {
            path: path.to_owned(),
            reader: Mutex::new(None),
            writer: Mutex::new(None),
            aside: Mutex::new(None),
        }))
    }

    pub(crate) async fn run<J: Job>(&self, job: J) -> Result<J::Output> {
        let shared = Arc::clone(&self.0);
        blocking(&self.0.path, move || shared.run(job)).await
    }
}

impl Shared {
    fn run<J: Job>(&self, mut job: J) -> Result<J::Output> {
        let connection = match J::ACCESS {
            Access::Read => &self.reader,
            Access::Write | Access::Replace => &self.writer,
            Access::Glance | Access::Note => &self.aside,
        };
        // A panic in between has rolled back.
        let mut opened = connection.lock().unwrap_or_else(PoisonError::into_inner);
        let file = file_at(&self.path)?;
        // A file that was put in the place of the one that is open is another store.
        if opened.as_ref().is_none_or(|opened| opened.file != file) {
            *opened = None;
            let connection = open::open(&self.path)?;
            *opened = Some(Opened { connection, file });
        }
        let Some(Opened { connection, .. }) = &mut *opened else {
            return Err(given_up(&self.path));
        };
        let place = open::place(&self.path);
        let mut tx = SqliteTx::begin(connection, &place, J::ACCESS)?;
        // Nothing in it waits: SQLite answers at once, or its thread blocks.
        match Handle::current().block_on(job.run(&mut tx))? {
            Done::Commit(output) => {
                // What is written to a file that nobody finds any more is written nowhere.
                if file_at(&self.path)? != file {
                    let why =
                        "another file was put in its place in the meantime; nothing was written";
                    let kind = StoreErrorKind::Unreachable;
                    return Err(StoreError::new(kind, &place, why));
                }
                tx.commit().map(|()| output)
            }
            Done::Nothing(output) => Ok(output),
        }
    }
}

/// Which file stands at a path.
fn file_at(path: &Path) -> Result<FileId> {
    FileId::at(path).map_err(|why| {
        let kind = match why.kind() {
            std::io::ErrorKind::NotFound => StoreErrorKind::Missing,
            _ => StoreErrorKind::Unreachable,
        };
        StoreError::new(kind, open::place(path), why)
    })
}

async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(given_up(path)),
    }
}

fn given_up(path: &Path) -> StoreError {
    let why = "the work was given up, since the runtime ended";
    StoreError::new(StoreErrorKind::Unreachable, open::place(path), why)
}
