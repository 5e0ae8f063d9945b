//! `gatepost lint`: everything wrong or suspicious in a policy document.

use std::fmt::Write as _;
use std::io::{self, Write};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use gatepost::{Finding, FindingKind, Timestamp};
use serde::Serialize;

use crate::Exit;
use crate::args::LintArgs;
use crate::fault::Fault;
use crate::listing::Listing;
use crate::routes::read_all;
use crate::source::Policy;

pub(crate) fn run(args: &LintArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    let policy = match &args.document {
        Some(file) => Policy::read(file)?,
        None => args.source.open()?,
    };
    let at = args.at.unwrap_or_else(Timestamp::now);
    let mut findings = if args.routes.is_empty() {
        policy.lint(at)?
    } else {
        policy.lint_with_routes(&read_all(&args.routes)?, at)?
    };
    findings.retain(|finding| !args.allow.contains(&finding.kind));
    if args.json {
        print_json(&policy, &findings, out)?;
    } else {
        let mut listing = Listing::default();
        for finding in &findings {
            listing.add(
                policy.place(),
                finding.line,
                &finding.path,
                &finding.message,
            );
        }
        listing.write(out)?;
    }
    Ok(if findings.is_empty() {
        Exit::Good
    } else {
        Exit::Bad
    })
}

#[derive(Serialize)]
struct FindingObject<'a> {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    path: String,
    kind: &'static str,
    severity: &'static str,
    message: &'a str,
}

impl<'a> FindingObject<'a> {
    fn new(policy: &Policy, finding: &'a Finding) -> Self {
        Self {
            file: policy.place().display().to_string(),
            line: finding.line,
            path: finding.path.to_string(),
            kind: finding.kind.as_str(),
            severity: finding.severity().as_str(),
            message: &finding.message,
        }
    }
}

fn print_json(policy: &Policy, findings: &[Finding], out: &mut dyn Write) -> Result<(), Fault> {
    let objects: Vec<_> = findings
        .iter()
        .map(|finding| FindingObject::new(policy, finding))
        .collect();
    serde_json::to_writer_pretty(&mut *out, &objects).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// The kinds that can be left out: all but what is refused at load.
fn kinds() -> impl Iterator<Item = FindingKind> {
    let all = FindingKind::ALL.iter().copied();
    all.filter(|kind| *kind != FindingKind::Refused)
}

/// Reads the name of a kind.
pub(crate) fn kind() -> impl TypedValueParser<Value = FindingKind> {
    PossibleValuesParser::new(kinds().map(FindingKind::as_str)).try_map(|given| {
        kinds()
            .find(|kind| kind.as_str() == given)
            .ok_or("not one of them")
    })
}

pub(crate) fn after_help() -> String {
    let mut help = "Kinds of findings:\n".to_owned();
    for kind in FindingKind::ALL {
        let _ = writeln!(help, "  {:28}{}", kind.as_str(), kind.about());
    }
    help.push_str(
        "\nExit status:\n  0  nothing was found\n  1  findings\n  \
         2  the document could not be read: no such file, not UTF-8, neither TOML nor JSON",
    );
    help
}
