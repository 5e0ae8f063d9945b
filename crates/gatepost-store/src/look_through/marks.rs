//! When each subject's memberships last changed, as far as has been told.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

use gatepost::LoadedMemberships;

/// Many enough that two subjects seldom share one, and 256 KiB.
const MARKS: usize = 1 << 15;

/// The newest version at which the memberships of a subject changed; of several subjects, where they share a mark.
///
/// So it takes the same memory whatever the number of subjects, nothing is ever forgotten, and the worst that a
/// shared mark does is to have something read again.
///
/// Every access is sequentially consistent: the order in which [`reset`](Self::reset) writes is the order in which
/// [`allow`](Self::allow) can see it.
pub(super) struct Marks {
    /// Not to be foreseen: ids are chosen by strangers.
    seed: RandomState,
    changed: Box<[AtomicU64]>,
    /// What was read before this version may have changed since without a word of it.
    floor: AtomicU64,
    /// What was read before the last reset is of another age of the store.
    age: AtomicU64,
}

impl Marks {
    /// Allows nothing, until the first reset says from which version on changes are told.
    pub(super) fn new() -> Self {
        Self {
            seed: RandomState::new(),
            changed: (0..MARKS).map(|_| AtomicU64::new(0)).collect(),
            floor: AtomicU64::new(u64::MAX),
            age: AtomicU64::new(0),
        }
    }

    /// What a read is to be stamped with; taken before it begins.
    pub(super) fn age(&self) -> u64 {
        self.age.load(SeqCst)
    }

    /// A subject's memberships changed at this version.
    pub(super) fn raise(&self, subject: &str, version: u64) {
        if let Some(mark) = self.mark(subject) {
            mark.fetch_max(version, SeqCst);
        }
    }

    /// Whether memberships are right for every version from their first one to the newest that was told of.
    pub(super) fn allow(&self, loaded: &LoadedMemberships) -> bool {
        let mark = self.mark(loaded.subject().as_str());
        mark.is_some_and(|mark| mark.load(SeqCst) <= loaded.version())
            && self.floor.load(SeqCst) <= loaded.version()
            // Last: whoever has seen a mark of the new age sees that it has begun.
            && self.age.load(SeqCst) == loaded.stamp()
    }

    /// Whether changes are told up to a snapshot of this version, or it is one from before the last reset.
    pub(super) fn reach(&self, version: u64) -> bool {
        self.floor.load(SeqCst) <= version
    }

    /// Begins anew: nothing that was read so far is allowed, and changes are told from behind this version on.
    pub(super) fn reset(&self, version: u64, between: impl FnOnce()) {
        self.floor.store(u64::MAX, SeqCst);
        self.age.fetch_add(1, SeqCst);
        for mark in &self.changed {
            mark.store(0, SeqCst);
        }
        between();
        self.floor.store(version, SeqCst);
    }

    fn mark(&self, subject: &str) -> Option<&AtomicU64> {
        let hash = usize::try_from(self.seed.hash_one(subject) % MARKS as u64).ok()?;
        self.changed.get(hash)
    }
}
