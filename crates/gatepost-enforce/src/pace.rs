//! How many of a kind are let through a second.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Lets so many through a second, and so many at once, without a lock.
///
/// It is the generic cell rate algorithm (ITU-T I.371): one number, the time at which the next would be due if all
/// had come evenly.
///
/// ```
/// use std::time::Duration;
/// use gatepost_enforce::Pace;
///
/// let pace = Pace::new(1, 2);
/// let at = |seconds| pace.admits(Duration::from_secs(seconds));
/// assert_eq!([at(0), at(0), at(0), at(1)], [true, true, false, true]);
/// ```
#[derive(Debug)]
pub struct Pace {
    due: AtomicU64,
    every: u64,
    ahead: u64,
}

impl Pace {
    /// So many a second, and so many at once.
    pub fn new(a_second: u32, at_once: u32) -> Self {
        let every = 1_000_000_000 / u64::from(a_second.max(1));
        Self {
            due: AtomicU64::new(0),
            every,
            ahead: every.saturating_mul(u64::from(at_once.saturating_sub(1))),
        }
    }

    /// Whether one that comes at `now`, counted from any fixed moment, is let through.
    pub fn admits(&self, now: Duration) -> bool {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let admitted = self
            .due
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |due| {
                let due = due.max(now);
                (due - now <= self.ahead).then(|| due.saturating_add(self.every))
            });
        admitted.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_so_many_a_second() {
        let pace = Pace::new(5, 50);
        let at = |millis: u64, asked: u32| {
            let now = Duration::from_millis(millis);
            (0..asked).filter(|_| pace.admits(now)).count()
        };
        assert_eq!(at(0, 1000), 50);
        assert_eq!(at(199, 1000), 0);
        assert_eq!(at(200, 1000), 1);
        assert_eq!(at(1200, 1000), 5);
        assert_eq!(at(1_000_000, 1000), 50, "no more are saved up than a burst");
    }
}
