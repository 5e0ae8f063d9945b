//! Each member whose answers flip, as a line.

use std::io::{self, Write};

use gatepost::{ImpactFlip, ImpactMember};
use serde::Serialize;

use super::print::By;
use crate::listing::printable;

#[derive(Serialize)]
struct MemberObject<'a> {
    subject: &'a str,
    org: Option<&'a str>,
    loses: Vec<FlipObject<'a>>,
    gains: Vec<FlipObject<'a>>,
}

#[derive(Serialize)]
struct FlipObject<'a> {
    method: &'a str,
    path: &'a str,
    asks: &'a str,
    before: &'static str,
    after: &'static str,
}

/// Prints what flips of somebody: a line for each side of each answer, or one object.
pub(super) fn member(
    member: &ImpactMember<'_>,
    by: By,
    json: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let subject = member.subject().as_str();
    let org = member.org().map(gatepost::OrgId::as_str);
    if json {
        let object = MemberObject {
            subject,
            org,
            loses: member
                .flips()
                .filter(ImpactFlip::loses)
                .map(object)
                .collect(),
            gains: member
                .flips()
                .filter(ImpactFlip::gains)
                .map(object)
                .collect(),
        };
        serde_json::to_writer(&mut *out, &object)?;
        return out.write_all(b"\n");
    }
    let (subject, org) = (printable(subject), printable(org.unwrap_or("-")));
    for flip in member.flips() {
        let route = printable(by.route(flip.method, flip.path, flip.asks));
        let (before, after) = (flip.before.as_str(), flip.after.as_str());
        for (is_so, word) in [(flip.loses(), "loses"), (flip.gains(), "gains")] {
            if is_so {
                writeln!(
                    out,
                    "{word}  {subject}  {org}  {route}  {before} -> {after}"
                )?;
            }
        }
    }
    Ok(())
}

fn object(flip: ImpactFlip<'_>) -> FlipObject<'_> {
    FlipObject {
        method: flip.method,
        path: flip.path,
        asks: flip.asks,
        before: flip.before.as_str(),
        after: flip.after.as_str(),
    }
}
