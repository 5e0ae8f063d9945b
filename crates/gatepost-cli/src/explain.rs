//! `gatepost explain`: each of the fifteen checks, as a person reads them.

mod decision;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use gatepost::{ExplainedDecision, Explanation};

use crate::Exit;
use crate::answer::question;
use crate::args::ExplainArgs;
use crate::fault::Fault;
use crate::listing::printable;

pub(crate) fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    if let Some(id) = &args.decision {
        return decision::run(args, id, out);
    }
    let what = args.what.as_deref().unwrap_or_default();
    let request = args.request.read(what)?;
    let facts = args.source.facts()?;
    let explanation = gatepost::explain(&facts, &question(&request));
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &explanation).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
    } else {
        print(&explanation, args.all, "", out)?;
    }
    Ok(exit(&explanation.decision))
}

fn exit(decision: &ExplainedDecision) -> Exit {
    match decision {
        ExplainedDecision::Allow { .. } => Exit::Good,
        ExplainedDecision::Deny { .. } => Exit::Bad,
        ExplainedDecision::Needs(_) | ExplainedDecision::Error(_) => Exit::Unable,
    }
}

/// Prints an explanation, each line behind `indent`; `all` has the routine checks as well.
pub(crate) fn print(
    explanation: &Explanation,
    all: bool,
    indent: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = if all {
        format!("{explanation:#}")
    } else {
        explanation.to_string()
    };
    for line in text.lines() {
        let line = printable(line);
        match mark(&line) {
            Some((before, mark, behind)) => {
                let (of_mark, of_text) = styles(mark);
                writeln!(
                    out,
                    "{indent}{before}{of_mark}{mark}{of_mark:#}{of_text}{behind}{of_text:#}"
                )?;
            }
            None => writeln!(out, "{indent}{line}")?,
        }
    }
    Ok(())
}

/// A line of a check, taken apart at its mark.
fn mark(line: &str) -> Option<(&str, char, &str)> {
    let is_mark = |letter: char| matches!(letter, '✓' | '✗' | '·');
    let (at, mark) = line.char_indices().find(|(_, letter)| is_mark(*letter))?;
    let before = line.get(..at)?;
    let behind = line.get(at + mark.len_utf8()..)?;
    // In front of a mark stands the tier and nothing else.
    let is_check = before.starts_with("  ") && before.split_whitespace().count() <= 1;
    is_check.then_some((before, mark, behind))
}

/// How a mark and the text behind it look.
fn styles(mark: char) -> (Style, Style) {
    match mark {
        '✓' => (AnsiColor::Green.on_default(), Style::new()),
        '✗' => (AnsiColor::Red.on_default().bold(), Style::new().bold()),
        _ => (Style::new().dimmed(), Style::new().dimmed()),
    }
}
