//! `gatepost check --batch`: a file of requests, one JSON object a line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use gatepost::{Code, RequestDocument, Snapshot};

use crate::Exit;
use crate::answer::{Answer, question};
use crate::check::print_json;
use crate::fault::Fault;

/// A longer line is no request: it is passed over without being held in memory.
pub(crate) const LONGEST_LINE: usize = 1024 * 1024;
/// What is quoted of a line that cannot be read.
const LONGEST_DETAIL: usize = 300;

pub(crate) fn run(facts: &Snapshot, requests: &Path, out: &mut dyn Write) -> Result<Exit, Fault> {
    let file: Box<dyn Read> = if requests == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(requests).map_err(|error| Fault::unreadable(requests, error))?)
    };
    let mut lines = BufReader::with_capacity(64 * 1024, file);
    let mut line = Vec::new();
    loop {
        let read = read_line(&mut lines, &mut line);
        let text = match read.map_err(|error| Fault::unreadable(requests, error))? {
            Line::End => return Ok(Exit::Good),
            Line::TooLong => Err(format!("the line is longer than {LONGEST_LINE} bytes")),
            Line::Read => Ok(&line),
        };
        let request = text.and_then(|text| read_request(text));
        match &request {
            Ok(request) => print_json(&Answer::to(facts, &question(request)), out)?,
            Err(detail) => print_json(&Answer::error(Code::BadRequest, detail.clone()), out)?,
        }
        if lines.buffer().is_empty() {
            // The next read may wait for whoever waits for these answers.
            out.flush()?;
        }
    }
}

/// What a file of lines has next.
pub(crate) enum Line {
    Read,
    TooLong,
    End,
}

/// Reads one line, its end included where it has one.
pub(crate) fn read_line(from: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    let limit = LONGEST_LINE as u64 + 1;
    if from.by_ref().take(limit).read_until(b'\n', line)? == 0 {
        return Ok(Line::End);
    }
    if line.len() <= LONGEST_LINE || line.ends_with(b"\n") {
        return Ok(Line::Read);
    }
    loop {
        let piece = from.fill_buf()?;
        let end = piece.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(piece.len(), |end| end + 1);
        from.consume(used);
        if end.is_some() || used == 0 {
            return Ok(Line::TooLong);
        }
    }
}

fn read_request(line: &[u8]) -> Result<RequestDocument, String> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Err("the line is empty".to_owned());
    }
    serde_json::from_slice(line).map_err(|error| {
        let text = error.to_string();
        let text = text.replace(" at line 1 column 0", "");
        let text = text.replace(" at line 1 column ", " at column ");
        text.chars().take(LONGEST_DETAIL).collect()
    })
}
