//! How long a replica waits before it tries to connect again.

use std::time::Duration;

const BASE: Duration = Duration::from_millis(25);
/// Short, so that a replica is back within a second of its store.
const CAP: Duration = Duration::from_millis(250);

/// A random pause, up to a bound that doubles with each failure.
///
/// Replicas that lost their store at the same moment so do not come back at the same moment.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    pub(super) fn pause(&mut self, random: &mut fastrand::Rng) -> Duration {
        let bound = BASE.saturating_mul(1 << self.failures.min(8)).min(CAP);
        self.failures = self.failures.saturating_add(1);
        bound.mul_f64(random.f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_spread_from_nothing_to_the_cap() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut backoff = Backoff::default();
        assert!(backoff.pause(&mut random) <= BASE);
        let pauses: Vec<_> = (0..1000).map(|_| backoff.pause(&mut random)).collect();
        assert!(pauses.iter().all(|pause| *pause <= CAP));
        assert!(pauses.iter().any(|pause| *pause < CAP / 10));
        assert!(pauses.iter().any(|pause| *pause > CAP / 10 * 9));
    }
}
