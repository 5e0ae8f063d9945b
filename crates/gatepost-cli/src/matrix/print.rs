//! The three forms of a matrix.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use gatepost::MatrixCell;
use serde::Serialize;

use super::{Format, Row};

const HEADING: [&str; 7] = [
    "subject",
    "org",
    "resource",
    "action",
    "none",
    "foreground",
    "background",
];

/// Prints rows as they come; only a table waits for all of them, to know how wide it is.
pub(super) struct Printer<'o> {
    format: Format,
    out: &'o mut dyn Write,
    rows: u64,
    table: Vec<Line>,
}

struct Line {
    texts: [String; 4],
    cells: [MatrixCell; 3],
}

#[derive(Serialize)]
struct RowObject<'a> {
    subject: &'a str,
    org: Option<&'a str>,
    resource: &'a str,
    action: &'a str,
    none: &'static str,
    foreground: &'static str,
    background: &'static str,
}

impl<'o> Printer<'o> {
    pub(super) fn new(format: Format, out: &'o mut dyn Write) -> io::Result<Self> {
        if format == Format::Csv {
            write!(out, "{}\r\n", HEADING.join(","))?;
        }
        Ok(Self {
            format,
            out,
            rows: 0,
            table: Vec::new(),
        })
    }

    pub(super) fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.rows += 1;
        let [none, foreground, background] = row.cells.map(MatrixCell::as_str);
        match self.format {
            Format::Table => {
                let texts = [
                    row.subject,
                    row.org.unwrap_or("-"),
                    row.resource,
                    row.action,
                ];
                self.table.push(Line {
                    texts: texts.map(str::to_owned),
                    cells: row.cells,
                });
                Ok(())
            }
            Format::Csv => {
                let org = row.org.unwrap_or_default();
                let texts = [row.subject, org].map(csv_field);
                let [subject, org] = &texts;
                let (resource, action) = (row.resource, row.action);
                write!(
                    self.out,
                    "{subject},{org},{resource},{action},{none},{foreground},{background}\r\n"
                )
            }
            Format::Json => {
                let before = if self.rows == 1 { "[\n  " } else { ",\n  " };
                self.out.write_all(before.as_bytes())?;
                let object = RowObject {
                    subject: row.subject,
                    org: row.org,
                    resource: row.resource,
                    action: row.action,
                    none,
                    foreground,
                    background,
                };
                Ok(serde_json::to_writer(&mut *self.out, &object)?)
            }
        }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        match self.format {
            Format::Table => self.print_table(),
            Format::Csv => Ok(()),
            Format::Json if self.rows == 0 => self.out.write_all(b"[]\n"),
            Format::Json => self.out.write_all(b"\n]\n"),
        }
    }

    fn print_table(&mut self) -> io::Result<()> {
        let mut widths = HEADING.map(str::len);
        for line in &self.table {
            let texts = line.texts.iter().map(|text| text.chars().count());
            let cells = line.cells.iter().map(|cell| cell.as_str().len());
            for (width, cell) in widths.iter_mut().zip(texts.chain(cells)) {
                *width = cell.max(*width);
            }
        }
        let bold = Style::new().bold();
        // The last column is not padded: no line ends in spaces.
        if let Some(last) = widths.last_mut() {
            *last = 0;
        }
        let heading = HEADING.iter().map(|name| (bold, *name));
        self.print_line(heading.zip(widths))?;
        for line in std::mem::take(&mut self.table) {
            let texts = line.texts.iter().map(|text| (Style::new(), text.as_str()));
            let cells = line.cells.iter().map(|cell| (colour(*cell), cell.as_str()));
            self.print_line(texts.chain(cells).zip(widths))?;
        }
        Ok(())
    }

    fn print_line<'c>(
        &mut self,
        columns: impl Iterator<Item = ((Style, &'c str), usize)>,
    ) -> io::Result<()> {
        for (column, ((style, text), width)) in columns.enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            write!(self.out, "{gap}{style}{text:width$}{style:#}")?;
        }
        writeln!(self.out)
    }
}

fn colour(cell: MatrixCell) -> Style {
    match cell {
        MatrixCell::Allow => AnsiColor::Green.on_default(),
        MatrixCell::Own | MatrixCell::Others => AnsiColor::Yellow.on_default(),
        MatrixCell::No(_) => Style::new().dimmed(),
    }
}

fn csv_field(text: &str) -> String {
    if text.contains([',', '"']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
