//! How many different ones there were, without keeping them: a `HyperLogLog` (Flajolet et al., 2007).

use std::hash::BuildHasher;

/// Which register a hash belongs to is told by so many of its bits.
const BITS: u32 = 10;
/// How many registers there are.
const REGISTERS: usize = 1 << BITS;
/// Up to so many are counted exactly.
const EXACT: usize = 32;

/// About how many different texts it was shown: exact up to 32, then within some 3 % of it, in 1 KiB.
#[derive(Clone, Debug)]
pub(super) enum Sketch {
    /// Their hashes.
    Few(Vec<u64>),
    /// Of each register the longest run of zeros that was met, and one more.
    Many(Box<[u8; REGISTERS]>),
}

impl Default for Sketch {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Sketch {
    pub(super) fn add(&mut self, hasher: &impl BuildHasher, text: &str) {
        let hash = hasher.hash_one(text);
        match self {
            Self::Few(known) if known.contains(&hash) => {}
            Self::Few(known) if known.len() < EXACT => known.push(hash),
            Self::Few(known) => {
                let mut registers = Box::new([0; REGISTERS]);
                for hash in known.iter().chain([&hash]) {
                    note(&mut registers, *hash);
                }
                *self = Self::Many(registers);
            }
            Self::Many(registers) => note(registers, hash),
        }
    }

    pub(super) fn count(&self) -> u64 {
        let registers = match self {
            Self::Few(known) => return known.iter().map(|_| 1).sum(),
            Self::Many(registers) => registers,
        };
        let all = f64::from(1 << BITS);
        let sum: f64 = registers.iter().map(|run| (-f64::from(*run)).exp2()).sum();
        let estimate = 0.7213 / (1.0 + 1.079 / all) * all * all / sum;
        let empty: u32 = registers.iter().map(|run| u32::from(*run == 0)).sum();
        let estimate = if estimate <= 2.5 * all && empty > 0 {
            // Where many registers are empty, how many tells more.
            all * (all / f64::from(empty)).ln()
        } else {
            estimate
        };
        whole(estimate)
    }
}

fn note(registers: &mut [u8; REGISTERS], hash: u64) {
    let register = usize::try_from(hash >> (u64::BITS - BITS)).unwrap_or_default();
    // The bits behind those, with a one behind them that ends any run.
    let rest = (hash << BITS) | (1 << (BITS - 1));
    let run = u8::try_from(rest.leading_zeros() + 1).unwrap_or(u8::MAX);
    if let Some(longest) = registers.get_mut(register) {
        *longest = run.max(*longest);
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate is a small, positive number, and a cast of one that is not ends at the bounds"
)]
fn whole(estimate: f64) -> u64 {
    estimate.round() as u64
}

#[cfg(test)]
mod tests {
    use std::hash::RandomState;

    use super::*;

    #[test]
    fn few_are_counted_exactly_and_many_about() {
        for count in [0_u64, 1, 31, 32, 33, 100, 1_000, 3_000, 10_000, 100_000] {
            let (hasher, mut sketch) = (RandomState::new(), Sketch::default());
            for at in 0..count {
                for _ in 0..2 {
                    sketch.add(&hasher, &format!("subject-{at}"));
                }
            }
            let told = sketch.count();
            // Five times the standard error, which is 1.04 by the root of the registers.
            let off = if count <= 32 { 0 } else { 2 + count * 17 / 100 };
            assert!(told.abs_diff(count) <= off, "{count}: {told}");
        }
    }
}
