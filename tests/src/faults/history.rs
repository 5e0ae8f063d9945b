//! What happened in a run, and what must hold of it.
//!
//! The checker knows no store and no replica: it is given what was committed and what was decided, each with its
//! moment, and says what should not have been. All moments are those of one clock, which nobody sets and which
//! counts the time that the machine was suspended, in nanoseconds.
//!
//! No tolerance is needed. A commit is visible to every question before its author is told of it, and its moment
//! is taken after he was told. A decision's moment is taken before the gate is asked. A lease runs from before the
//! question of which it was the answer. So facts that a commit has overtaken were asked for before that commit's
//! moment, and no decision by them begins later than a lease after it.

mod check;
mod overlay;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

pub use check::{Summary, check};

/// Nanoseconds in a millisecond.
pub const MS: u64 = 1_000_000;

/// How soon after healing a replica has to decide by the newest version again.
pub const BACK_WITHIN: u64 = 1_000 * MS;

/// One policy version.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The moment after the author was told of it; `None` where he was not, and it was found later.
    pub acknowledged: Option<u64>,
    /// The whole policy since then.
    pub policy: Value,
}

/// One answer of one replica.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Which replica.
    pub replica: String,
    /// The moment before its gate was asked.
    pub begun: u64,
    /// The version that it was decided by; `None` where none was.
    pub version: Option<u64>,
    /// Which request, by its place in [`History::requests`].
    pub request: usize,
    /// `allow`, `deny` or `error`.
    pub decision: String,
    /// Why not, where it was not allowed.
    pub code: Option<String>,
}

/// A time in which a replica and the store were well, and reached each other.
#[derive(Clone, Debug)]
pub struct Healthy {
    /// Which replica; `None` is every one.
    pub replica: Option<String>,
    /// From when.
    pub from: u64,
    /// Until when.
    pub to: u64,
}

/// The moment at which whatever was broken for a replica was whole again.
#[derive(Clone, Debug)]
pub struct Heal {
    /// Which replica.
    pub replica: String,
    /// When.
    pub at: u64,
}

/// All that is known of a run.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// How long a replica decides by facts that it cannot renew.
    pub lease: u64,
    /// What was asked, as JSON.
    pub requests: Vec<Value>,
    /// Every version, whether its author was told of it or not.
    pub commits: BTreeMap<u64, Commit>,
    /// Every answer; those of one replica in the order in which they were given.
    pub decisions: Vec<Decision>,
    /// When all was well.
    pub healthy: Vec<Healthy>,
    /// When it became so again.
    pub heals: Vec<Heal>,
}

/// Something that must never be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// An allow that began later than a lease after a version that denies it was acknowledged.
    StaleAllow,
    /// An answer by a version that another had overtaken more than a lease ago.
    Outdated,
    /// A replica decided by an older version than it had decided by.
    WentBack,
    /// A replica decided otherwise than the policy of the version that it named, or named one that never was.
    WrongAnswer,
    /// A replica closed, or fell behind, with nothing broken.
    NotFresh,
    /// A replica was not back in time after everything was whole again.
    NotBack,
    /// The run says nothing: it lacks what it was to show.
    Empty,
}

/// A breach of a rule, told for whoever has to find its cause.
#[derive(Clone, Debug)]
pub struct Breach {
    /// Which rule.
    pub rule: Rule,
    /// What was seen.
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.what)
    }
}

impl Decision {
    /// Whether it is an allow.
    pub fn allows(&self) -> bool {
        self.decision == "allow"
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.decision == "error"
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            replica,
            begun,
            request,
            decision,
            ..
        } = self;
        write!(
            f,
            "{replica} at {} ms, request {request}: {decision}",
            begun / MS
        )?;
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        match self.version {
            Some(version) => write!(f, " by version {version}"),
            None => f.write_str(" by no version"),
        }
    }
}
