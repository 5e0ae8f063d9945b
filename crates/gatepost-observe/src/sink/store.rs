//! Lines in the store of a policy.

use std::fmt;
use std::io;

use gatepost_store::{DecisionNote, DecisionRetention, PolicyStore};
use tokio::runtime::Handle;

use super::{LogLine, Sink};
use crate::record::LogRecord;

/// One row for each decision, beside the policy in its store: what `gatepost log --store` searches.
///
/// A row is committed when it counts as written. How many are kept, and for how long, is the
/// [`DecisionRetention`]'s to say.
pub struct StoreSink {
    store: PolicyStore,
    runtime: Handle,
    retention: DecisionRetention,
}

impl StoreSink {
    /// A sink into this store, whose connections live on this Tokio runtime: the service's own, which
    /// runs for as long as the log.
    pub fn new(store: PolicyStore, runtime: Handle) -> Self {
        Self {
            store,
            runtime,
            retention: DecisionRetention::default(),
        }
    }

    /// How many are kept, and for how long.
    #[must_use]
    pub fn keep(mut self, retention: DecisionRetention) -> Self {
        self.retention = retention;
        self
    }
}

impl Sink for StoreSink {
    fn write(&mut self, lines: &[LogLine]) -> io::Result<()> {
        let notes: Vec<DecisionNote> = lines.iter().map(note).collect();
        let written = self.store.note_decisions(&notes, &self.retention);
        self.runtime.block_on(written).map_err(io::Error::other)
    }

    /// What is written is committed.
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for StoreSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreSink")
            .field("store", &self.store)
            .field("retention", &self.retention)
            .finish_non_exhaustive()
    }
}

fn note(line: &LogLine) -> DecisionNote {
    let LogRecord {
        decision_id,
        time,
        outcome,
        code,
        subject,
        action,
        resource,
        ..
    } = &line.record;
    let mut note = DecisionNote::new(decision_id, *time, outcome, &line.text);
    note.code.clone_from(code);
    note.subject = subject.as_ref().map(|it| it.id.as_str().to_owned());
    note.org = (resource.properties.org.as_ref()).map(|it| it.as_str().to_owned());
    note.resource.clone_from(&resource.r#type);
    note.action.clone_from(&action.name);
    note
}
