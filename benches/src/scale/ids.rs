//! Ids of stated lengths.

/// How ids are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ids {
    /// A word and eight hexadecimal digits: 13 bytes for a subject, 12 for an org.
    Short,
    /// A UUID: 36 bytes.
    Uuid,
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

impl Ids {
    pub(super) const ALL: [Self; 2] = [Self::Short, Self::Uuid];

    /// As a bench's rows tell of it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Short => "short ids",
            Self::Uuid => "UUIDs",
        }
    }

    pub(super) const fn told(self) -> &'static str {
        match self {
            Self::Short => "subjects' ids of 13 bytes, orgs' of 12",
            Self::Uuid => "ids of 36 bytes",
        }
    }

    /// Writes the id of a subject over what is there.
    pub(super) fn subject(self, number: u32, into: &mut String) {
        self.write("user-", 1, number, into);
    }

    /// Writes the id of an org over what is there.
    pub(super) fn org(self, number: u32, into: &mut String) {
        self.write("org-", 2, number, into);
    }

    fn write(self, prefix: &str, kind: u64, number: u32, into: &mut String) {
        into.clear();
        // The factor is odd, so no two numbers meet.
        let scattered = number.wrapping_mul(0x9e37_79b1) ^ 0x5bd1_e995;
        match self {
            Self::Short => {
                into.push_str(prefix);
                hex(into, u64::from(scattered), 8);
            }
            Self::Uuid => {
                let more = (u64::from(number) << 8 | kind).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                hex(into, u64::from(scattered), 8);
                into.push('-');
                hex(into, more, 4);
                into.push_str("-7");
                hex(into, more >> 16, 3);
                into.push_str("-9");
                hex(into, more >> 28, 3);
                into.push('-');
                hex(into, more >> 16 ^ u64::from(scattered) << 8 ^ kind, 12);
            }
        }
    }
}

fn hex(into: &mut String, value: u64, digits: u32) {
    for digit in (0..digits).rev() {
        let nibble = (value >> (digit * 4) & 15) as usize;
        into.push(char::from(DIGITS.get(nibble).copied().unwrap_or_default()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_long_as_they_are_said_to_be_and_no_two_are_alike() {
        for (ids, subject, org) in [(Ids::Short, 13, 12), (Ids::Uuid, 36, 36)] {
            let mut all = std::collections::BTreeSet::new();
            let mut id = String::new();
            for number in 0..1000 {
                ids.subject(number, &mut id);
                assert_eq!(id.len(), subject);
                all.insert(id.clone());
                ids.org(number, &mut id);
                assert_eq!(id.len(), org);
                all.insert(id.clone());
            }
            assert_eq!(all.len(), 2000);
        }
    }
}
