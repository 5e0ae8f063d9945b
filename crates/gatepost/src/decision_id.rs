//! The id of one decision: in the answer and in the log.

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use foldhash::quality::FixedState;
use serde::{Serialize, Serializer};

/// Names one decision: 16 characters of Crockford's base 32, 80 bits, spread from a random key of each
/// thread.
///
/// ```
/// let id = gatepost::DecisionId::new();
/// assert_eq!(id.to_string().len(), 16);
/// assert_ne!(id, gatepost::DecisionId::new());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
// Bytes, and no more of them than are shown: a wider integer would make each permit and denial 16 bytes longer.
pub struct DecisionId([u8; BYTES]);

const DIGITS: [u8; 32] = *b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Five bits a digit.
const BYTES: usize = DecisionId::LENGTH * 5 / 8;
/// Eight digits, which are as many bits as these bytes.
const HALF: usize = BYTES / 2;

thread_local! {
    /// What spreads a thread's numbers, by a random key of the system's, and the next of them: for ids that are all
    /// different, and for which no thread waits for another.
    static NUMBERS: (FixedState, Cell<u64>) =
        (FixedState::with_seed(RandomState::new().hash_one(())), Cell::new(0));
}

impl DecisionId {
    /// How many characters it is shown as, each of one byte.
    pub(crate) const LENGTH: usize = 16;

    /// A new id. It is a label, not a secret.
    #[allow(
        clippy::new_without_default,
        reason = "no two are alike, so there is no default one"
    )]
    pub fn new() -> Self {
        let [low, high] = NUMBERS.with(|(spread, next)| {
            let number = next.get();
            next.set(number.wrapping_add(2));
            [number, number.wrapping_add(1)].map(|number| spread.hash_one(number))
        });
        let random = u128::from(high) << 64 | u128::from(low);
        let [bytes @ .., _, _, _, _, _, _] = random.to_le_bytes();
        Self(bytes)
    }

    /// The characters that it is shown as.
    pub(crate) fn digits(self) -> [u8; Self::LENGTH] {
        let mut digits = [0; Self::LENGTH];
        let halves = self.0.chunks_exact(HALF);
        for (bytes, digits) in halves.zip(digits.chunks_exact_mut(Self::LENGTH / 2)) {
            let mut bits: u64 = bytes
                .iter()
                .fold(0, |bits, byte| bits << 8 | u64::from(*byte));
            for digit in digits.iter_mut().rev() {
                let low = usize::try_from(bits & 31).unwrap_or_default();
                *digit = DIGITS.get(low).copied().unwrap_or_default();
                bits >>= 5;
            }
        }
        digits
    }
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        f.write_str(std::str::from_utf8(&digits).unwrap_or_default())
    }
}

impl fmt::Debug for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for DecisionId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use super::*;

    #[test]
    fn no_two_are_alike_on_any_thread_and_each_bit_is_set_in_half_of_them() {
        const EACH: usize = 20_000;
        let draw = || (0..EACH).map(|_| DecisionId::new()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| thread::spawn(draw)).collect();
        let ids: HashSet<_> = (threads.into_iter())
            .flat_map(|thread| thread.join().unwrap())
            .collect();
        assert_eq!(ids.len(), 4 * EACH);
        for bit in 0..8 * BYTES {
            let is_set = |id: &&DecisionId| id.0[bit / 8] >> (bit % 8) & 1 == 1;
            let count = ids.iter().filter(is_set).count();
            // Ten standard deviations.
            assert!(count.abs_diff(2 * EACH) < 1_500, "bit {bit}: {count}");
        }
    }

    #[test]
    fn the_digits_are_the_bits_from_the_highest_down() {
        let mut random = fastrand::Rng::with_seed(8);
        for _ in 0..1_000 {
            let mut bytes = [0; BYTES];
            random.fill(&mut bytes);
            let bits = (bytes.iter()).fold(0, |bits: u128, byte| bits << 8 | u128::from(*byte));
            let digits = (0..DecisionId::LENGTH).rev().map(|place| {
                let digit = usize::try_from((bits >> (5 * place)) & 31).unwrap();
                char::from(DIGITS[digit])
            });
            assert_eq!(DecisionId(bytes).to_string(), digits.collect::<String>());
        }
    }
}
