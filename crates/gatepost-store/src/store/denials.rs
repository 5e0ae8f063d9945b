//! Denials that services noted, for whoever looks into them.

use gatepost::Timestamp;

use super::PolicyStore;
use super::aside::DenialRow;
use super::base::{counted, understood};
use super::tx::{Access, Done, Job, Result, Tx};
use crate::denial::{DenialFilter, DenialNote, KEPT};
use crate::error::{StoreError, StoreErrorKind};

impl PolicyStore {
    /// Notes denials, beside the policy: no version comes of it. The newest 10,000 are kept.
    ///
    /// # Errors
    ///
    /// [`Missing`](StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn note_denials(&self, denials: &[DenialNote]) -> Result<()> {
        let superfluous = denials.len().saturating_sub(KEPT);
        let notes = denials.iter().skip(superfluous).map(DenialNote::cut);
        let notes: Vec<DenialNote> = notes.collect();
        if notes.is_empty() {
            return Ok(());
        }
        self.run(Note { notes }).await
    }

    /// The newest denials that the filter lets through, the newest first.
    ///
    /// # Errors
    ///
    /// [`Missing`](StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn denials(&self, filter: &DenialFilter) -> Result<Vec<DenialNote>> {
        if filter.asks_for_nothing() {
            return Ok(Vec::new());
        }
        let filter = filter.clone();
        self.run(Newest { filter }).await
    }
}

struct Note {
    notes: Vec<DenialNote>,
}

impl Job for Note {
    type Output = ();
    const ACCESS: Access = Access::Note;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<()>> {
        understood(&tx.place(), tx.head().await?)?;
        let keep = i64::try_from(KEPT).unwrap_or(i64::MAX);
        tx.note(&self.notes, keep).await?;
        Ok(Done::Commit(()))
    }
}

struct Newest {
    filter: DenialFilter,
}

impl Job for Newest {
    type Output = Vec<DenialNote>;
    const ACCESS: Access = Access::Glance;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Self::Output>> {
        let place = tx.place();
        understood(&place, tx.head().await?)?;
        let rows = tx.denials(&self.filter).await?.into_iter();
        let notes: Result<_> = rows.map(|row| read(&place, row)).collect();
        notes.map(Done::Nothing)
    }
}

fn read(place: &str, row: DenialRow) -> Result<DenialNote> {
    let at = Timestamp::from_millis(row.at).ok_or_else(|| {
        let why = format!("the time of the denial {} cannot be read", row.number);
        StoreError::new(StoreErrorKind::Unsound, place, why)
    })?;
    let [
        subject,
        acting_for,
        org,
        resource,
        action,
        mode,
        route,
        replica,
        decision,
    ] = row.texts;
    Ok(DenialNote {
        number: counted(place, row.number)?,
        at,
        code: row.code,
        subject,
        acting_for,
        org,
        resource,
        action,
        mode,
        route,
        replica,
        decision,
        times: counted(place, row.times)?,
    })
}
