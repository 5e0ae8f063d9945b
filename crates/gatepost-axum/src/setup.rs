//! What is wrong with a router's requirements, found before it serves anything.

use std::fmt;

/// A router was refused at start-up; every problem that was found is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupError(pub(crate) Vec<SetupProblem>);

/// One thing wrong with a route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetupProblem {
    /// The route: method and path.
    pub route: String,
    /// What is wrong with it.
    pub message: String,
}

impl SetupError {
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
