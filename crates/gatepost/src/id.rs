//! Ids and names: parsed once, strictly, so that no later step has to ask again.

use std::borrow::Borrow;
use std::fmt;

use ecow::EcoString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest id of a subject or an org, in bytes of UTF-8.
pub const MAX_ID_BYTES: usize = 255;

/// The longest name of a resource, action or role, in bytes.
pub const MAX_NAME_BYTES: usize = 63;

/// Says why a text is no id or no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdError {
    /// The text is empty.
    Empty,
    /// The id has more than [`MAX_ID_BYTES`] bytes.
    TooLong,
    /// The id holds a control character.
    ControlCharacter,
    /// The name is not of the form `[a-z][a-z0-9_-]{0,62}`.
    NotAName,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty, an id has 1 to 255 bytes",
            Self::TooLong => "is too long, an id has 1 to 255 bytes",
            Self::ControlCharacter => "holds a control character",
            Self::NotAName => "is not a name of the form `[a-z][a-z0-9_-]{0,62}`",
        })
    }
}

impl std::error::Error for IdError {}

/// Checks an id: 1 to 255 bytes of UTF-8 without control characters.
///
/// # Errors
///
/// [`IdError`] says what is wrong with it.
pub fn check_id(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > MAX_ID_BYTES {
        return Err(IdError::TooLong);
    }
    // Most ids are plain ASCII, which is told without a look at each character.
    if !is_plain(text.as_bytes()) && text.chars().any(char::is_control) {
        return Err(IdError::ControlCharacter);
    }
    Ok(())
}

/// Whether all bytes are printable ASCII. Eight are looked at together, the last of them perhaps twice: every
/// request brings two ids.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk() else {
        return text
            .iter()
            .fold(true, |all, byte| all & matches!(byte, b' '..=b'~'));
    };
    let (words, _) = text.as_chunks();
    words
        .iter()
        .chain([last])
        .all(|word| is_plain_word(u64::from_le_bytes(*word)))
}

/// Whether each byte of a word is printable ASCII: below 0x20, at 0x7f and above it a high bit comes to be set. A
/// borrow or a carry comes of no other byte than one that is told already.
const fn is_plain_word(word: u64) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    (word | word.wrapping_sub(EACH * 0x20) | word.wrapping_add(EACH)) & (EACH * 0x80) == 0
}

/// Checks a name of a resource, action or role: `[a-z][a-z0-9_-]{0,62}`.
///
/// # Errors
///
/// [`IdError::NotAName`].
pub fn check_name(text: &str) -> Result<(), IdError> {
    if check_name_const(text) {
        Ok(())
    } else {
        Err(IdError::NotAName)
    }
}

/// [`check_name`] for names that stand in a `const`.
pub(crate) const fn check_name_const(text: &str) -> bool {
    let mut rest = text.as_bytes();
    if !matches!(rest.first(), Some(b'a'..=b'z')) || rest.len() > MAX_NAME_BYTES {
        return false;
    }
    while let [byte, more @ ..] = rest {
        if !matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-') {
            return false;
        }
        rest = more;
    }
    true
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(EcoString);

        impl $name {
            /// Parses an id. Ids are compared byte for byte: nothing is trimmed or folded.
            ///
            /// # Errors
            ///
            /// [`IdError`] when it is empty, longer than 255 bytes or holds a control character.
            #[inline]
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
                let text = text.as_ref();
                check_id(text)?;
                Ok(Self(EcoString::from(text)))
            }

            /// The id's text.
            #[inline]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                Self::new(&*text).map_err(|e| serde::de::Error::custom(format_args!("id {e}")))
            }
        }
    };
}

id! {
    /// The id of a subject: who asks.
    ///
    /// ```
    /// use gatepost::SubjectId;
    ///
    /// assert_eq!(SubjectId::new("alice")?.as_str(), "alice");
    /// assert!(SubjectId::new("al\u{0}ice").is_err());
    /// # Ok::<(), gatepost::IdError>(())
    /// ```
    SubjectId
}

id! {
    /// The id of an org: the tenant that a request falls in.
    ///
    /// ```
    /// use gatepost::OrgId;
    ///
    /// assert_ne!(OrgId::new("acme")?, OrgId::new("acme ")?);
    /// # Ok::<(), gatepost::IdError>(())
    /// ```
    OrgId
}

impl SubjectId {
    /// The id of somebody else, to ask what holds of others' objects: an owner is only ever compared.
    ///
    /// ```
    /// use gatepost::SubjectId;
    ///
    /// let alice = SubjectId::new("alice")?;
    /// assert_ne!(alice.somebody_else(), alice);
    /// # Ok::<(), gatepost::IdError>(())
    /// ```
    #[must_use]
    pub fn somebody_else(&self) -> Self {
        const OTHER: EcoString = EcoString::inline("other");
        const ANOTHER: EcoString = EcoString::inline("another");
        Self(if self.0 == OTHER { ANOTHER } else { OTHER })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_else_is_nobody_who_is_asked_for() {
        for id in ["alice", "other", "another"] {
            let id = SubjectId::new(id).unwrap();
            assert_ne!(id.somebody_else(), id);
            assert_eq!(
                SubjectId::new(id.somebody_else().as_str()),
                Ok(id.somebody_else())
            );
        }
    }

    #[test]
    fn a_name_has_one_form() {
        for good in ["a", "chat", "agent-planner", "a_b-9", &"a".repeat(63)] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "9a",
            "-a",
            "_a",
            "Chat",
            "a b",
            "a:b",
            "*",
            "ä",
            "a\n",
            &"a".repeat(64),
        ] {
            assert_eq!(check_name(bad), Err(IdError::NotAName), "{bad}");
        }
    }

    #[test]
    fn an_id_is_1_to_255_bytes_without_controls() {
        for good in [
            "a",
            "..",
            "a/b",
            " ",
            "Ä",
            "e\u{301}",
            "\u{fffd}",
            &"x".repeat(255),
            &"ä".repeat(127),
        ] {
            assert_eq!(check_id(good), Ok(()), "{good}");
        }
        assert_eq!(check_id(""), Err(IdError::Empty));
        assert_eq!(check_id(&"x".repeat(256)), Err(IdError::TooLong));
        assert_eq!(check_id(&"ä".repeat(128)), Err(IdError::TooLong));
        for bad in ["a\0", "\n", "\u{7f}", "a\u{85}b"] {
            assert_eq!(check_id(bad), Err(IdError::ControlCharacter), "{bad:?}");
        }
    }

    #[test]
    fn a_control_is_found_wherever_it_stands_and_nothing_else_is_one() {
        for length in 1..=26 {
            for at in 0..length {
                for odd in (0..=0x100).filter_map(char::from_u32) {
                    let letter = |place| if place == at { odd } else { 'x' };
                    let text: String = (0..length).map(letter).collect();
                    let wanted = if odd.is_control() {
                        Err(IdError::ControlCharacter)
                    } else {
                        Ok(())
                    };
                    assert_eq!(check_id(&text), wanted, "{text:?}");
                }
            }
        }
    }
}
