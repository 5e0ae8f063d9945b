//! What came of a candidate, as data and as a table.

use std::cmp::Reverse;
use std::fmt;

use gatepost::{Code, OrgId, SubjectId, Timestamp};
use serde::{Serialize, Serializer};

/// What came of a [candidate](super::Shadow): its `Display` is a table, and serde makes JSON of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ShadowReport {
    /// The commands that it is made by, as sentences; none of a document.
    pub changes: Vec<String>,
    /// The version of the live policy that it was made of; none of a document.
    pub version: Option<u64>,
    /// Since when it is tried out.
    pub since: Timestamp,
    /// When this was told.
    pub at: Timestamp,
    /// How many requests both policies answered.
    pub compared: u64,
    /// How many of them it would deny, and were allowed.
    pub newly_denied: u64,
    /// How many of them it would allow, and were denied.
    pub newly_allowed: u64,
    /// How many it could not answer by what had been read of them.
    pub undecided: u64,
    /// How many were decided by another version than it was made of, or before there was anything to ask it.
    pub skipped: u64,
    /// How many were answered with an error, which is no answer of a policy.
    pub errors: u64,
    /// Why it could not be made of a newer version, where it could not.
    pub failed: Option<String>,
    /// What it would deny; the most first.
    pub denied: Vec<ShadowRow>,
    /// How many beside those rows.
    pub other_denied: u64,
    /// What it would allow; the most first.
    pub allowed: Vec<ShadowRow>,
    /// How many beside those rows.
    pub other_allowed: u64,
}

/// Requests of one route in one org that two policies disagree on, with one code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ShadowRow {
    /// The method.
    pub method: &'static str,
    /// The path as it was registered, where the adapter knows it.
    pub path: Option<String>,
    /// What the route requires: `chat:create#foreground`.
    pub requirement: String,
    /// The org, where there is one and the subject may know it.
    pub org: Option<OrgId>,
    /// Why it is denied by the one that denies it.
    #[serde(serialize_with = "word")]
    pub code: Code,
    /// How many.
    pub requests: u64,
    /// Of how many subjects: exact up to 32, then within some 3 %.
    pub subjects: u64,
    /// When the first was decided.
    pub first: Timestamp,
    /// When the last was.
    pub last: Timestamp,
    /// A few of them, each of another subject.
    pub examples: Vec<ShadowExample>,
}

/// One request that two policies disagree on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ShadowExample {
    /// The decision's id, which is in the log.
    pub decision: String,
    /// Who asked, where that was found out.
    pub subject: Option<SubjectId>,
}

impl ShadowReport {
    /// The most first; of as many, those of one route beside each other.
    pub(super) fn sort(&mut self) {
        for rows in [&mut self.denied, &mut self.allowed] {
            rows.sort_by(|one, other| {
                let by = |row: &ShadowRow| {
                    let route = (row.path.clone(), row.method, row.requirement.clone());
                    (Reverse(row.requests), route, row.org.clone(), row.code)
                };
                by(one).cmp(&by(other))
            });
        }
    }

    /// Whether the two policies answered alike, as far as they were compared.
    pub fn is_agreed(&self) -> bool {
        self.newly_denied == 0 && self.newly_allowed == 0
    }
}

impl Default for ShadowReport {
    fn default() -> Self {
        let now = Timestamp::now();
        Self {
            changes: Vec::new(),
            version: None,
            since: now,
            at: now,
            compared: 0,
            newly_denied: 0,
            newly_allowed: 0,
            undecided: 0,
            skipped: 0,
            errors: 0,
            failed: None,
            denied: Vec::new(),
            other_denied: 0,
            allowed: Vec::new(),
            other_allowed: 0,
        }
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn word<S: Serializer>(code: &Code, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(code.as_str())
}

impl fmt::Display for ShadowReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.changes {
            writeln!(f, "{}", change.escape_debug())?;
        }
        let Self {
            since,
            compared,
            newly_denied,
            newly_allowed,
            undecided,
            skipped,
            errors,
            ..
        } = self;
        writeln!(
            f,
            "of {compared} requests since {since}, {newly_denied} would be denied that were allowed, {newly_allowed} \
             the other way round"
        )?;
        writeln!(
            f,
            "not compared: {undecided} that it would have had to read more of, {skipped} of other versions, {errors} \
             errors"
        )?;
        if let Some(why) = &self.failed {
            let why = why.escape_debug();
            writeln!(f, "it could not be made of the newest version: {why}")?;
        }
        for (heading, rows, other) in [
            ("newly denied", &self.denied, self.other_denied),
            ("newly allowed", &self.allowed, self.other_allowed),
        ] {
            if rows.is_empty() && other == 0 {
                continue;
            }
            let words = [
                heading,
                "org",
                "code",
                "requests",
                "subjects",
                "first",
                "last",
                "among them",
            ];
            let mut lines = vec![words.map(str::to_owned)];
            lines.extend(rows.iter().map(ShadowRow::line));
            table(&lines, f)?;
            if other > 0 {
                writeln!(f, "  and {other} requests beside these")?;
            }
        }
        Ok(())
    }
}

impl ShadowRow {
    fn line(&self) -> [String; 8] {
        let path = self.path.as_deref().unwrap_or_default();
        let examples = self.examples.iter().map(|example| {
            let subject = example.subject.as_ref().map_or("nobody", SubjectId::as_str);
            format!("{} ({})", example.decision, subject.escape_debug())
        });
        [
            format!(
                "{} {}  {}",
                self.method,
                path.escape_debug(),
                self.requirement
            ),
            self.org.as_ref().map_or("-".to_owned(), |org| {
                org.as_str().escape_debug().to_string()
            }),
            self.code.to_string(),
            self.requests.to_string(),
            self.subjects.to_string(),
            self.first.to_string(),
            self.last.to_string(),
            examples.collect::<Vec<_>>().join(", "),
        ]
    }
}

/// Columns, indented.
fn table(lines: &[[String; 8]], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut widths = [0; 8];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    for line in lines {
        let cells = line
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("  {cell:width$}"));
        writeln!(f, "{}", cells.collect::<String>().trim_end())?;
    }
    Ok(())
}
