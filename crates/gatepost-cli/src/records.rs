//! A decision log, read from files of JSON lines.

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use gatepost_observe::{LogReader, LogRecord};

use crate::batch::{LONGEST_LINE, Line, read_line};
use crate::fault::Fault;

/// Where a decision log is.
#[derive(Debug, Args)]
pub(crate) struct RecordArgs {
    /// A decision log: a file with a JSON object a line, with those that were rotated from it, `-` for standard
    /// input; may be given more than once
    #[arg(long = "log", value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What a line of a log is.
pub(crate) enum Found {
    /// A decision.
    Record(Box<LogRecord>),
    /// No record, and why not.
    Unread(String),
}

impl RecordArgs {
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Reads line by line until it is told to stop; whether it was.
    pub(crate) fn each(&self, mut see: impl FnMut(Found) -> bool) -> Result<bool, Fault> {
        for file in &self.files {
            if each_of(file, &mut see).map_err(|error| Fault::unreadable(file, error))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The record of a decision, and what could not be read on the way to it.
    pub(crate) fn find(&self, decision: &str) -> Result<(Option<LogRecord>, u64), Fault> {
        let (mut found, mut unread) = (None, 0);
        self.each(|line| match line {
            Found::Record(record) if record.decision_id == decision && record.revoked.is_none() => {
                found = Some(*record);
                true
            }
            Found::Record(_) => false,
            Found::Unread(_) => {
                unread += 1;
                false
            }
        })?;
        Ok((found, unread))
    }
}

fn each_of(file: &Path, see: &mut impl FnMut(Found) -> bool) -> io::Result<bool> {
    if file == Path::new("-") {
        return each_given(see);
    }
    for line in LogReader::open(file)? {
        let found = match line {
            Ok(record) => Found::Record(Box::new(record)),
            Err(why) => Found::Unread(why.to_string()),
        };
        if see(found) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads what standard input gives.
fn each_given(see: &mut impl FnMut(Found) -> bool) -> io::Result<bool> {
    let mut lines = BufReader::with_capacity(64 * 1024, io::stdin());
    let mut line = Vec::new();
    for number in 1_u64.. {
        let read = match read_line(&mut lines, &mut line)? {
            Line::End => break,
            Line::TooLong => Err(format!("the line is longer than {LONGEST_LINE} bytes")),
            Line::Read if line.iter().all(u8::is_ascii_whitespace) => continue,
            Line::Read => serde_json::from_slice(&line).map_err(|error| error.to_string()),
        };
        let found = match read {
            Ok(record) => Found::Record(Box::new(record)),
            Err(why) => Found::Unread(format!("line {number} cannot be read: {why}")),
        };
        if see(found) {
            return Ok(true);
        }
    }
    Ok(false)
}
