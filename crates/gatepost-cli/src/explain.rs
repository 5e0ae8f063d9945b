//! `gatepost explain`: each of the fifteen checks, as a person reads them.

use std::io::Write;

use gatepost::{Request, Snapshot};

use crate::Exit;
use crate::answer::{Answer, question};
use crate::args::ExplainArgs;
use crate::check::exit;
use crate::fault::Fault;

pub(crate) fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    let request = args.request.read()?;
    let facts = args.source.facts()?;
    let request = question(&request);
    print(&facts, &request, "", out)?;
    Ok(exit(Answer::to(&facts, &request).decision))
}

/// Prints the explanation of a request, each line behind `indent`.
pub(crate) fn print(
    facts: &Snapshot,
    request: &Request<'_>,
    indent: &str,
    out: &mut dyn Write,
) -> Result<(), Fault> {
    writeln!(out, "{indent}{}", Answer::to(facts, request))?;
    Ok(())
}
