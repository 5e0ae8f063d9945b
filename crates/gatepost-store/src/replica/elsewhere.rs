//! Who is told of changes where the memberships are not among the facts of a replica.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::history::Commit;
use super::reader::StoreReader;
use crate::head::Head;
use crate::look_through::LookThrough;

/// Has the memberships, and is told of every version that a replica makes live.
///
/// Before it is live: [`reset`](Self::reset) where every fact was read, or else [`changed`](Self::changed);
/// and [`published`](Self::published) when it is.
pub(super) trait Elsewhere: Send {
    /// The facts of the head are about to be live, and anybody's memberships may have changed.
    fn reset(&self, head: &Head);

    /// The facts of the head are about to be live, and since the live ones these subjects' memberships changed.
    fn changed(&self, head: &Head, subjects: &BTreeSet<String>);

    /// The facts of that version are live.
    fn published(&self, version: u64);
}

/// The cache of a gate, and what its reads are measured by.
pub(super) struct Told {
    pub(super) cache: Arc<LookThrough<StoreReader>>,
    pub(super) followed: Arc<Followed>,
}

impl Elsewhere for Told {
    fn reset(&self, head: &Head) {
        // First: a read that begins after the reset is measured by this head or a later one.
        self.followed.set(head);
        self.cache.reset(head.version);
    }

    fn changed(&self, head: &Head, subjects: &BTreeSet<String>) {
        self.followed.set(head);
        let subjects = subjects.iter().map(String::as_str);
        self.cache.changed(head.version, subjects);
    }

    fn published(&self, version: u64) {
        self.cache.published(version);
    }
}

/// The history that a replica follows, as far as it has made it live or is about to.
#[derive(Debug, Default)]
pub(super) struct Followed(Mutex<Option<Arc<Point>>>);

/// A commit of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) lineage: String,
    pub(super) commit: Commit,
}

impl Followed {
    pub(super) fn set(&self, head: &Head) {
        let point = Point {
            lineage: head.lineage.clone(),
            commit: Commit::of(head),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(point));
    }

    pub(super) fn get(&self) -> Option<Arc<Point>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
