//! The id of one decision: in the answer and in the log.

use std::fmt;

use serde::{Serialize, Serializer};

/// Names one decision: 16 characters of Crockford's base 32, 80 random bits.
///
/// ```
/// let id = gatepost::DecisionId::new();
/// assert_eq!(id.to_string().len(), 16);
/// assert_ne!(id, gatepost::DecisionId::new());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
// Bytes, and no more of them than are shown: a wider integer would make each permit and denial 16 bytes longer.
pub struct DecisionId([u8; BYTES]);

const DIGITS: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J',
    'K', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Y', 'Z',
];
const LENGTH: u32 = 16;
/// Five bits each.
const BYTES: usize = LENGTH as usize * 5 / 8;

impl DecisionId {
    /// A new id. It is a label, not a secret.
    #[allow(
        clippy::new_without_default,
        reason = "no two are alike, so there is no default one"
    )]
    pub fn new() -> Self {
        let [bytes @ .., _, _, _, _, _, _] = fastrand::u128(..).to_le_bytes();
        Self(bytes)
    }
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;

        let bits = (self.0.iter()).fold(0, |bits: u128, byte| bits << 8 | u128::from(*byte));
        for place in (0..LENGTH).rev() {
            let digit = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
            f.write_char(DIGITS.get(digit).copied().unwrap_or('0'))?;
        }
        Ok(())
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
