//! The replica's own row: that it is there, and which version it decides by.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// How often the row is written, jittered.
const EVERY: Duration = Duration::from_secs(5);
/// How soon it is written with a version that nobody waits for.
const SOON: Duration = Duration::from_secs(1);
const FIRST_RETRY: Duration = Duration::from_millis(250);
const LONGEST_RETRY: Duration = Duration::from_secs(2);
/// Without its row for longer than that, a replica stops: nobody would know of it.
pub(crate) const UNSEEN: Duration = Duration::from_mins(10);

/// What a replica writes of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Beat {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) lease_ms: i64,
    pub(super) epoch: i64,
    pub(super) version: i64,
    pub(super) state: State,
}

/// What became of the version in the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is decided by.
    Live,
    /// It was seen and could not be taken: an older one is decided by until the lease runs out.
    Behind,
    /// Nothing is decided.
    Closed,
}

impl State {
    /// The word in the row.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Behind => "behind",
            Self::Closed => "closed",
        }
    }
}

/// When the row is to be written.
#[derive(Debug)]
pub(super) struct Heartbeat {
    id: String,
    name: String,
    lease: Duration,
    due: Duration,
    failures: u32,
    written: Option<Duration>,
}

impl Heartbeat {
    pub(super) fn new(name: String, lease: Duration) -> Self {
        Self {
            id: random_id(),
            name,
            lease,
            due: Duration::ZERO,
            failures: 0,
            written: None,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn is_due(&self, now: Duration) -> bool {
        now >= self.due
    }

    /// Has it written at once, unless it fails anyway.
    pub(super) fn hurry(&mut self) {
        if self.failures == 0 {
            self.due = Duration::ZERO;
        }
    }

    /// Has it written within a second: there is a version that nobody waits for.
    pub(super) fn soon(&mut self, now: Duration, random: &mut fastrand::Rng) {
        if self.failures == 0 {
            let soon = now.saturating_add(SOON.mul_f64(random.f64()));
            self.due = self.due.min(soon);
        }
    }

    /// Whether the row was written within the last minutes.
    pub(super) fn is_seen(&self, now: Duration) -> bool {
        let written = self.written;
        written.is_some_and(|written| now.saturating_sub(written) <= UNSEEN)
    }

    /// Whether the row was written when it last was to be.
    pub(super) fn is_well(&self) -> bool {
        self.failures == 0
    }

    pub(super) fn written(&mut self, now: Duration, random: &mut fastrand::Rng) {
        self.written = Some(now);
        self.failures = 0;
        self.due = now.saturating_add(EVERY.mul_f64(0.8 + 0.4 * random.f64()));
    }

    pub(super) fn failed(&mut self, now: Duration) {
        let wait = FIRST_RETRY.saturating_mul(1 << self.failures.min(8));
        self.failures = self.failures.saturating_add(1);
        self.due = now.saturating_add(wait.min(LONGEST_RETRY));
    }

    pub(super) fn beat(&self, (epoch, version, state): (u64, u64, State)) -> Beat {
        let column = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        Beat {
            id: self.id.clone(),
            name: self.name.clone(),
            // Rounded up: nobody may believe that it is over before it is.
            lease_ms: i64::try_from(self.lease.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX),
            epoch: column(epoch),
            version: column(version),
            state,
        }
    }
}

/// A name that no other replica has: two with one row could not be told apart by whoever waits.
fn random_id() -> String {
    // Its keys come from the operating system, unlike those of a fast generator.
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_cannot_be_written_is_tried_again_and_given_up_after_minutes() {
        let mut heart = Heartbeat::new("web-1".into(), Duration::from_micros(1500));
        let at = Duration::from_secs;
        assert!(heart.is_due(at(5)) && !heart.is_seen(at(5)));
        heart.written(at(5), &mut fastrand::Rng::with_seed(1));
        assert!(!heart.is_due(at(8)) && heart.is_due(at(11)));
        heart.soon(at(5), &mut fastrand::Rng::with_seed(1));
        assert!(heart.is_due(at(6)), "there is a new version");
        heart.failed(at(11));
        heart.hurry();
        heart.soon(at(11), &mut fastrand::Rng::with_seed(1));
        assert!(!heart.is_due(at(11)) && heart.is_due(at(12)));
        assert!(heart.is_seen(at(605)) && !heart.is_seen(at(606)));
        assert_eq!(heart.beat((1, 2, State::Live)).lease_ms, 2);
        assert_ne!(random_id(), random_id());
    }
}
