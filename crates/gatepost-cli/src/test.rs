//! `gatepost test`: unit tests of a policy.

mod expect;
mod file;
mod piece;
mod table;

use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use gatepost::{Code, Snapshot};

use crate::Exit;
use crate::answer::{Answer, question};
use crate::args::TestArgs;
use crate::explain;
use crate::fault::Fault;
use crate::listing::printable;
use file::Case;

/// How many cases there were.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    passed: usize,
    failed: usize,
}

pub(crate) fn run(args: &TestArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    let mut total = Count::default();
    let mut unreadable = 0_usize;
    for path in &args.files {
        match run_file(path, out) {
            Ok(count) => {
                total.passed += count.passed;
                total.failed += count.failed;
            }
            Err(Fault::Output(error)) => return Err(Fault::Output(error)),
            Err(fault) => {
                unreadable += 1;
                out.flush()?;
                fault.report(&mut io::stderr().lock())?;
                let name = printable(path.display());
                writeln!(out, "{ERROR}ERROR{ERROR:#}  {name}: could not be read")?;
            }
        }
    }
    let files = args.files.len();
    if files > 1 {
        let Count { passed, failed } = total;
        let read = match unreadable {
            0 => String::new(),
            some => format!(", {some} not read"),
        };
        writeln!(out, "{files} files{read}: {passed} passed, {failed} failed")?;
    }
    Ok(match (unreadable, total.failed) {
        (0, 0) => Exit::Good,
        (0, _) => Exit::Bad,
        _ => Exit::Unable,
    })
}

const GOOD: Style = AnsiColor::Green.on_default();
const FAILED: Style = AnsiColor::Red.on_default();
const ERROR: Style = FAILED.bold();

fn run_file(path: &Path, out: &mut dyn Write) -> Result<Count, Fault> {
    let cases = file::read(path)?;
    let name = printable(path.display());
    let mut count = Count::default();
    for case in &cases {
        if run_case(case, out)? {
            count.passed += 1;
        } else {
            count.failed += 1;
        }
    }
    let Count { passed, failed } = count;
    let (style, word) = if failed == 0 {
        (GOOD, "ok   ")
    } else {
        (FAILED, "FAIL ")
    };
    writeln!(
        out,
        "{style}{word}{style:#}  {name}: {passed} passed, {failed} failed"
    )?;
    Ok(count)
}

/// Runs one case, and says what went wrong where it failed.
fn run_case(case: &Case, out: &mut dyn Write) -> Result<bool, Fault> {
    let facts: &Snapshot = &case.facts;
    let document = match &case.request {
        Ok(document) => document,
        Err(detail) => {
            let answer = Answer::error(Code::BadRequest, detail.clone());
            return judge(case, &answer, out);
        }
    };
    let request = question(document);
    let passed = judge(case, &Answer::to(facts, &request), out)?;
    if !passed {
        explain::print(&gatepost::explain(facts, &request), false, "    ", out)?;
    }
    Ok(passed)
}

fn judge(case: &Case, answer: &Answer<'_>, out: &mut dyn Write) -> Result<bool, Fault> {
    if case.expect.is_met_by(answer) {
        return Ok(true);
    }
    let (place, name) = (printable(&case.place), printable(&case.name));
    writeln!(out, "{FAILED}✗{FAILED:#} {place}  {name}")?;
    let expected = &case.expect;
    writeln!(out, "    expected {expected}, answered {answer}")?;
    if let Some(detail) = &answer.detail {
        writeln!(out, "    {}", printable(detail))?;
    }
    for difference in case.expect.further(answer) {
        writeln!(out, "    {}", printable(difference))?;
    }
    Ok(false)
}
