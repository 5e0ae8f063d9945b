//! What a document and the routes do not agree on.

use std::fmt;

/// The document does not fit the routes: everything on which they do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenApiError(Vec<String>);

impl OpenApiError {
    /// An error, where there is anything to tell.
    pub(crate) fn unless_empty(mismatches: Vec<String>) -> Result<(), Self> {
        if mismatches.is_empty() {
            return Ok(());
        }
        Err(Self(mismatches))
    }

    /// Each thing on which they do not agree.
    pub fn mismatches(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for OpenApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the OpenAPI document does not fit the routes:")?;
        for mismatch in &self.0 {
            write!(f, "\n  {mismatch}")?;
        }
        Ok(())
    }
}

impl std::error::Error for OpenApiError {}
