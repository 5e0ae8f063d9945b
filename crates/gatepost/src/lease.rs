//! The lease: for how long facts that were read may be decided by.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A clock that leases are measured by.
///
/// It must never go back and nobody must be able to set it, and it must count the
/// time for which the machine was suspended: a replica that was stopped for ten
/// seconds has facts that are ten seconds older. [`std::time::Instant`] does not
/// count that on Linux; `CLOCK_BOOTTIME` does.
pub trait Clock: Send + Sync + 'static {
    /// The time since some moment that stays the same for as long as the process lives.
    fn now(&self) -> Duration;
}

/// Until when the live facts may be decided by.
pub(crate) struct Lease {
    clock: Arc<dyn Clock>,
    /// In nanoseconds of the clock; 0 is over, and so is what was never renewed.
    until: AtomicU64,
}

impl Lease {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            until: AtomicU64::new(0),
        }
    }

    /// Whether it has not run out.
    #[inline]
    pub(crate) fn holds(&self) -> bool {
        // Acquire: whoever sees a renewal sees the facts that were published before it.
        nanos(self.clock.now()) < self.until.load(Ordering::Acquire)
    }

    /// For how long it runs on; not at all, where it has run out.
    #[cfg(feature = "revocation")]
    pub(crate) fn left(&self) -> Duration {
        let until = self.until.load(Ordering::Acquire);
        Duration::from_nanos(until.saturating_sub(nanos(self.clock.now())))
    }

    /// Lets it run until then; it is never shortened.
    pub(crate) fn renew(&self, until: Duration) {
        self.until.fetch_max(nanos(until), Ordering::Release);
    }

    /// Ends it.
    pub(crate) fn revoke(&self) {
        self.until.store(0, Ordering::Release);
    }
}

/// As many as fit: 584 years.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("holds", &self.holds())
            .finish_non_exhaustive()
    }
}
