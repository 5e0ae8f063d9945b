//! How much of a fault run is run.

use std::time::Duration;

/// The environment variable that asks for the full run, by the word `full`.
pub const VARIABLE: &str = "GATEPOST_FAULTS";

/// The reduced run, which every test run has, or the full one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a run is one of the two")]
pub enum Scale {
    /// Few replicas, short faults, one round.
    Reduced,
    /// As many replicas, and as long, as is promised; several rounds.
    Full,
}

impl Scale {
    /// As the environment says.
    ///
    /// # Panics
    ///
    /// At a word that is not known: a run that was to be full is never quietly a reduced one.
    pub fn of_this_run() -> Self {
        match std::env::var(VARIABLE).as_deref() {
            Ok("full") => Self::Full,
            Ok("" | "reduced") | Err(_) => Self::Reduced,
            Ok(other) => panic!("{VARIABLE} is `full` or `reduced`, and not `{other}`"),
        }
    }

    /// Either of the two.
    pub fn either<T>(self, reduced: T, full: T) -> T {
        match self {
            Self::Reduced => reduced,
            Self::Full => full,
        }
    }

    /// How many replicas a fault is tried on.
    pub fn replicas(self) -> usize {
        self.either(3, 64)
    }

    /// How often each replica is asked everything.
    pub fn every(self) -> Duration {
        Duration::from_millis(self.either(5, 40))
    }

    /// How long a replica decides by facts that it cannot renew.
    pub fn lease(self) -> Duration {
        Duration::from_millis(self.either(1_200, 2_000))
    }

    /// How long a fault lasts that is to outlast the lease.
    pub fn outage(self) -> Duration {
        Duration::from_millis(self.either(1_600, 4_000))
    }

    /// How long all is left well between faults.
    pub fn calm(self) -> Duration {
        Duration::from_millis(self.either(300, 2_500))
    }

    /// How often a fault is repeated.
    pub fn rounds(self) -> usize {
        self.either(1, 3)
    }
}
