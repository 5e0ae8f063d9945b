//! A change, as it is asked for and as the audit log keeps it.

use std::fmt;

use gatepost::{Subject, Timestamp};

use crate::command::{Command, Shown};
use crate::fact::FactKey;

/// Who makes a change.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Author {
    /// Whoever can reach the store without Gatepost: the operator at the command line.
    ///
    /// Nothing is checked, since nothing could be enforced; the name is a claim and is kept as one.
    Operator {
        /// Who it says it is.
        name: String,
    },
    /// A subject that the service has identified: it may what the policy allows it.
    Subject(Subject),
}

impl Author {
    /// The name in the audit log.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Operator { name } => name,
            Self::Subject(subject) => subject.id().as_str(),
        }
    }

    /// By what right, as the audit log says it.
    pub(crate) fn authority(&self) -> Authority {
        match self {
            Self::Operator { .. } => Authority::Operator,
            Self::Subject(_) => Authority::Policy,
        }
    }

    /// For whom the subject acts, if for anyone.
    pub(crate) fn acting_for(&self) -> Option<&str> {
        match self {
            Self::Operator { .. } => None,
            Self::Subject(subject) => subject.delegator().map(gatepost::SubjectId::as_str),
        }
    }
}

/// By what right a change was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authority {
    /// By access to the store itself; the author's name is a claim.
    Operator,
    /// By the policy, which allowed it to the author.
    Policy,
}

impl Authority {
    /// The word as the audit log has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Policy => "policy",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Operator, Self::Policy]
            .into_iter()
            .find(|authority| authority.as_str() == text)
    }
}

/// A change that is asked for.
///
/// ```
/// use gatepost::{Mode, SiteSwitch};
/// use gatepost_store::{Author, Change, Command};
///
/// let kill = Command::SiteSwitch { resource: "agent".into(), mode: None, to: SiteSwitch::Off };
/// let author = Author::Operator { name: "ines".into() };
/// let change = Change::new(kill, author, "runs do not end").based_on(7);
/// assert_eq!(change.command().to_string(), "site: agent switched off");
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is written before `PolicyStore::write`"]
pub struct Change {
    pub(crate) command: Command,
    pub(crate) author: Author,
    pub(crate) reason: String,
    pub(crate) based_on: Option<u64>,
    pub(crate) awaited: bool,
}

impl Change {
    /// A change, who makes it, and why.
    ///
    /// It is based on whatever the store holds when it is written, until [`Change::based_on`] says otherwise.
    pub fn new(command: Command, author: Author, reason: impl Into<String>) -> Self {
        Self {
            command,
            author,
            reason: reason.into(),
            based_on: None,
            awaited: false,
        }
    }

    /// Says which policy version the author had before him: what the change is about must
    /// not have been changed since.
    pub fn based_on(mut self, version: u64) -> Self {
        self.based_on = Some(version);
        self
    }

    /// Has every replica say at once that it has the change, for whoever is going to
    /// [wait](crate::PolicyStore::await_replicas) for that.
    pub fn awaited(mut self) -> Self {
        self.awaited = true;
        self
    }

    /// The command.
    pub fn command(&self) -> &Command {
        &self.command
    }
}

/// A change that is to be undone, as a new change.
///
/// Each fact that it changed is put back to what it was before, as far as the change went: what others have set
/// in the same fact stays.
///
/// ```
/// use gatepost_store::{Author, Undo};
///
/// let author = Author::Operator { name: "ines".into() };
/// let undo = Undo::new(5, author, "it was the wrong org").based_on(7);
/// assert_eq!(undo.version(), 5);
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is written before `PolicyStore::undo`"]
pub struct Undo {
    pub(crate) version: u64,
    pub(crate) author: Author,
    pub(crate) reason: String,
    pub(crate) based_on: Option<u64>,
    pub(crate) awaited: bool,
}

impl Undo {
    /// Which change is undone, who does it, and why.
    pub fn new(version: u64, author: Author, reason: impl Into<String>) -> Self {
        Self {
            version,
            author,
            reason: reason.into(),
            based_on: None,
            awaited: false,
        }
    }

    /// Says which policy version the author had before him, as [`Change::based_on`] does.
    pub fn based_on(mut self, version: u64) -> Self {
        self.based_on = Some(version);
        self
    }

    /// Has every replica say at once that it has the change, as [`Change::awaited`] does.
    pub fn awaited(mut self) -> Self {
        self.awaited = true;
        self
    }

    /// The version of the change that is undone.
    pub fn version(&self) -> u64 {
        self.version
    }
}

/// What a change did to one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effect {
    /// Which fact.
    pub key: FactKey,
    /// What it was, as JSON; `None` where there was none.
    pub before: Option<String>,
    /// What it is from then on; `None` where there is none any more.
    pub after: Option<String>,
}

/// A change that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Committed {
    /// The policy version since the change.
    pub version: u64,
    /// Whether anything changed; where all was so already, nothing was written.
    pub changed: bool,
    /// What changed, from what to what, a line each.
    pub summary: Vec<String>,
}

/// A change as the audit log keeps it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChangeRecord {
    /// The policy version that it made.
    pub version: u64,
    /// When, by the store's clock.
    pub at: Timestamp,
    /// Who.
    pub author: String,
    /// By what right.
    pub authority: Authority,
    /// For whom the author acted, if for anyone.
    pub acting_for: Option<String>,
    /// Why.
    pub reason: String,
    /// What was asked for, as JSON.
    pub command: String,
    /// The same as a sentence.
    pub sentence: String,
    /// What it did; of a change that replaced the policy as a whole, nothing is listed.
    pub effects: Vec<Effect>,
}

impl fmt::Display for ChangeRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            version,
            at,
            author,
            authority,
            reason,
            sentence,
            ..
        } = self;
        let claimed = match authority {
            Authority::Operator => " (operator)",
            Authority::Policy => "",
        };
        // Names and reasons are whatever somebody typed: nothing of it reaches a terminal as a control, and
        // nothing of it passes for another part of the line.
        let author = Shown(author);
        write!(f, "{version} {at} {author}{claimed}")?;
        if let Some(delegator) = &self.acting_for {
            write!(f, " for {}", Shown(delegator))?;
        }
        write!(f, ": {sentence}")?;
        if reason.is_empty() {
            return Ok(());
        }
        write!(f, " {reason:?}")
    }
}
