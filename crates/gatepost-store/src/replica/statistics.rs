//! What a replica has done so far, counted.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a [`Replica`](crate::Replica) has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplicaStatistics {
    /// How often it connected, or tried to.
    pub connects: u64,
    /// How often it asked what is new.
    pub asks: u64,
    /// How many of these were asked on a hint, ahead of their time.
    pub hinted_asks: u64,
    /// How often it read every fact.
    pub whole_reads: u64,
    /// How often it was refused an answer, or got one that is no base for anything.
    pub faults: u64,
    /// How often it read the memberships of a subject, where it [looks
    /// through](crate::ReplicaOptions::look_through).
    pub membership_reads: u64,
    /// Of how many subjects it holds the memberships then.
    pub subjects_held: usize,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) connects: Counter,
    pub(super) asks: Counter,
    pub(super) hinted_asks: Counter,
    pub(super) whole_reads: Counter,
    pub(super) faults: Counter,
    pub(super) membership_reads: Counter,
}

#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(super) fn read(&self) -> ReplicaStatistics {
        ReplicaStatistics {
            connects: self.connects.get(),
            asks: self.asks.get(),
            hinted_asks: self.hinted_asks.get(),
            whole_reads: self.whole_reads.get(),
            faults: self.faults.get(),
            membership_reads: self.membership_reads.get(),
            subjects_held: 0,
        }
    }
}
