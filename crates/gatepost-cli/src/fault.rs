//! Why a command could give no answer.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gatepost::{Code, PolicyError, RequestError};

use gatepost_store::{StoreError, StoreErrorKind};

use crate::Exit;
use crate::listing::{Listing, printable};

/// Why a command could give no answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The arguments do not make a request.
    BadRequest(String),
    /// A file could not be read.
    Unreadable(PathBuf, io::Error),
    /// A file was read, and refused for what stands in it.
    Refused(PathBuf, Listing),
    /// A store could not be read, or did not take a change.
    Store(Box<StoreError>),
    /// What a command awaits has nowhere to run.
    Runtime(String),
    /// What was to be served cannot be.
    Served(String),
    /// The answer could not be written.
    Output(io::Error),
}

impl Fault {
    pub(crate) fn unreadable(path: &Path, error: io::Error) -> Self {
        Self::Unreadable(path.to_owned(), error)
    }

    /// A policy document is refused at load.
    pub(crate) fn refused(path: &Path, error: &PolicyError) -> Self {
        let mut listing = Listing::default();
        for problem in error.problems() {
            listing.add(path, problem.line, &problem.path, &problem.message);
        }
        Self::Refused(path.to_owned(), listing)
    }

    /// A file is refused as a whole.
    pub(crate) fn refused_file(path: &Path, why: impl fmt::Display) -> Self {
        let mut listing = Listing::default();
        listing.add(path, None, "", why);
        Self::Refused(path.to_owned(), listing)
    }

    /// The code that an answer has in its place.
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::BadRequest(_) => Code::BadRequest,
            Self::Unreadable(..)
            | Self::Refused(..)
            | Self::Store(_)
            | Self::Runtime(_)
            | Self::Served(_)
            | Self::Output(_) => Code::PolicyUnavailable,
        }
    }

    /// How the command ends: a change that is refused is an answer, what could not be asked is none.
    pub(crate) fn exit(&self) -> Exit {
        let Self::Store(error) = self else {
            return Exit::Unable;
        };
        match error.kind() {
            StoreErrorKind::Conflict
            | StoreErrorKind::Denied
            | StoreErrorKind::Beyond
            | StoreErrorKind::Invalid => Exit::Bad,
            _ => Exit::Unable,
        }
    }

    /// Says what happened; nothing where the reader of the output has gone away.
    pub(crate) fn report(&self, to: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Self::BadRequest(_) => writeln!(to, "error {}: {}", self.code(), printable(self)),
            Self::Unreadable(..)
            | Self::Store(_)
            | Self::Runtime(_)
            | Self::Served(_)
            | Self::Output(_) => {
                writeln!(to, "error: {}", printable(self))
            }
            Self::Refused(_, listing) => {
                writeln!(to, "error: {}", printable(self))?;
                listing.write(to)
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadRequest(detail) => f.write_str(detail),
            Self::Unreadable(path, error) => {
                write!(f, "`{}` cannot be read: {error}", path.display())
            }
            Self::Refused(path, _) => {
                write!(f, "`{}` is refused", path.display())
            }
            Self::Store(error) => error.fmt(f),
            Self::Runtime(why) => write!(f, "no runtime could be started: {why}"),
            Self::Served(why) => f.write_str(why),
            Self::Output(error) => write!(f, "the output cannot be written: {error}"),
        }
    }
}

impl From<io::Error> for Fault {
    /// What a command reads is reported with its name; what is left is the output.
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        if error.kind() == StoreErrorKind::BadUrl {
            return Self::BadRequest(error.to_string());
        }
        Self::Store(Box::new(error))
    }
}

impl From<RequestError> for Fault {
    fn from(error: RequestError) -> Self {
        Self::BadRequest(error.to_string())
    }
}
