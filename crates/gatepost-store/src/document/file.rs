//! The file that a document stands in: read whole, or not at all.

use std::fs::{self, File, Metadata};
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::path::{Path, PathBuf};

use gatepost::{PolicyFormat, PolicyText, Snapshot};

use super::stamp::Stamp;
use crate::error::StoreError;

/// Where a document stands, and how it is read.
pub(super) struct DocumentFile {
    name: PathBuf,
    /// Absolute, since a service may change its working directory.
    path: PathBuf,
    format: PolicyFormat,
    limit: u64,
    /// Keyed by chance, so that nobody can write two contents with one digest.
    digest: RandomState,
}

/// The file, opened and not yet read.
pub(super) struct Opened {
    file: File,
    pub(super) stamp: Stamp,
}

/// All that was read, and what tells it from other content.
pub(super) struct Content {
    pub(super) mark: Mark,
    bytes: Vec<u8>,
}

/// What two looks at a file are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) stamp: Stamp,
    pub(super) digest: u64,
}

impl DocumentFile {
    pub(super) fn new(name: &Path, limit: u64) -> Result<Self, StoreError> {
        let path = std::path::absolute(name).map_err(|why| StoreError::unreadable(name, why))?;
        Ok(Self {
            name: name.to_owned(),
            path,
            format: PolicyFormat::of_file_name(&name.to_string_lossy()),
            limit,
            digest: RandomState::new(),
        })
    }

    pub(super) fn name(&self) -> &Path {
        &self.name
    }

    /// Opens the file and takes its stamp.
    ///
    /// The stamp is that of the opened file, not of its name: it belongs to what is read then,
    /// whatever is renamed meanwhile, and opening is what makes a network mount ask its server.
    pub(super) fn open(&self) -> Result<Opened, StoreError> {
        // Opening a pipe would wait for its writer.
        self.check(&fs::metadata(&self.path).map_err(|why| self.unreadable(why))?)?;
        let file = File::open(&self.path).map_err(|why| self.unreadable(why))?;
        let metadata = file.metadata().map_err(|why| self.unreadable(why))?;
        self.check(&metadata)?;
        let stamp = Stamp::of(&metadata);
        Ok(Opened { file, stamp })
    }

    /// Reads the whole of it.
    pub(super) fn read(&self, opened: Opened) -> Result<Content, StoreError> {
        let Opened { file, stamp } = opened;
        let mut bytes = Vec::with_capacity(usize::try_from(stamp.length()).unwrap_or(0));
        // It may have grown since its length was checked.
        file.take(self.limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|why| self.unreadable(why))?;
        if bytes.len() as u64 > self.limit {
            return Err(self.too_large());
        }
        let digest = self.digest.hash_one(&bytes);
        Ok(Content {
            mark: Mark { stamp, digest },
            bytes,
        })
    }

    /// Compiles what was read.
    pub(super) fn compile(&self, content: Content, version: u64) -> Result<Snapshot, StoreError> {
        PolicyText::from_bytes(self.format, content.bytes)
            .and_then(|text| text.compile(version))
            .map_err(|error| StoreError::refused(&self.name, error))
    }

    /// The error for a file that is never the same twice.
    pub(super) fn unsettled(&self) -> StoreError {
        self.unreadable("it keeps changing")
    }

    fn check(&self, metadata: &Metadata) -> Result<(), StoreError> {
        if !metadata.is_file() {
            return Err(self.unreadable("it is not a regular file"));
        }
        if metadata.len() > self.limit {
            return Err(self.too_large());
        }
        Ok(())
    }

    fn unreadable(&self, why: impl std::fmt::Display) -> StoreError {
        StoreError::unreadable(&self.name, why)
    }

    fn too_large(&self) -> StoreError {
        StoreError::too_large(&self.name, self.limit)
    }
}
