//! Why a store could not give a policy.

use std::fmt;
use std::path::PathBuf;

use gatepost::{PolicyError, Problem};

/// How many of a document's problems a text names; [`StoreError::problems`] has them all.
const PROBLEMS_TOLD: usize = 50;

/// A store could not give a policy.
///
/// It is written for the operator: the file, and each problem with its line.
///
/// ```
/// use gatepost_store::{StoreErrorKind, WatchedDocument};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("policy.toml");
/// std::fs::write(&path, "version = 1\n[site.gates.chat]\nswitch = \"on\"\n")?;
/// let error = WatchedDocument::open(&path).unwrap_err();
/// assert_eq!(error.kind(), StoreErrorKind::Refused);
/// assert!(error.to_string().ends_with("policy.toml:2: `site.gates.chat`: no resource `chat` is declared"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    file: PathBuf,
    cause: Cause,
}

/// What kept a store from giving a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The document is not there, cannot be read, or is still being written.
    Unreadable,
    /// The document is larger than the limit; it was not read.
    TooLarge,
    /// The document was read, and is not a sound policy.
    Refused,
    /// The document is sound, and cannot be watched for changes.
    Unwatched,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cause {
    Unreadable(String),
    TooLarge { limit: u64 },
    Refused(PolicyError),
    Unwatched(String),
}

impl StoreError {
    /// What kept the store from giving a policy.
    pub fn kind(&self) -> StoreErrorKind {
        match self.cause {
            Cause::Unreadable(_) => StoreErrorKind::Unreadable,
            Cause::TooLarge { .. } => StoreErrorKind::TooLarge,
            Cause::Refused(_) => StoreErrorKind::Refused,
            Cause::Unwatched(_) => StoreErrorKind::Unwatched,
        }
    }

    /// Everything that is wrong with a document that was refused.
    pub fn problems(&self) -> &[Problem] {
        match &self.cause {
            Cause::Refused(error) => error.problems(),
            Cause::Unreadable(_) | Cause::TooLarge { .. } | Cause::Unwatched(_) => &[],
        }
    }

    pub(crate) fn unreadable(file: impl Into<PathBuf>, why: impl fmt::Display) -> Self {
        Self::new(file, Cause::Unreadable(why.to_string()))
    }

    pub(crate) fn too_large(file: impl Into<PathBuf>, limit: u64) -> Self {
        Self::new(file, Cause::TooLarge { limit })
    }

    pub(crate) fn refused(file: impl Into<PathBuf>, error: PolicyError) -> Self {
        Self::new(file, Cause::Refused(error))
    }

    pub(crate) fn unwatched(file: impl Into<PathBuf>, why: impl fmt::Display) -> Self {
        Self::new(file, Cause::Unwatched(why.to_string()))
    }

    fn new(file: impl Into<PathBuf>, cause: Cause) -> Self {
        Self {
            file: file.into(),
            cause,
        }
    }

    fn write_problems(&self, problems: &[Problem], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in problems.iter().take(PROBLEMS_TOLD).enumerate() {
            if position > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{}:", self.file.display())?;
            if let Some(line) = problem.line {
                write!(f, "{line}:")?;
            }
            if !problem.path.is_root() {
                write!(f, " `{}`:", problem.path)?;
            }
            write!(f, " {}", problem.message)?;
        }
        match problems.len().saturating_sub(PROBLEMS_TOLD) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        match &self.cause {
            Cause::Unreadable(why) => write!(f, "{file}: cannot be read: {why}"),
            Cause::TooLarge { limit } => {
                write!(f, "{file}: is larger than the limit of {limit} bytes")
            }
            Cause::Refused(error) => self.write_problems(error.problems(), f),
            Cause::Unwatched(why) => write!(f, "{file}: cannot be watched: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}
