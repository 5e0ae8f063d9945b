//! A matrix as a file: a heading for each thing that a route asks, and below it lines of who, where, and what.

mod read;

use std::fmt::{self, Write as _};

use super::axis::{NO_ORG, ORG_STATES, route_word};
use super::fold::{Line, fold};
use super::{By, Label, Matrix, MatrixCell, Row};

pub use read::MatrixTextError;

/// What the file begins with; the version is that of its format.
const HEADING: &str = "gatepost-matrix 1 by";
const SITE_ROLES: &str = "site roles:";
const ORG_ROLES: &str = "org roles:";
const ALL: &str = "*";

const OF_ROLES: &str = "\
# What each role may do on each route. A line: site roles | what the org has said | what they are answered,
# by org role where that makes a difference. Whoever is asked for holds one of each, or none, and no other.
";
const OF_SUBJECTS: &str = "\
# What each subject may do on each route. A line: subjects | orgs | what they are answered.
";

impl By {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Subjects => "subjects",
        }
    }
}

impl Matrix {
    /// Writes the matrix as text: what is the same is said once, and what is different stands on a line of its own.
    ///
    /// The same policy and routes give the same text.
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADING} {}\n", self.by.as_str());
        match self.by {
            By::Roles => {
                let (whos, columns) = (all(&self.whos), all(&self.columns));
                let _ = write!(
                    text,
                    "{SITE_ROLES} {whos}\n{ORG_ROLES} {columns}\n{OF_ROLES}"
                );
            }
            By::Subjects => text.push_str(OF_SUBJECTS),
        }
        for row in &self.rows {
            let _ = writeln!(text, "\n{}", row.heading());
            self.write_lines(row, &mut text);
        }
        text
    }

    fn write_lines(&self, row: &Row, text: &mut String) {
        let lines = fold(&row.strips);
        let lines: Vec<_> = lines.iter().map(|line| self.columns_of(line)).collect();
        let width = |column: fn(&[String; 3]) -> &String| {
            let widths = lines.iter().map(|line| column(line).chars().count());
            // Columns wider than this are left ragged rather than pushing everything else away.
            widths.filter(|width| *width <= 40).max().unwrap_or(0)
        };
        let (whos, places) = (width(|[who, ..]| who), width(|[_, place, _]| place));
        for [who, place, cells] in &lines {
            let _ = writeln!(text, "  {who:whos$} | {place:places$} | {cells}");
        }
    }

    fn columns_of(&self, line: &Line<MatrixCell>) -> [String; 3] {
        let cells = match &*line.groups {
            [(cell, _)] => cell.to_string(),
            groups => {
                let group = |(cell, columns): &(MatrixCell, Vec<usize>)| {
                    format!("{cell}: {}", some(&self.columns, columns))
                };
                groups.iter().map(group).collect::<Vec<_>>().join("; ")
            }
        };
        [
            self.who_text(&line.whos),
            self.place_text(&line.places),
            cells,
        ]
    }

    /// `*` where the axis stands in the file and all of it is meant.
    fn who_text(&self, whos: &[usize]) -> String {
        if self.by == By::Roles && whos.len() == self.whos.len() {
            return ALL.to_owned();
        }
        some(&self.whos, whos)
    }

    /// `*` for every state of an org, `*, -` for that and without one.
    fn place_text(&self, places: &[usize]) -> String {
        match self.by {
            By::Roles if every_state(places) && places.len() > ORG_STATES.len() => {
                format!("{ALL}, {NO_ORG}")
            }
            By::Roles if every_state(places) => ALL.to_owned(),
            _ => some(&self.places, places),
        }
    }
}

impl Row {
    /// `POST /orgs/{org}/chats chat:create#foreground`, with how it is asked where that is asked in several ways.
    pub(super) fn heading(&self) -> String {
        let (method, path) = (route_word(&self.method), route_word(&self.path));
        let asks = &self.asks;
        if self.how.is_empty() {
            return format!("{method} {path} {asks}");
        }
        format!("{method} {path} {asks} ({})", self.how)
    }
}

/// Whether these places, of a matrix by roles, are all that an org may have said.
pub(super) fn every_state(places: &[usize]) -> bool {
    places.iter().filter(|at| **at < ORG_STATES.len()).count() == ORG_STATES.len()
}

/// These of the labels.
pub(super) fn some(labels: &[Label], which: &[usize]) -> String {
    list(which.iter().filter_map(|at| labels.get(*at)))
}

fn all(labels: &[Label]) -> String {
    list(labels.iter())
}

fn list<'l>(labels: impl Iterator<Item = &'l Label>) -> String {
    labels.map(Label::to_string).collect::<Vec<_>>().join(", ")
}

/// The text that [`Matrix::to_text`] writes.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}
