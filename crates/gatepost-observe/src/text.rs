//! Texts as a log has them: cut, and without what could steer whoever shows them.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// The longest text that is kept, in bytes.
pub(crate) const LONGEST: usize = 256;

/// The beginning of a text, as long as what is kept.
pub(crate) fn cut(text: &str) -> &str {
    let end = text.floor_char_boundary(LONGEST);
    text.get(..end).unwrap_or_default()
}

/// The text with whatever could steer a terminal, or turn a line round, written as an escape.
///
/// What is harmless stays as it is. It is for tables; a line of the log has the same written as JSON does.
///
/// ```
/// use gatepost_observe::harmless;
///
/// assert_eq!(harmless("olga"), "olga");
/// assert_eq!(harmless("a\u{1b}[2J\r\n\u{202e}b"), "a\\u{1b}[2J\\u{d}\\u{a}\\u{202e}b");
/// ```
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if steers(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// Whether a letter is not shown, but changes what is: controls, directions, and what has no width.
fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Writes a value as one line of JSON in which no letter steers: each is an escape, which reads as the letter.
pub(crate) fn json_line<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut line = Vec::with_capacity(512);
    value.serialize(&mut Serializer::with_formatter(&mut line, Harmless))?;
    String::from_utf8(line).map_err(|why| serde_json::Error::io(io::Error::other(why)))
}

/// Compact JSON with more escapes than it needs.
#[derive(Clone, Copy, Debug)]
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        to: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, letter)) = rest.char_indices().find(|(_, letter)| steers(*letter)) {
            let (before, behind) = rest.split_at(at);
            to.write_all(before.as_bytes())?;
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(to, "\\u{unit:04x}")?;
            }
            rest = behind.strip_prefix(letter).unwrap_or_default();
        }
        to.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a81_a_line_has_no_letter_that_steers_and_reads_as_it_was() {
        let nasty = "a\r\n\t\u{0}\u{7f}\u{85}\u{9b}\u{1b}[2J\u{202e}\u{2066}\u{2028}\u{feff}\u{e0041}\"\\ü\u{1f512}";
        let line = json_line(&nasty).unwrap();
        assert!(!line.contains(steers), "{line}");
        assert!(line.contains('ü') && line.contains('\u{1f512}'), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), nasty);
        assert!(!harmless(nasty).contains(steers));
    }

    #[test]
    fn every_letter_survives_the_line() {
        let all: String = (0..=u32::from(char::MAX))
            .filter_map(char::from_u32)
            .collect();
        let line = json_line(&all).unwrap();
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), all);
        assert!(!line.contains(|letter: char| letter.is_control()));
    }

    #[test]
    fn a_text_is_cut_where_a_character_ends() {
        assert_eq!(cut("olga"), "olga");
        let wide = format!("a{}", "ü".repeat(600_000));
        assert_eq!(cut(&wide), format!("a{}", "ü".repeat(127)));
    }
}
