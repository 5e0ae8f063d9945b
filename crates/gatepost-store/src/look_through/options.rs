//! How much a cache of memberships holds, and how long a request waits for one.

use std::time::Duration;

/// How much a [`LookThrough`](super::LookThrough) holds, and how long a request waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookThroughOptions {
    pub(super) most_subjects: usize,
    pub(super) most_bytes: u64,
    pub(super) timeout: Duration,
    pub(crate) most_reads: usize,
}

impl LookThroughOptions {
    /// 100 000 subjects in 64 MiB, two seconds, and four reads at a time.
    pub const fn new() -> Self {
        Self {
            most_subjects: 100_000,
            most_bytes: 64 << 20,
            timeout: Duration::from_secs(2),
            most_reads: 4,
        }
    }

    /// Sets of how many subjects memberships are kept.
    #[must_use]
    pub const fn most_subjects(mut self, subjects: usize) -> Self {
        self.most_subjects = subjects;
        self
    }

    /// Sets about how many bytes they may take. A subject whose memberships take a large part of that alone is
    /// read for each request.
    #[must_use]
    pub const fn most_bytes(mut self, bytes: u64) -> Self {
        self.most_bytes = bytes;
        self
    }

    /// Sets how many reads of a [`Replica`](crate::Replica) are under way at a time, each on a thread and a
    /// connection of its own; the others wait.
    #[must_use]
    pub const fn most_reads(mut self, reads: usize) -> Self {
        self.most_reads = reads;
        self
    }

    /// Sets how long a request waits for memberships before it is answered with `policy_unavailable`.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

impl Default for LookThroughOptions {
    fn default() -> Self {
        Self::new()
    }
}
