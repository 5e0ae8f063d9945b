//! What the protocol asks of a store, and what it is answered.

#[cfg(feature = "postgres")]
pub(super) mod postgres;
#[cfg(feature = "sqlite")]
pub(super) mod sqlite;

use std::time::Duration;

use super::heartbeat::Beat;
use super::news::{News, kind_of};
use super::whole::Whole;
use crate::error::StoreErrorKind;
use crate::fact::FactKind;
use crate::head::RawHead;

/// A store as a replica sees it.
///
/// Every call comes back within a bound of its own, and after [`disconnect`](Self::disconnect)
/// nothing is left of what was asked before.
pub(super) trait Source: Send {
    /// Connects anew.
    fn connect(&mut self, limit: Duration) -> Result<(), Fault>;

    /// Asks to be told of changes: a hint wakes [`wait`](Self::wait) from then on.
    fn listen(&mut self) -> Result<(), Fault>;

    /// Reads the head and what changed, as one snapshot of the store.
    fn ask(&mut self, question: &Question) -> Result<Answer, Fault>;

    /// Reads the head and every fact, as one snapshot of the store: each fact into `whole`, where it is taken in
    /// before the next is read.
    fn read_all(&mut self, question: &Question, whole: &mut Whole) -> Result<Answer, Fault>;

    /// Reads the memberships of one subject, and the token of the version `mark`, as one snapshot of
    /// the store.
    fn memberships(&mut self, subject: &str, mark: u64) -> Result<Held, Fault>;

    /// Reads the head and nothing else, for when all else is damaged.
    fn read_head(&mut self) -> Result<Answer, Fault>;

    /// Writes the replica's own row.
    fn beat(&mut self, beat: &Beat) -> Result<(), Fault>;

    /// Writes the routes of the service beside the replica's own row.
    fn report(&mut self, id: &str, routes: &str) -> Result<(), Fault>;

    /// Takes the replica's own row away: best effort, as the process may be ending.
    fn leave(&mut self, id: &str);

    /// Drops the connection, if there is one.
    fn disconnect(&mut self);

    /// Sleeps; where `hear` is set, a hint ends it early.
    fn wait(&mut self, limit: Duration, hear: bool) -> Woken;
}

/// For how long every fact may be read, where the store goes on to answer.
const LONGEST_READ: Duration = Duration::from_mins(5);

/// The kinds of which there are facts, be they known or not.
///
/// An index is looked into as often as there are kinds, however many facts there are.
const KINDS: &str = "\
WITH RECURSIVE kinds (kind) AS (
  SELECT min(kind) FROM gatepost_fact
  UNION ALL
  SELECT (SELECT min(f.kind) FROM gatepost_fact f WHERE f.kind > k.kind) FROM kinds k WHERE k.kind IS NOT NULL
)
SELECT kind FROM kinds WHERE kind IS NOT NULL LIMIT 10";

/// Which kinds of facts are read, what others stand below first, of those whose words were found.
fn kinds(found: &[String], question: &Question) -> Result<Vec<FactKind>, String> {
    let kinds: Result<Vec<_>, _> = found.iter().map(|word| kind_of(word)).collect();
    let mut kinds = kinds?;
    kinds.retain(|kind| !(question.without_members && *kind == FactKind::Member));
    kinds.sort();
    Ok(kinds)
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Woken {
    /// The time is over.
    Elapsed,
    /// Something may have changed.
    Hint,
}

/// What a replica asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Question {
    /// Of which version it wants the token: the newest that it has seen.
    pub(super) mark: Option<u64>,
    /// From which version on it wants the effects; `None`: it could not use them.
    pub(super) since: Option<u64>,
    /// The replica's own row.
    pub(super) id: String,
    /// Whether memberships are left out: of their effects only the keys are wanted.
    pub(super) without_members: bool,
}

impl Question {
    /// As a database counts; no version is negative.
    pub(super) fn mark_column(&self) -> i64 {
        self.mark.map_or(-1, mark_column)
    }

    /// As a database counts; no version is greater than the greatest.
    pub(super) fn since_column(&self) -> i64 {
        self.since
            .and_then(|since| i64::try_from(since).ok())
            .unwrap_or(i64::MAX)
    }
}

/// A version as a database counts; one that it cannot count to is none that it has.
pub(super) fn mark_column(mark: u64) -> i64 {
    i64::try_from(mark).unwrap_or(-1)
}

/// What a store answers, all of it as it was at one moment after the question was sent.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The head, or why there is none.
    pub(super) head: Result<RawHead, String>,
    /// Whether the store only repeats what another one holds.
    pub(super) standby: bool,
    /// Whether the replica's own row is there.
    pub(super) registered: bool,
    /// Which commit made the version that was asked for.
    pub(super) token: Token,
    /// Whether somebody waits for one of the changes.
    pub(super) awaited: bool,
    /// What changed.
    pub(super) news: News,
}

/// What a store answers of one subject, all of it as it was at one moment after the question was sent.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// The head, and the token that was asked for.
    pub(super) answer: Answer,
    /// The version at which one of the memberships last came, changed or went by itself.
    pub(super) changed: Option<i64>,
    /// Each org with the body of the membership in it, or why they are none.
    pub(super) rows: Result<Vec<(String, String)>, String>,
}

/// Which commit made a version, as the store tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// It was not asked for.
    Untold,
    /// None did.
    Absent,
    /// This one.
    Is(String),
}

impl From<Option<String>> for Token {
    fn from(token: Option<String>) -> Self {
        token.map_or(Self::Absent, Self::Is)
    }
}

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: StoreErrorKind,
    /// Stays the same for as long as the fault does, so that it is told once.
    pub(super) why: String,
    /// Whether the store is there and said no: something simpler may be answered.
    pub(super) answered: bool,
}

impl Fault {
    pub(super) fn unreachable(why: impl Into<String>) -> Self {
        Self {
            kind: StoreErrorKind::Unreachable,
            why: why.into(),
            answered: false,
        }
    }

    pub(super) fn unsound(why: impl Into<String>) -> Self {
        Self {
            kind: StoreErrorKind::Unsound,
            ..Self::unreachable(why)
        }
    }
}
