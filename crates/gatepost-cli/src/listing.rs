//! Lines of `file:line  path  message`, in columns.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

/// Columns wider than this are left ragged rather than pushing everything else away.
const WIDEST: usize = 72;

/// What is said of places in a file.
#[derive(Debug, Default)]
pub(crate) struct Listing(Vec<Row>);

#[derive(Debug)]
struct Row {
    place: String,
    path: String,
    message: String,
}

impl Listing {
    /// Adds what is said of a key, or of the file where `path` is empty.
    pub(crate) fn add(
        &mut self,
        file: &Path,
        line: Option<usize>,
        path: impl fmt::Display,
        message: impl fmt::Display,
    ) {
        let file = file.display();
        let place = match line {
            Some(line) => format!("{file}:{line}"),
            None => file.to_string(),
        };
        self.0.push(Row {
            place: printable(place),
            path: printable(path),
            message: printable(message),
        });
    }

    pub(crate) fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        let places = width(self.0.iter().map(|row| &*row.place));
        let paths = width(self.0.iter().map(|row| &*row.path));
        for row in &self.0 {
            let Row {
                place,
                path,
                message,
            } = row;
            if paths == 0 {
                writeln!(to, "{place:places$}  {message}")?;
            } else {
                writeln!(to, "{place:places$}  {path:paths$}  {message}")?;
            }
        }
        Ok(())
    }
}

fn width<'a>(column: impl Iterator<Item = &'a str>) -> usize {
    let widths = column.map(|text| text.chars().count());
    widths.filter(|width| *width <= WIDEST).max().unwrap_or(0)
}

/// The text with whatever could steer a terminal written as an escape.
pub(crate) fn printable(text: impl fmt::Display) -> String {
    let text = text.to_string();
    if !text.contains(char::is_control) {
        return text;
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if letter == '\n' {
            // A message of several lines, such as a TOML parser's, stays one line here.
            shown.push(' ');
        } else if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}
