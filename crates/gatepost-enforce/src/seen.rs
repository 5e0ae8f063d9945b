//! What observers are told of a request beside its decision.

use std::time::Instant;

use gatepost::{Evaluation, RequestHead};

use crate::caught::caught;
use crate::observe::{Decided, Verdict};
use crate::route::Route;

/// A request as it came, noted where somebody observes.
#[derive(Debug)]
pub(crate) struct Seen {
    begun: Instant,
    method: &'static str,
    path: Option<String>,
}

impl Route {
    /// Notes a request, where somebody observes or an admission is to be written down.
    pub(crate) fn see(&self, head: &impl RequestHead) -> Option<Box<Seen>> {
        let enforcer = self.enforcer();
        let is_seen = !enforcer.observers().is_empty() || self.requirement().is_logged();
        is_seen.then(|| Box::new(Seen::of(head)))
    }

    /// Tells whoever observes. One that panics changes nothing, and keeps nobody else from being told.
    #[cold]
    pub(crate) fn tell(&self, decided: Decided<'_>) {
        for observer in self.enforcer().observers() {
            drop(caught(|| observer.decided(&decided)));
        }
    }
}

impl Seen {
    #[cold]
    fn of(head: &impl RequestHead) -> Self {
        Self {
            begun: Instant::now(),
            method: known(head.method().unwrap_or_default()),
            path: head.route(),
        }
    }

    pub(crate) fn decided<'r>(
        &'r self,
        route: &Route,
        verdict: Verdict<'r>,
        asked: Option<&'r Evaluation>,
        version: Option<u64>,
    ) -> Decided<'r> {
        Decided {
            verdict,
            asked,
            requirement: route.requirement(),
            method: self.method,
            path: self.path.as_deref(),
            version,
            latency: self.begun.elapsed(),
        }
    }
}

/// A method that RFC 9110 or RFC 5789 knows; clients can make up any number of others.
fn known(method: &str) -> &'static str {
    const KNOWN: [&str; 9] = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ];
    let known = KNOWN.into_iter().find(|known| *known == method);
    known.unwrap_or("OTHER")
}
