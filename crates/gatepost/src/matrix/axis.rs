//! What rows and columns are called, in words that no name or id can be taken for.

use std::fmt::{self, Write as _};

/// A name or id, or a word that stands for none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Label {
    Word(&'static str),
    Named(String),
}

/// Holds no site role.
pub(super) const NO_SITE_ROLE: Label = Label::Word("(none)");
/// Is no member of the org.
pub(super) const NON_MEMBER: Label = Label::Word("(non-member)");
/// An org that the subject is no member of, with everything switched on.
pub(super) const ELSEWHERE: Label = Label::Word("(elsewhere)");
/// The request names no org.
pub(super) const NO_ORG: Label = Label::Word("-");

const WORDS: [Label; 4] = [NO_SITE_ROLE, NON_MEMBER, ELSEWHERE, NO_ORG];

/// What an org may have said, in the order in which it is printed: nothing, `off` and `on` of everything, `on`
/// and public, `on` and suspended.
pub(super) const ORG_STATES: [&str; 5] = ["unset", "off", "on", "public", "suspended"];

/// Where `on` stands among them.
pub(super) const ON: usize = 2;

impl Label {
    pub(super) fn word(text: &str) -> Option<Self> {
        WORDS.into_iter().find(|label| label.as_str() == text)
    }

    pub(super) fn named(text: impl Into<String>) -> Self {
        Self::Named(text.into())
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Word(word) => word,
            Self::Named(name) => name,
        }
    }
}

/// As it stands in a file: a name that could be taken for something else is quoted.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Named(name) if is_plain(name) => f.write_str(name),
            Self::Named(name) => f.write_str(&quoted(name)),
        }
    }
}

fn is_plain(name: &str) -> bool {
    let inner = |letter: char| letter.is_alphanumeric() || "_-.@+/~=".contains(letter);
    name.starts_with(char::is_alphanumeric) && name.chars().all(inner)
}

/// A method or a path as it stands in a file; only what a blank would break is quoted.
pub(super) fn route_word(text: &str) -> String {
    let breaks = |letter: char| letter.is_whitespace() || letter.is_control();
    if text.is_empty() || text.starts_with(['"', '#']) || text.contains(breaks) {
        quoted(text)
    } else {
        text.to_owned()
    }
}

/// What names an org or an owner as it stands in a file.
pub(super) fn how_word(text: &str) -> String {
    let ends = |letter: char| ",;()\"\\".contains(letter) || letter.is_control();
    if text.is_empty() || text.trim() != text || text.contains(ends) {
        quoted(text)
    } else {
        text.to_owned()
    }
}

/// As a string of JSON, with every control character escaped.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    let mut quoted = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter.is_control() {
            let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
        } else {
            quoted.push(letter);
        }
    }
    quoted
}
