//! What is wrong with a service's requirements, found before it serves anything.

use std::fmt;

use gatepost::RequirementError;

/// A requirement that the set-up cannot meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouteError {
    /// No request could meet it as it is meant.
    Requirement(RequirementError),
    /// It depends on a loaded object, and nothing loads this resource.
    NoLoader(&'static str),
    /// It reads something that requests do not have where it is enforced.
    NotReadable(&'static str),
    /// It is bound, and nothing binds anything where it is enforced.
    NotBindable,
    /// It admits nobody whose admission is not written down, and there is nothing to write it.
    NoJournal,
    /// It only reports, and a handler is chosen by it.
    ChoosesByReport,
    /// It is about several resources, of which some are to report only and others are enforced.
    ReportsInPart,
}

impl fmt::Display for RouteError {
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
            Self::NoJournal => {
                f.write_str("admits nobody without a log, and there is none: add `.journal(..)`")
            }
            Self::ChoosesByReport => f.write_str(
                "only reports, and chooses between handlers: what is chosen is decided in earnest",
            ),
            Self::ReportsInPart => f.write_str(
                "is about several resources, of which some report only: say so of all of them, or of the requirement",
            ),
            Self::NotBindable => {
                f.write_str("is bound, and nothing binds anything here: it takes a `BoundLayer`")
            }
        }
    }
}

impl std::error::Error for RouteError {}

/// A service's routes were refused at start-up; every problem that was found is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupError(Vec<SetupProblem>);

/// One thing wrong with a route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetupProblem {
    /// The route: method and path.
    pub route: String,
    /// What is wrong with it.
    pub message: String,
}

impl SetupProblem {
    /// Something wrong with a route.
    pub fn new(route: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            route: route.into(),
            message: message.into(),
        }
    }

    /// There is nothing that could be wrong.
    pub fn no_route() -> Self {
        Self::new("*", "there is no route")
    }
}

impl SetupError {
    /// Refuses a service's routes, where there is something wrong with them.
    ///
    /// # Errors
    ///
    /// The problems, if there are any.
    pub fn unless_none(problems: Vec<SetupProblem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self(problems))
        }
    }

    /// Everything that is wrong, in the order of registration.
    pub fn problems(&self) -> &[SetupProblem] {
        &self.0
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the routes cannot be gated")?;
        for (position, SetupProblem { route, message }) in self.0.iter().enumerate() {
            write!(
                f,
                "{} `{route}` {message}",
                if position == 0 { ":" } else { ";" }
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for SetupError {}
