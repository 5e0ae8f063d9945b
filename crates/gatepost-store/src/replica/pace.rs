//! How often a replica asks.

use std::time::Duration;

/// How many questions a second hints may cause.
const A_SECOND: u32 = 20;
/// How many hints in a row are acted on at once.
const AT_ONCE: u32 = 4;
const REFILL: Duration = Duration::from_millis(1000 / A_SECOND as u64);

/// When the next question is to be asked: at an interval, and sooner on a hint.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    poll: Duration,
    hinted: bool,
    /// From when on each of the hints that are acted on at once is free again.
    full: Duration,
}

impl Pace {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            poll: Duration::ZERO,
            hinted: false,
            full: Duration::ZERO,
        }
    }

    /// Something may have changed.
    pub(super) fn hint(&mut self) {
        self.hinted = true;
    }

    pub(super) fn is_hinted(&self) -> bool {
        self.hinted
    }

    /// How long until the next question; zero: now.
    pub(super) fn pause(&self, now: Duration) -> Duration {
        let at = if self.hinted {
            self.poll.min(self.allowed())
        } else {
            self.poll
        };
        at.saturating_sub(now)
    }

    /// When a hint may cause a question.
    fn allowed(&self) -> Duration {
        self.full.saturating_sub(REFILL * (AT_ONCE - 1))
    }

    /// A question is asked now; whether a hint caused it.
    pub(super) fn asked(&mut self, now: Duration, random: &mut fastrand::Rng) -> bool {
        let by_hint = std::mem::take(&mut self.hinted);
        if by_hint {
            self.full = self.full.max(now).saturating_add(REFILL);
        }
        // Not all replicas at the same moment, again and again.
        let jitter = 0.9 + 0.1 * random.f64();
        self.poll = now.saturating_add(self.interval.mul_f64(jitter));
        by_hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_hints_causes_twenty_questions_a_second_and_a_lone_one_is_acted_on_at_once() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut pace = Pace::new(Duration::from_millis(250));
        let mut now = Duration::from_secs(100);
        pace.asked(now, &mut random);
        pace.hint();
        assert_eq!(pace.pause(now), Duration::ZERO);
        let mut asked = 0;
        for _ in 0..100_000 {
            now += Duration::from_micros(100);
            pace.hint();
            if pace.pause(now).is_zero() {
                pace.asked(now, &mut random);
                asked += 1;
            }
        }
        assert!((200..=204).contains(&asked), "{asked} in ten seconds");
    }

    #[test]
    fn without_hints_it_asks_at_the_interval() {
        let mut pace = Pace::new(Duration::from_millis(250));
        let now = Duration::from_secs(1);
        assert!(!pace.asked(now, &mut fastrand::Rng::with_seed(7)));
        let pause = pace.pause(now).as_millis();
        assert!((225..=250).contains(&pause), "{pause}");
    }
}
