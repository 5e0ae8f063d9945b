//! An observer that keeps what it is told.

use std::sync::{Arc, Mutex};

use gatepost_axum::{Decided, Observer};

/// Keeps a line of each decision.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<Line>>>);

/// What was told of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) outcome: &'static str,
    pub(crate) code: Option<&'static str>,
    pub(crate) enforced: bool,
    pub(crate) method: &'static str,
    pub(crate) path: Option<String>,
    pub(crate) resource: &'static str,
    pub(crate) subject: Option<String>,
    pub(crate) version: Option<u64>,
    pub(crate) decision: String,
}

impl Observer for Told {
    fn decided(&self, decided: &Decided<'_>) {
        self.0.lock().unwrap().push(Line {
            outcome: decided.verdict.outcome(),
            code: decided.verdict.code().map(gatepost::Code::as_str),
            enforced: decided.verdict.is_enforced(),
            method: decided.method,
            path: decided.path.map(str::to_owned),
            resource: decided.resource(),
            subject: decided.subject().map(|subject| subject.id().to_string()),
            version: decided.version,
            decision: decided.verdict.decision().to_string(),
        });
    }
}

impl Told {
    /// What was told since this was asked last.
    pub(crate) fn take(&self) -> Vec<Line> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// The only line since this was asked last.
    #[track_caller]
    pub(crate) fn only(&self) -> Line {
        let mut lines = self.take();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        lines.remove(0)
    }
}
