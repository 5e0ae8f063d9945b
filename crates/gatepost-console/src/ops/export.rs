//! The audit log as a file: CSV and JSON lines, sent in pages as it is read.

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Serialize;

use super::asked::MOST;
use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::{DenialsQuery, HistoryQuery, Scope};
use crate::views::{ChangeView, DenialView};

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExportFormat {
    /// Comma-separated values (RFC 4180), for a spreadsheet.
    Csv,
    /// A JSON object a line, with all that is known.
    JsonLines,
}

/// A row of a file.
trait Row: Serialize {
    /// The names of the columns.
    const COLUMNS: &'static [&'static str];

    /// The cells, in the order of the columns.
    fn cells(&self) -> Vec<String>;

    /// What the next page is older than.
    fn before(&self) -> u64;
}

impl Kept {
    /// Changes, the newest first: all that the query leaves, whatever its limit.
    pub(crate) async fn export_changes(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        query: &HistoryQuery,
        format: ExportFormat,
    ) -> Result<Response, Fault> {
        self.must_audit(asker, scope).await?;
        let first = self.newest(scope, query, MOST).await?;
        let (kept, query) = (self.clone(), query.clone());
        let org = org_of(scope);
        let next = move |before| {
            let (kept, mut query, org) = (kept.clone(), query.clone(), org.clone());
            query.before = Some(before);
            async move {
                let scope = org.as_deref().map_or(Scope::Site, Scope::Org);
                kept.newest(scope, &query, MOST).await
            }
        };
        Ok(file("changes", format, first, next))
    }

    /// Sampled denials, the newest first: all that the query leaves, whatever its limit.
    pub(crate) async fn export_denials(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        query: &DenialsQuery,
        format: ExportFormat,
    ) -> Result<Response, Fault> {
        self.must_audit(asker, scope).await?;
        let first = self.denied(scope, query, MOST).await?;
        let (kept, query) = (self.clone(), query.clone());
        let org = org_of(scope);
        let next = move |before| {
            let (kept, mut query, org) = (kept.clone(), query.clone(), org.clone());
            query.before = Some(before);
            async move {
                let scope = org.as_deref().map_or(Scope::Site, Scope::Org);
                kept.denied(scope, &query, MOST).await
            }
        };
        Ok(file("denials", format, first, next))
    }
}

fn org_of(scope: Scope<'_>) -> Option<String> {
    match scope {
        Scope::Site => None,
        Scope::Org(org) => Some(org.to_owned()),
    }
}

/// What is still to be sent.
enum Left<R> {
    Page { rows: Vec<R>, is_first: bool },
    Older(u64),
    Nothing,
}

/// A file of pages. Where one cannot be read, the file is broken off, which a client sees: it is not ended as if it
/// were whole.
fn file<R, F, N>(name: &str, format: ExportFormat, first: Vec<R>, next: F) -> Response
where
    R: Row + Send + 'static,
    F: Fn(u64) -> N + Clone + Send + 'static,
    N: Future<Output = Result<Vec<R>, Fault>> + Send + 'static,
{
    let start = Left::Page {
        rows: first,
        is_first: true,
    };
    let pages = stream::try_unfold(start, move |left| {
        let next = next.clone();
        async move {
            let (rows, is_first) = match left {
                Left::Nothing => return Ok(None),
                Left::Page { rows, is_first } => (rows, is_first),
                Left::Older(before) => {
                    let rows = next(before).await;
                    let rows = rows.map_err(|fault| std::io::Error::other(fault.told()))?;
                    (rows, false)
                }
            };
            let left = match rows.last() {
                Some(last) if rows.len() == MOST => Left::Older(last.before()),
                _ => Left::Nothing,
            };
            Ok::<_, std::io::Error>(Some((written(format, &rows, is_first)?, left)))
        }
    });
    let (media_type, ending) = match format {
        ExportFormat::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        ExportFormat::JsonLines => ("application/jsonl; charset=utf-8", "jsonl"),
    };
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    (headers, Body::from_stream(pages)).into_response()
}

fn written<R: Row>(
    format: ExportFormat,
    rows: &[R],
    is_first: bool,
) -> Result<Bytes, std::io::Error> {
    match format {
        ExportFormat::Csv => {
            let mut csv = csv::WriterBuilder::new()
                .terminator(csv::Terminator::CRLF)
                .quote_style(csv::QuoteStyle::Always)
                .from_writer(Vec::new());
            if is_first {
                csv.write_record(R::COLUMNS)?;
            }
            for row in rows {
                csv.write_record(row.cells().into_iter().map(defused))?;
            }
            let bytes = csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
            Ok(bytes.into())
        }
        ExportFormat::JsonLines => {
            let mut lines = Vec::new();
            for row in rows {
                serde_json::to_writer(&mut lines, row)?;
                lines.push(b'\n');
            }
            Ok(lines.into())
        }
    }
}

/// What a formula begins with, by itself or behind what a spreadsheet leaves out; the wide forms are read as the
/// narrow ones.
const FORMULA: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// A cell that no spreadsheet takes for a formula (OWASP, CSV injection).
fn defused(cell: String) -> String {
    if cell.starts_with(FORMULA) {
        return format!("'{cell}");
    }
    cell
}

impl Row for ChangeView {
    const COLUMNS: &'static [&'static str] = &[
        "version",
        "at",
        "author",
        "authority",
        "acting_for",
        "sentence",
        "reason",
        "command",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.version.to_string(),
            self.at.clone(),
            self.author.clone(),
            self.authority.clone(),
            self.acting_for.clone().unwrap_or_default(),
            self.sentence.clone(),
            self.reason.clone(),
            self.command.to_string(),
        ]
    }

    fn before(&self) -> u64 {
        self.version
    }
}

impl Row for DenialView {
    const COLUMNS: &'static [&'static str] = &[
        "number",
        "at",
        "code",
        "subject",
        "acting_for",
        "org",
        "resource",
        "action",
        "mode",
        "route",
        "replica",
        "decision",
        "times",
    ];

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            self.number.to_string(),
            self.at.clone(),
            self.code.clone(),
            text(&self.subject),
            text(&self.acting_for),
            text(&self.org),
            text(&self.resource),
            text(&self.action),
            text(&self.mode),
            text(&self.route),
            text(&self.replica),
            text(&self.decision),
            self.times.to_string(),
        ]
    }

    fn before(&self) -> u64 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, told) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("\u{ff0b}1", "'\u{ff0b}1"),
            ("\u{ff0d}1", "'\u{ff0d}1"),
            ("\u{ff20}SUM(A1)", "'\u{ff20}SUM(A1)"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(defused(cell.to_owned()), told);
        }
    }
}
