//! Welch's t-test over two classes of times, as dudect takes it (Reparaz, Balasch, Verbauwhede: Dude, is my code
//! constant time?, 2017).
//!
//! A machine does other things meanwhile, which only ever makes a sample longer. So the test is made of all
//! samples and of the quicker ones, cropped at several percentiles of both classes together, and the largest t
//! is the answer. Beyond 4.5 dudect speaks of a leak.

/// The largest t of samples that are no leak.
pub const BOUND: f64 = 4.5;

/// What is kept of the samples: the quickest part of both classes together.
const KEPT: [f64; 6] = [1.0, 0.99, 0.95, 0.9, 0.8, 0.5];

/// How two classes of times differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Welch's t, of the crop where it is largest.
    pub t: f64,
    /// Nanoseconds that the first class takes longer, in the same crop.
    pub longer: f64,
    /// Nanoseconds that a sample takes.
    pub of: f64,
}

impl Difference {
    /// Of samples in nanoseconds, each with its class.
    pub fn of(samples: &[(bool, u32)]) -> Self {
        let mut all: Vec<_> = samples.iter().map(|(_, took)| *took).collect();
        all.sort_unstable();
        let crops = KEPT.iter().filter_map(|kept| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a part of some millions"
            )]
            let last = (all.len() as f64 * kept) as usize;
            all.get(last.saturating_sub(1)).copied()
        });
        let each = crops.map(|most| Self::cropped(samples, most));
        let largest = each.max_by(|one, other| one.t.abs().total_cmp(&other.t.abs()));
        largest.unwrap_or(Self {
            t: 0.0,
            longer: 0.0,
            of: 0.0,
        })
    }

    fn cropped(samples: &[(bool, u32)], most: u32) -> Self {
        let [one, other] = [true, false].map(|class| {
            let of_class = samples
                .iter()
                .filter(|(of, took)| *of == class && *took <= most);
            Moments::of(of_class.map(|(_, took)| f64::from(*took)))
        });
        let spread = (one.variance / one.count + other.variance / other.count).sqrt();
        let longer = one.mean - other.mean;
        Self {
            t: if spread > 0.0 { longer / spread } else { 0.0 },
            longer,
            of: other.mean,
        }
    }

    /// Whether the classes cannot be told apart.
    pub fn is_none(&self) -> bool {
        self.t.abs() < BOUND
    }
}

struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
}

impl Moments {
    /// By Welford's way: in one pass, and without a difference of two large sums.
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
        for value in values {
            count += 1.0;
            let delta = value - mean;
            mean += delta / count;
            squares += delta * (value - mean);
        }
        Self {
            count,
            mean,
            variance: if count > 1.0 {
                squares / (count - 1.0)
            } else {
                0.0
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(longer: u32) -> Vec<(bool, u32)> {
        let mut rng = fastrand::Rng::with_seed(1);
        let sample = |_| {
            let class = rng.bool();
            // Now and then the machine does something else.
            let disturbed = if rng.u32(0..100) == 0 {
                rng.u32(0..100_000)
            } else {
                0
            };
            let took = 100 + rng.u32(0..40) + disturbed + if class { longer } else { 0 };
            (class, took)
        };
        (0..200_000).map(sample).collect()
    }

    #[test]
    fn equal_classes_are_not_told_apart() {
        let difference = Difference::of(&samples(0));
        assert!(difference.is_none(), "{difference:?}");
    }

    #[test]
    fn one_nanosecond_of_a_hundred_is_found_among_disturbances() {
        let difference = Difference::of(&samples(1));
        assert!(!difference.is_none(), "{difference:?}");
        assert!((difference.longer - 1.0).abs() < 0.5, "{difference:?}");
    }

    #[test]
    fn no_sample_is_no_difference() {
        assert!(Difference::of(&[]).is_none());
    }
}
