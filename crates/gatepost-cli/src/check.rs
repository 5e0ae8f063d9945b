//! `gatepost check`: one request, or a file of them.

use std::io::Write;

use crate::Exit;
use crate::answer::{Answer, Verdict, question};
use crate::args::CheckArgs;
use crate::batch;
use crate::fault::Fault;

pub(crate) fn run(args: &CheckArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    if let Some(requests) = &args.batch {
        return batch::run(&args.source.facts()?, requests, out);
    }
    let checked = check(args, out);
    if let (true, Err(fault)) = (args.json, &checked) {
        print_json(&Answer::error(fault.code(), fault.to_string()), out)?;
    }
    checked
}

fn check(args: &CheckArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    let request = args
        .request
        .read(args.what.as_deref().unwrap_or_default())?;
    let facts = args.source.facts()?;
    let request = question(&request);
    let answer = Answer::to(&facts, &request);
    if args.json {
        print_json(&answer, out)?;
    } else {
        writeln!(out, "{answer}")?;
    }
    Ok(exit(answer.decision))
}

pub(crate) fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Allow => Exit::Good,
        Verdict::Deny => Exit::Bad,
        Verdict::Error => Exit::Unable,
    }
}

/// Prints an answer as one line of JSON.
pub(crate) fn print_json(answer: &Answer<'_>, out: &mut dyn Write) -> Result<(), Fault> {
    serde_json::to_writer(&mut *out, answer).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}
