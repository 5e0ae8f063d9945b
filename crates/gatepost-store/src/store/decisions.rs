//! Decisions that services wrote into the store, for whoever looks for one.

use std::future::Future;

use gatepost::Timestamp;

use super::PolicyStore;
use super::base::{column, counted, understood};
use super::tx::{Access, Done, Job, Result, Tx};
use crate::decision::{DecisionFilter, DecisionNote, DecisionRetention, LONGEST_RECORD};
use crate::error::{StoreError, StoreErrorKind};

/// How many rows that are over one note takes away at most, beside as many as it writes: so no note takes long.
const AT_ONCE: usize = 1000;

impl PolicyStore {
    /// Writes decisions down, beside the policy: no version comes of it. What is over by the retention is taken away.
    ///
    /// Once it returns, they are committed.
    ///
    /// # Errors
    ///
    /// [`Missing`](StoreErrorKind::Missing) where the store was not brought up to this release yet;
    /// [`TooLarge`](StoreErrorKind::TooLarge) where a record is longer than 32 KiB, and none is written then.
    pub async fn note_decisions(
        &self,
        decisions: &[DecisionNote],
        retention: &DecisionRetention,
    ) -> Result<()> {
        if let Some(long) = decisions.iter().find(|it| it.record.len() > LONGEST_RECORD) {
            let what = format!(
                "the record of the decision `{}`",
                long.decision.escape_debug()
            );
            return Err(StoreError::too_large(what, LONGEST_RECORD as u64));
        }
        let notes: Vec<_> = decisions.iter().map(DecisionNote::cut).collect();
        if notes.is_empty() {
            return Ok(());
        }
        let retention = *retention;
        self.run(Note { notes, retention }).await
    }

    /// The newest decisions that the filter lets through, the newest first.
    ///
    /// # Errors
    ///
    /// [`Missing`](StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn decisions(&self, filter: &DecisionFilter) -> Result<Vec<DecisionNote>> {
        if filter.asks_for_nothing() {
            return Ok(Vec::new());
        }
        let filter = filter.clone();
        self.run(Newest { filter }).await
    }
}

/// What a backend does with the table of decisions, in the same transactions.
pub(crate) trait DecisionTable: Send {
    /// Adds decisions.
    fn add_decisions(&mut self, notes: &[DecisionNote]) -> impl Future<Output = Result<()>> + Send;

    /// Takes away at most `most` of the oldest: all but so many of the newest, and those before that moment.
    fn prune_decisions(
        &mut self,
        keep: i64,
        before_ms: i64,
        most: i64,
    ) -> impl Future<Output = Result<()>> + Send;

    /// The newest that the filter lets through, the newest first.
    fn decisions(
        &mut self,
        filter: &DecisionFilter,
    ) -> impl Future<Output = Result<Vec<DecisionRow>>> + Send;
}

/// A row of `gatepost_decision`.
#[derive(Clone, Debug)]
pub(crate) struct DecisionRow {
    pub(crate) number: i64,
    pub(crate) at: i64,
    /// In the order of [`DecisionFilter::TEXTS`].
    pub(crate) texts: [Option<String>; 7],
    pub(crate) record: String,
}

/// The texts of a decision, in the order of [`DecisionFilter::TEXTS`].
pub(crate) fn texts(note: &DecisionNote) -> [Option<&str>; 7] {
    [
        Some(&*note.decision),
        note.subject.as_deref(),
        note.org.as_deref(),
        note.code.as_deref(),
        Some(&*note.outcome),
        Some(&*note.resource),
        Some(&*note.action),
    ]
}

struct Note {
    notes: Vec<DecisionNote>,
    retention: DecisionRetention,
}

impl Job for Note {
    type Output = ();
    const ACCESS: Access = Access::Note;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<()>> {
        understood(&tx.place(), tx.head().await?)?;
        tx.add_decisions(&self.notes).await?;
        let age = i64::try_from(self.retention.age.as_millis()).unwrap_or(i64::MAX);
        let before = tx.now().await?.saturating_sub(age);
        let most = i64::try_from(self.notes.len() + AT_ONCE).unwrap_or(i64::MAX);
        let keep = column(self.retention.newest);
        tx.prune_decisions(keep, before, most).await?;
        Ok(Done::Commit(()))
    }
}

struct Newest {
    filter: DecisionFilter,
}

impl Job for Newest {
    type Output = Vec<DecisionNote>;
    const ACCESS: Access = Access::Glance;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Self::Output>> {
        let place = tx.place();
        understood(&place, tx.head().await?)?;
        let rows = tx.decisions(&self.filter).await?.into_iter();
        let notes: Result<_> = rows.map(|row| read(&place, row)).collect();
        notes.map(Done::Nothing)
    }
}

fn read(place: &str, row: DecisionRow) -> Result<DecisionNote> {
    let at = Timestamp::from_millis(row.at).ok_or_else(|| {
        let why = format!("the time of the decision {} cannot be read", row.number);
        StoreError::new(StoreErrorKind::Unsound, place, why)
    })?;
    let [decision, subject, org, code, outcome, resource, action] = row.texts;
    Ok(DecisionNote {
        number: counted(place, row.number)?,
        at,
        decision: decision.unwrap_or_default(),
        outcome: outcome.unwrap_or_default(),
        code,
        subject,
        org,
        resource: resource.unwrap_or_default(),
        action: action.unwrap_or_default(),
        record: row.record,
    })
}
