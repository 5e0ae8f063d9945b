//! Why a store could not give a policy, or did not take a change.

use std::fmt;
use std::path::PathBuf;

use gatepost::{Code, PolicyError, Problem};

use crate::change::ChangeRecord;

/// How many of a document's problems a text names; [`StoreError::problems`] has them all.
const PROBLEMS_TOLD: usize = 50;

/// A store could not give a policy, or did not take a change.
///
/// It is written for the operator: the file or the store without its password, and each problem
/// with its line.
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
#[derive(Clone, Debug, PartialEq)]
pub struct StoreError {
    place: String,
    cause: Cause,
}

/// What kept a store from giving a policy or from taking a change.
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
    /// The text names no store.
    BadUrl,
    /// The store cannot be reached, or did not answer in time.
    Unreachable,
    /// There is a database, and no store in it: nobody has made one.
    Missing,
    /// The store was written by a newer release, in a format that this one does not understand.
    Newer,
    /// What the store holds cannot be understood.
    Unsound,
    /// Somebody else holds the policy locked; nothing was written.
    Busy,
    /// What the change is about was changed since the version that it was based on, or that version is still
    /// [to come](StoreError::newest_version); nothing was written.
    Conflict,
    /// Policy does not allow the author this change; nothing was written.
    Denied,
    /// The author would give what he does not hold himself; nothing was written.
    Beyond,
    /// The change names what is not there or would make the policy unsound; nothing was written.
    Invalid,
    /// How the policy was at that version cannot be told: it is no longer known, or still to come.
    Gone,
}

#[derive(Clone, Debug, PartialEq)]
enum Cause {
    Refused(PolicyError),
    TooLarge {
        limit: u64,
    },
    Conflict {
        based_on: u64,
        changes: Vec<ChangeRecord>,
    },
    StillToCome {
        based_on: u64,
        newest: u64,
    },
    Denied {
        code: Code,
        what: String,
    },
    Other(StoreErrorKind, String),
}

impl StoreError {
    /// What kept the store from giving a policy, or from taking the change.
    pub fn kind(&self) -> StoreErrorKind {
        match &self.cause {
            Cause::Refused(_) => StoreErrorKind::Refused,
            Cause::TooLarge { .. } => StoreErrorKind::TooLarge,
            Cause::Conflict { .. } | Cause::StillToCome { .. } => StoreErrorKind::Conflict,
            Cause::Denied { .. } => StoreErrorKind::Denied,
            Cause::Other(kind, _) => *kind,
        }
    }

    /// Everything that is wrong with a document that was refused.
    pub fn problems(&self) -> &[Problem] {
        match &self.cause {
            Cause::Refused(error) => error.problems(),
            Cause::TooLarge { .. }
            | Cause::Conflict { .. }
            | Cause::StillToCome { .. }
            | Cause::Denied { .. }
            | Cause::Other(..) => &[],
        }
    }

    /// What was changed by others in between, of a [conflict](StoreErrorKind::Conflict): the oldest first.
    pub fn conflicting(&self) -> &[ChangeRecord] {
        match &self.cause {
            Cause::Conflict { changes, .. } => changes,
            Cause::Refused(_)
            | Cause::TooLarge { .. }
            | Cause::StillToCome { .. }
            | Cause::Denied { .. }
            | Cause::Other(..) => &[],
        }
    }

    /// The code of the check that refused the author, where policy did.
    pub fn code(&self) -> Option<Code> {
        match &self.cause {
            Cause::Denied { code, .. } => Some(*code),
            Cause::Refused(_)
            | Cause::TooLarge { .. }
            | Cause::Conflict { .. }
            | Cause::StillToCome { .. }
            | Cause::Other(..) => None,
        }
    }

    /// The newest version that there is, of a [conflict](StoreErrorKind::Conflict) with one that is still to come.
    ///
    /// Nothing was changed in between then: whoever names such a version has it of another store, or of one that
    /// was restored from a backup.
    pub fn newest_version(&self) -> Option<u64> {
        match &self.cause {
            Cause::StillToCome { newest, .. } => Some(*newest),
            Cause::Refused(_)
            | Cause::TooLarge { .. }
            | Cause::Conflict { .. }
            | Cause::Denied { .. }
            | Cause::Other(..) => None,
        }
    }

    pub(crate) fn unreadable(file: impl Into<PathBuf>, why: impl fmt::Display) -> Self {
        Self::of_file(
            file,
            Cause::Other(StoreErrorKind::Unreadable, format!("cannot be read: {why}")),
        )
    }

    pub(crate) fn too_large(file: impl Into<PathBuf>, limit: u64) -> Self {
        Self::of_file(file, Cause::TooLarge { limit })
    }

    pub(crate) fn refused(file: impl Into<PathBuf>, error: PolicyError) -> Self {
        Self::of_file(file, Cause::Refused(error))
    }

    pub(crate) fn unwatched(file: impl Into<PathBuf>, why: impl fmt::Display) -> Self {
        Self::of_file(
            file,
            Cause::Other(
                StoreErrorKind::Unwatched,
                format!("cannot be watched: {why}"),
            ),
        )
    }

    /// An error of a store; `place` says which, without its password.
    pub(crate) fn new(
        kind: StoreErrorKind,
        place: impl fmt::Display,
        why: impl fmt::Display,
    ) -> Self {
        Self {
            place: place.to_string(),
            cause: Cause::Other(kind, why.to_string()),
        }
    }

    /// A document that was to be imported, or the policy in the store, is not sound.
    pub(crate) fn unsound_policy(place: impl fmt::Display, error: PolicyError) -> Self {
        Self {
            place: place.to_string(),
            cause: Cause::Refused(error),
        }
    }

    pub(crate) fn conflict(
        place: impl fmt::Display,
        based_on: u64,
        changes: Vec<ChangeRecord>,
    ) -> Self {
        Self {
            place: place.to_string(),
            cause: Cause::Conflict { based_on, changes },
        }
    }

    pub(crate) fn still_to_come(place: impl fmt::Display, based_on: u64, newest: u64) -> Self {
        Self {
            place: place.to_string(),
            cause: Cause::StillToCome { based_on, newest },
        }
    }

    /// The author is denied `what`, a resource and action, maybe with the org.
    pub(crate) fn denied(place: impl fmt::Display, code: Code, what: impl Into<String>) -> Self {
        Self {
            place: place.to_string(),
            cause: Cause::Denied {
                code,
                what: what.into(),
            },
        }
    }

    fn of_file(file: impl Into<PathBuf>, cause: Cause) -> Self {
        Self {
            place: file.into().display().to_string(),
            cause,
        }
    }

    fn write_problems(&self, problems: &[Problem], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in problems.iter().take(PROBLEMS_TOLD).enumerate() {
            if position > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{}:", self.place)?;
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
        let place = &self.place;
        match &self.cause {
            Cause::Refused(error) => self.write_problems(error.problems(), f),
            Cause::TooLarge { limit } => {
                write!(f, "{place}: is larger than the limit of {limit} bytes")
            }
            Cause::Conflict { based_on, changes } => {
                write!(
                    f,
                    "{place}: changed since version {based_on}, nothing was written"
                )?;
                for change in changes {
                    write!(f, "; {change}")?;
                }
                Ok(())
            }
            Cause::StillToCome { based_on, newest } => write!(
                f,
                "{place}: is at version {newest}, so nothing can be based on version {based_on}; nothing was written"
            ),
            Cause::Denied { code, what } => write!(f, "{place}: {what} is denied: {code}"),
            Cause::Other(_, why) => write!(f, "{place}: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}
