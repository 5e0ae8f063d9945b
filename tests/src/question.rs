//! One question in the words of both implementations.

use gatepost::{RequestDocument, RequestFields};
use serde_json::Value;

use crate::oracle;

/// A request that the engine and the oracle have each read for themselves.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Question {
    /// As the engine read it.
    pub engine: RequestDocument,
    /// As the oracle read it.
    pub oracle: oracle::Request,
}

impl Question {
    /// Reads a request from JSON, twice.
    ///
    /// # Errors
    ///
    /// Says why the engine or the oracle does not take it for a request.
    pub fn read(request: &Value) -> Result<Self, String> {
        Ok(Self {
            engine: serde_json::from_value(request.clone()).map_err(|error| error.to_string())?,
            oracle: oracle::Request::from_json(request)?,
        })
    }

    /// A question of which a test is sure that it is well formed.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub fn new(fields: &RequestFields) -> Self {
        serde_json::to_value(fields)
            .map_err(|error| error.to_string())
            .and_then(|request| Self::read(&request))
            .unwrap_or_else(|error| panic!("{error}: {fields:?}"))
    }

    /// Whether the subject acts for another.
    pub fn acts_for_another(&self) -> bool {
        self.oracle.acting_for.is_some()
    }
}
