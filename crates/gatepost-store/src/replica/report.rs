//! The routes of the service, reported beside the replica's own row.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::source::Fault;

/// The longest report, in bytes.
pub(super) const LONGEST: usize = 1 << 20;
/// After a report that could not be written there is none for so long: nothing depends on it.
const PAUSE: Duration = Duration::from_mins(1);

/// What the service says that its routes are, for the thread that follows.
#[derive(Debug, Default)]
pub(super) struct Reported(Mutex<Option<Arc<str>>>);

impl Reported {
    pub(super) fn set(&self, routes: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(routes.into());
    }

    fn get(&self) -> Option<Arc<str>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// What of it was written.
#[derive(Debug)]
pub(super) struct Reporter {
    reported: Arc<Reported>,
    /// On this connection: another one may lead to a store that does not have it.
    written: Option<Arc<str>>,
    due: Duration,
    told: Option<String>,
}

impl Reporter {
    pub(super) fn new(reported: Arc<Reported>) -> Self {
        Self {
            reported,
            written: None,
            due: Duration::ZERO,
            told: None,
        }
    }

    /// What is to be written now, if anything.
    pub(super) fn due(&self, now: Duration) -> Option<Arc<str>> {
        let routes = self.reported.get()?;
        (now >= self.due && self.written.as_ref() != Some(&routes)).then_some(routes)
    }

    pub(super) fn connected(&mut self) {
        self.written = None;
    }

    pub(super) fn wrote(&mut self, routes: Arc<str>) {
        self.written = Some(routes);
        self.told = None;
    }

    /// Tells each fault once. It is none of the policy: it is followed all the same.
    pub(super) fn failed(&mut self, now: Duration, place: &str, fault: &Fault) {
        self.due = now.saturating_add(PAUSE);
        if self.told.as_ref() == Some(&fault.why) {
            return;
        }
        tracing::warn!(
            target: "gatepost::policy",
            store = %place,
            "the routes of this service are not reported to the store, where the console would show them: {}",
            fault.why
        );
        self.told = Some(fault.why.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_written_once_and_again_when_they_or_the_connection_are_others() {
        let routes = Arc::new(Reported::default());
        let mut it = Reporter::new(Arc::clone(&routes));
        let at = Duration::from_secs;
        assert_eq!(it.due(at(1)), None);
        routes.set("one".into());
        let one = it.due(at(1)).unwrap();
        it.wrote(one);
        routes.set("one".into());
        assert_eq!(it.due(at(2)), None);
        it.connected();
        let one = it.due(at(3)).unwrap();
        it.failed(at(3), "here", &Fault::unreachable("no such table"));
        assert_eq!(it.due(at(62)), None);
        assert_eq!(it.due(at(63)), Some(one.clone()));
        it.wrote(one);
        routes.set("two".into());
        assert_eq!(it.due(at(64)).as_deref(), Some("two"));
    }
}
