//! A requirement that a service cannot meet, found before it serves anything.

use std::fmt;

use gatepost::RequirementError;

/// A requirement that the set-up cannot meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupError {
    /// No request could meet it as it is meant.
    Requirement(RequirementError),
    /// It depends on a loaded object, and nothing loads this resource.
    NoLoader(&'static str),
    /// It reads something that requests do not have where it is enforced.
    NotReadable(&'static str),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requirement(error) => error.fmt(f),
            Self::NoLoader(resource) => {
                write!(
                    f,
                    "depends on a loaded `{resource}`: add `.loader(\"{resource}\", ..)`"
                )
            }
            Self::NotReadable(what) => write!(f, "reads {what}, which no request has here"),
        }
    }
}

impl std::error::Error for SetupError {}
