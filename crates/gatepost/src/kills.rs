//! What the site has switched off, in a form that is read when nothing else can be.

use std::fmt;
use std::str::FromStr;

use crate::grant::BUILT_IN_PREFIX;
use crate::id::check_name;
use crate::vocabulary::Mode;

/// The resources, and the single modes of resources, that the site has switched off.
///
/// As text they are words with a space between them, `chat agent#background`, so that a
/// store can keep them where the shape never changes, and a reader that cannot make
/// sense of a newer policy still sees the kill.
///
/// ```
/// use gatepost::{Kills, Mode};
///
/// let kills: Kills = "chat agent#background".parse()?;
/// assert!(kills.of("chat").eq([None]));
/// assert!(kills.of("agent").eq([Some(Mode::Background)]));
/// assert_eq!(kills.to_string(), "agent#background chat");
/// assert!("chat agent#sideways".parse::<Kills>().is_err());
/// # Ok::<(), gatepost::KillsError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kills(Vec<(Box<str>, Option<Mode>)>);

/// A word that names neither a resource nor a mode of one.
///
/// What it was to switch off is not known, so whoever reads it has to close altogether.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KillsError {
    word: String,
}

impl Kills {
    /// Whether nothing is switched off.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Option<Mode>)> {
        self.0.iter().map(|(name, mode)| (&**name, *mode))
    }

    /// What is switched off of a resource: `None` is the resource itself.
    pub fn of(&self, resource: &str) -> impl Iterator<Item = Option<Mode>> {
        self.0
            .iter()
            .filter(move |(name, _)| **name == *resource)
            .map(|(_, mode)| *mode)
    }
}

impl FromIterator<(String, Option<Mode>)> for Kills {
    fn from_iter<I: IntoIterator<Item = (String, Option<Mode>)>>(words: I) -> Self {
        let mut words: Vec<_> = words
            .into_iter()
            .map(|(name, mode)| (name.into_boxed_str(), mode))
            .collect();
        words.sort_unstable();
        words.dedup();
        Self(words)
    }
}

impl FromStr for Kills {
    type Err = KillsError;

    fn from_str(text: &str) -> Result<Self, KillsError> {
        text.split_ascii_whitespace().map(word).collect()
    }
}

fn word(word: &str) -> Result<(String, Option<Mode>), KillsError> {
    let ill_formed = || KillsError {
        word: word.chars().take(80).collect(),
    };
    let (name, mode) = match word.split_once('#') {
        None => (word, None),
        Some((name, mode)) => (name, Some(Mode::parse(mode).ok_or_else(ill_formed)?)),
    };
    // Nobody could switch the console's own on again.
    if check_name(name).is_err() || name.starts_with(BUILT_IN_PREFIX) {
        return Err(ill_formed());
    }
    Ok((name.to_owned(), mode))
}

impl fmt::Display for Kills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, mode)) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            match mode {
                None => write!(f, "{space}{name}")?,
                Some(mode) => write!(f, "{space}{name}#{mode}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for KillsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.word.escape_debug();
        write!(
            f,
            "`{word}` among what is switched off names no resource or mode"
        )
    }
}

impl std::error::Error for KillsError {}
