//! Denials that services noted, for whoever looks into them.

use super::PolicyStore;
use super::tx::Result;
use crate::denial::{DenialFilter, DenialNote};

impl PolicyStore {
    /// Notes denials, beside the policy: no version comes of it. The newest 10,000 are kept.
    ///
    /// # Errors
    ///
    /// [`Missing`](crate::StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn note_denials(&self, denials: &[DenialNote]) -> Result<()> {
        let _ = denials;
        Err(self.later())
    }

    /// The newest denials that the filter lets through, the newest first.
    ///
    /// # Errors
    ///
    /// [`Missing`](crate::StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn denials(&self, filter: &DenialFilter) -> Result<Vec<DenialNote>> {
        let _ = filter;
        Err(self.later())
    }
}
