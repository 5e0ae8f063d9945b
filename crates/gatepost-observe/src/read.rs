//! Reads a log that was written to a file.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::record::LogRecord;
use crate::sink::numbered;

/// The longest line that is read, in bytes; what is written is far shorter.
const LONGEST: usize = 64 << 10;
/// How many rotated files are looked for.
const MOST_FILES: usize = 10_000;

/// The records of a log in a file, with those of the files that were rotated: the oldest first.
///
/// A file that is rotated while it is read is neither missed nor read twice. A line that cannot be read is an error
/// of its own, and those behind it are read.
///
/// ```
/// use gatepost_observe::LogReader;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("decisions.jsonl");
/// std::fs::write(&path, "{ \"half\": \n")?;
/// let lines: Vec<_> = LogReader::open(&path)?.collect();
/// assert!(lines[0].as_ref().unwrap_err().to_string().starts_with("line 1 of `"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct LogReader {
    /// The newest first, so that the oldest is taken from the end.
    files: Vec<(String, BufReader<File>)>,
    line: u64,
}

/// A line of a log that cannot be read as a record.
#[derive(Debug)]
pub struct LogLineError {
    file: String,
    line: u64,
    why: String,
}

impl fmt::Display for LogLineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, why } = self;
        write!(f, "line {line} of `{file}` cannot be read: {why}")
    }
}

impl std::error::Error for LogLineError {}

impl LogReader {
    /// Opens the file and those that were rotated from it.
    ///
    /// # Errors
    ///
    /// Where the file itself cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let mut files = Vec::new();
        let mut seen = HashSet::new();
        // From the newest on: what is renamed meanwhile is met once more, and known by its number.
        for number in 0..MOST_FILES {
            let path = numbered(path, number);
            let file = match File::open(&path) {
                Ok(file) => file,
                Err(error) if number > 0 && error.kind() == io::ErrorKind::NotFound => break,
                Err(error) => return Err(error),
            };
            let there = file.metadata()?;
            if there.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if seen.insert((there.dev(), there.ino())) {
                files.push((path.display().to_string(), BufReader::new(file)));
            }
        }
        Ok(Self { files, line: 0 })
    }
}

impl Iterator for LogReader {
    type Item = Result<LogRecord, LogLineError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (name, file) = self.files.last_mut()?;
            let mut bytes = Vec::new();
            let read = read_line(file, &mut bytes);
            self.line += 1;
            let failed = |why: String| LogLineError {
                file: name.clone(),
                line: self.line,
                why,
            };
            match read {
                Ok(0) => {
                    self.files.pop();
                    self.line = 0;
                }
                // The rest of the file will not be better.
                Err(error) => {
                    let failed = failed(error.to_string());
                    self.files.pop();
                    self.line = 0;
                    return Some(Err(failed));
                }
                Ok(length) if length > LONGEST => {
                    return Some(Err(failed(format!("it is longer than {LONGEST} bytes"))));
                }
                Ok(_) if bytes.trim_ascii().is_empty() => {}
                Ok(_) => {
                    let record = serde_json::from_slice(&bytes);
                    return Some(record.map_err(|why| failed(why.to_string())));
                }
            }
        }
    }
}

/// Reads a line, and of one that is too long the beginning: how long it was, at least.
fn read_line(file: &mut BufReader<File>, line: &mut Vec<u8>) -> io::Result<usize> {
    let most = LONGEST as u64 + 1;
    let mut length = file.by_ref().take(most).read_until(b'\n', line)?;
    let mut is_whole = length <= LONGEST || line.ends_with(b"\n");
    while !is_whole {
        line.clear();
        let more = file.by_ref().take(most).read_until(b'\n', line)?;
        is_whole = more == 0 || line.ends_with(b"\n");
        length = length.saturating_add(more);
    }
    Ok(length)
}
