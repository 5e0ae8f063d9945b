//! Lines of JSON in a file that is rotated by size.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{LogLine, Sink};

/// How large a file becomes, in bytes, unless said otherwise.
const SIZE: u64 = 64 << 20;
/// How many files there are then, the one that is written to included.
const FILES: usize = 8;

/// One line of JSON for each decision, in a file.
///
/// A file that would become longer than its bound is renamed to `NAME.1`, what was that to `NAME.2`, and so on; the
/// oldest is removed. So all of them together never take more than their number times the bound: 8 of 64 MiB, unless
/// [said otherwise](Self::rotate). One that something else renames is left, and a new one begun. What is not a plain
/// file, such as a pipe, is not rotated. Only its owner and group may read what it makes.
///
/// One process writes one file. [`LogReader`](crate::LogReader) reads it, with those that were rotated.
#[derive(Debug)]
pub struct JsonLines {
    path: PathBuf,
    size: u64,
    files: usize,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    /// Device and number.
    id: (u64, u64),
    is_plain: bool,
    length: u64,
    /// Whether what is at its end is no whole line.
    is_ragged: bool,
    /// Whether its name outlasts a loss of power.
    is_named: bool,
}

impl JsonLines {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// Where that is not possible.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let open = Open::at(&path)?;
        Ok(Self {
            path,
            size: SIZE,
            files: FILES,
            open: Some(open),
        })
    }

    /// Lets each file become so many bytes long, and keeps so many files, the one that is written to included.
    #[must_use]
    pub fn rotate(mut self, bytes: u64, files: usize) -> Self {
        self.size = bytes.max(1);
        self.files = files.max(1);
        self
    }

    /// The file that stands at the path, which may be another than before.
    fn current(&mut self) -> io::Result<&mut Open> {
        let is_there = self.open.as_ref().is_some_and(|open| {
            std::fs::metadata(&self.path).is_ok_and(|there| id(&there) == open.id)
        });
        match self.open.take() {
            Some(open) if is_there => Ok(self.open.insert(open)),
            left => {
                if let Some(left) = left {
                    left.sync()?;
                }
                Ok(self.open.insert(Open::at(&self.path)?))
            }
        }
    }

    /// Begins a new file.
    fn turn(&mut self) -> io::Result<()> {
        if let Some(full) = self.open.take() {
            full.sync()?;
        }
        let oldest = self.files - 1;
        for number in (1..=oldest).rev() {
            let from = numbered(&self.path, number - 1);
            match std::fs::rename(&from, numbered(&self.path, number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        if oldest == 0 {
            std::fs::remove_file(&self.path)?;
        }
        self.open = Some(Open::at(&self.path)?);
        Ok(())
    }
}

impl Sink for JsonLines {
    fn write(&mut self, lines: &[LogLine]) -> io::Result<()> {
        let size = self.size;
        let mut batch = String::new();
        let mut open = self.current()?;
        for line in lines {
            let more = line.text.len() as u64 + 1;
            let length = open.length.saturating_add(batch.len() as u64);
            if open.is_plain && length > 0 && length.saturating_add(more) > size {
                open.append(&mut batch)?;
                self.turn()?;
                open = self.current()?;
            }
            batch.push_str(&line.text);
            batch.push('\n');
        }
        open.append(&mut batch)
    }

    fn sync(&mut self) -> io::Result<()> {
        let Some(open) = &mut self.open else {
            return Err(io::Error::other("no file is open"));
        };
        open.sync()?;
        if !open.is_named && open.is_plain {
            let folder = self.path.parent().filter(|it| *it != Path::new(""));
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
            open.is_named = true;
        }
        Ok(())
    }
}

impl Open {
    fn at(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o640);
        let mut file = options.open(path)?;
        let there = file.metadata()?;
        let is_plain = there.is_file();
        let length = if is_plain { there.len() } else { 0 };
        // What was written last may have been cut off with the power.
        let is_ragged = length > 0 && last_byte(path).is_ok_and(|last| last != b'\n');
        if is_plain {
            file.seek(SeekFrom::End(0))?;
        }
        Ok(Self {
            file,
            id: id(&there),
            is_plain,
            length,
            is_ragged,
            is_named: false,
        })
    }

    /// Writes the text and empties it; what was written of a text in part is taken back.
    fn append(&mut self, text: &mut String) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if self.is_ragged {
            text.insert(0, '\n');
        }
        let bytes = text.len() as u64;
        let written = self.file.write_all(text.as_bytes());
        text.clear();
        match written {
            Ok(()) => {
                self.is_ragged = false;
                self.length = self.length.saturating_add(bytes);
                Ok(())
            }
            Err(error) => {
                let is_whole = self.is_plain && self.file.set_len(self.length).is_ok();
                self.is_ragged |= !is_whole;
                Err(error)
            }
        }
    }

    fn sync(&self) -> io::Result<()> {
        match self.file.sync_data() {
            // A pipe has nothing to be synced.
            Err(_) if !self.is_plain => Ok(()),
            synced => synced,
        }
    }
}

fn last_byte(path: &Path) -> io::Result<u8> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    let [last] = last;
    Ok(last)
}

fn id(of: &std::fs::Metadata) -> (u64, u64) {
    (of.dev(), of.ino())
}

/// The path of a rotated file; number 0 is the one that is written to.
pub(crate) fn numbered(path: &Path, number: usize) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}
