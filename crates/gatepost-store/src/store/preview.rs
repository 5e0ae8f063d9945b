//! Changes that are tried, and changes that are undone.

use super::PolicyStore;
use super::tx::Result;
use crate::change::{Change, Committed, Undo};
use crate::error::{StoreError, StoreErrorKind};
use crate::preview::Preview;

impl PolicyStore {
    /// What a change would do, without doing it: the same plan, the same checks, and the same refusals and
    /// conflicts as when it is [written](Self::write).
    ///
    /// # Errors
    ///
    /// Those of [`write`](Self::write).
    pub async fn preview(&self, change: &Change) -> Result<Preview> {
        let _ = change;
        Err(self.later())
    }

    /// Undoes one change, as a new change: each fact is put back to what it was before, member by member of what
    /// is said there. What was set beside by others stays.
    ///
    /// # Errors
    ///
    /// [`Conflict`](StoreErrorKind::Conflict), telling by what, where something of it was changed since;
    /// [`Invalid`](StoreErrorKind::Invalid) where there is no such change, or it replaced the policy as a whole;
    /// else those of [`write`](Self::write).
    pub async fn undo(&self, undo: &Undo) -> Result<Committed> {
        let _ = undo;
        Err(self.later())
    }

    /// What undoing a change would do, without doing it.
    ///
    /// # Errors
    ///
    /// Those of [`undo`](Self::undo).
    pub async fn preview_undo(&self, undo: &Undo) -> Result<Preview> {
        let _ = undo;
        Err(self.later())
    }

    pub(crate) fn later(&self) -> StoreError {
        StoreError::new(StoreErrorKind::Unreachable, self.url(), "is still to come")
    }
}
