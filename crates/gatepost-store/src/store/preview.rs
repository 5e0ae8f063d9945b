//! Changes that are tried, and changes that are undone.

use super::PolicyStore;
use super::draft::{Look, Write};
use super::tx::Result;
use crate::change::{Change, Committed, Undo};
use crate::preview::Preview;

impl PolicyStore {
    /// What a change would do, without doing it: the same plan, the same checks, and the same refusals and
    /// conflicts as when it is [written](Self::write); only a reason need not be given yet.
    ///
    /// # Errors
    ///
    /// Those of [`write`](Self::write).
    pub async fn preview(&self, change: &Change) -> Result<Preview> {
        self.run(Look::new(&self.url.to_string(), change.clone())?)
            .await
    }

    /// Undoes one change, as a new change: each fact is put back to what it was before, member by member of what
    /// is said there. What others have set beside it stays.
    ///
    /// The author must be allowed to change what the change did: facts of the site and orgs themselves are the
    /// site's, what stands below one org is that org's. In an org nobody gives back what he does not hold there
    /// himself. An undo is a change like any other, and can be undone.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::StoreErrorKind::Conflict), telling by what, where something of it was changed since, or is
    /// made use of; [`Invalid`](crate::StoreErrorKind::Invalid) where there is no such change, where it imported a whole
    /// policy or recovered the store, or where the policy would be unsound without it; else those of
    /// [`write`](Self::write).
    pub async fn undo(&self, undo: &Undo) -> Result<Committed> {
        self.run(Write::new(&self.url.to_string(), undo.clone())?)
            .await
    }

    /// What undoing a change would do, without doing it; a reason need not be given yet.
    ///
    /// # Errors
    ///
    /// Those of [`undo`](Self::undo).
    pub async fn preview_undo(&self, undo: &Undo) -> Result<Preview> {
        self.run(Look::new(&self.url.to_string(), undo.clone())?)
            .await
    }
}
