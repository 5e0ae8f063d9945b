//! A clock whose hand a test moves.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gatepost::Clock;

/// A clock that stands still until it is set.
#[derive(Debug, Default)]
pub struct Hand(AtomicU64);

impl Hand {
    /// Sets it, in seconds.
    pub fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}
