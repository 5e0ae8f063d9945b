//! One policy, compiled for the engine and read by the oracle.

use gatepost::{PolicyDocument, Snapshot, decide};
use serde_json::Value;

use crate::oracle::Oracle;
use crate::question::Question;
use crate::verdict::Verdict;

/// A policy in both implementations.
#[derive(Debug)]
#[non_exhaustive]
pub struct Twin {
    /// The engine's facts.
    pub snapshot: Snapshot,
    /// The oracle.
    pub oracle: Oracle,
}

impl Twin {
    /// Reads a policy document, twice.
    ///
    /// # Panics
    ///
    /// If either implementation refuses it.
    pub fn of(policy: &Value) -> Self {
        let compiled = PolicyDocument::from_json_value(policy)
            .and_then(|document| Snapshot::compile(&document, 1))
            .unwrap_or_else(|error| panic!("{error}\n{policy:#}"));
        Self {
            snapshot: compiled,
            oracle: Oracle::new(policy).unwrap_or_else(|error| panic!("{error}\n{policy:#}")),
        }
    }

    /// What the engine says.
    pub fn engine(&self, question: &Question) -> Verdict {
        engine(&self.snapshot, question)
    }

    /// What the oracle says.
    pub fn oracle(&self, question: &Question) -> Verdict {
        self.oracle.decide(&question.oracle).into()
    }
}

/// What the engine says by these facts.
pub fn engine(snapshot: &Snapshot, question: &Question) -> Verdict {
    let step = decide(snapshot, &question.engine.as_request());
    Verdict::of_step(step, question.acts_for_another())
}
