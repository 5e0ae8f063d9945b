//! What was counted, for a person and for a program.

use std::fmt::Write as _;
use std::io::{self, Write};

use gatepost::{Impact, ImpactExample, ImpactLeftOut, ImpactSide};
use serde::Serialize;

use super::orgs::{ByOrg, OrgCount};
use super::replayed::Replayed;
use crate::listing::printable;

/// How many orgs a person is told of each side.
const ORGS: usize = 10;

/// What was counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum By {
    Routes,
    Actions,
}

impl By {
    /// What is asked, and where; an action stands for itself.
    pub(super) fn route(self, method: &str, path: &str, asks: &str) -> String {
        match self {
            Self::Routes => format!("{method} {path}  {asks}"),
            Self::Actions => asks.to_owned(),
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Routes => ("route", "routes"),
            Self::Actions => ("action", "actions"),
        }
    }
}

/// Everything that was counted.
pub(super) struct Counted {
    pub(super) version: u64,
    pub(super) by: By,
    pub(super) summary: Vec<String>,
    pub(super) impact: Impact,
    pub(super) by_org: ByOrg,
    pub(super) replayed: Option<Replayed>,
}

#[derive(Serialize)]
struct Object<'a> {
    version: u64,
    counted_by: By,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    changes: &'a [String],
    #[serde(flatten)]
    impact: &'a Impact,
    by_org: OrgsObject<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<&'a Replayed>,
}

#[derive(Serialize)]
struct OrgsObject<'a> {
    losing: Vec<OrgCount<'a>>,
    gaining: Vec<OrgCount<'a>>,
}

impl Counted {
    /// As an object; on one line, where others stand before it.
    pub(super) fn print_json(&self, one_line: bool, out: &mut dyn Write) -> io::Result<()> {
        let object = Object {
            version: self.version,
            counted_by: self.by,
            changes: &self.summary,
            impact: &self.impact,
            by_org: OrgsObject {
                losing: self.by_org.losing(),
                gaining: self.by_org.gaining(),
            },
            log: self.replayed.as_ref(),
        };
        if one_line {
            serde_json::to_writer(&mut *out, &object)?;
        } else {
            serde_json::to_writer_pretty(&mut *out, &object)?;
        }
        out.write_all(b"\n")
    }

    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        for line in &self.summary {
            writeln!(out, "{}", printable(line))?;
        }
        let Impact {
            losing,
            gaining,
            left_out,
            ..
        } = &self.impact;
        if self.impact.is_nothing() {
            let nobody = if left_out.is_nobody() {
                "nobody's, on any route"
            } else {
                "no member's, and no subject's by itself, on any route"
            };
            writeln!(out, "whose answers flip: {nobody}")?;
        }
        self.print_side(losing, ("lose", "loses"), &self.by_org.losing(), out)?;
        self.print_side(gaining, ("gain", "gains"), &self.by_org.gaining(), out)?;
        if let Some(told) = left_out_told(left_out) {
            writeln!(out, "not counted are {told}")?;
        }
        match &self.replayed {
            Some(replayed) => replayed.print(out),
            None => Ok(()),
        }
    }

    fn print_side(
        &self,
        side: &ImpactSide,
        (verb, verbs): (&str, &str),
        orgs: &[OrgCount<'_>],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if side.members == 0 && side.alone == 0 {
            return Ok(());
        }
        let who = |count, one, many| {
            (count > 0).then(|| {
                let verb = if count == 1 { verbs } else { verb };
                format!("{} {verb}", counted(count, one, many))
            })
        };
        let (one, many) = self.by.words();
        let parts = [
            who(side.members, "member", "members"),
            who(side.alone, "subject by itself", "subjects by themselves"),
            Some(counted(side.subjects, "subject in all", "subjects in all")),
            Some(counted(side.orgs, "org", "orgs")),
            Some(counted(side.distinct_routes, one, many)),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        writeln!(out, "{}", parts.join(", "))?;
        let mut rows = vec![
            [one, "members", "by themselves"]
                .map(str::to_owned)
                .to_vec(),
        ];
        for route in &side.routes {
            let name = self.by.route(&route.method, &route.path, &route.asks);
            rows.push(vec![
                name,
                route.members.to_string(),
                route.alone.to_string(),
            ]);
        }
        table(&rows, out)?;
        if !orgs.is_empty() {
            let mut rows = vec![vec!["org".to_owned(), "members".to_owned()]];
            let told = orgs.iter().take(ORGS);
            rows.extend(told.map(|of| vec![of.org.to_string(), of.members.to_string()]));
            table(&rows, out)?;
            if let more @ 1.. = orgs.len().saturating_sub(ORGS) {
                writeln!(out, "  and {more} more; --json has them all")?;
            }
        }
        let examples = side.examples.iter().map(|example| self.example(example));
        let examples: Vec<_> = examples.collect();
        writeln!(out, "  among them: {}", examples.join("; "))
    }

    fn example(&self, example: &ImpactExample) -> String {
        let ImpactExample {
            subject,
            org,
            method,
            path,
            asks,
            before,
            after,
            ..
        } = example;
        let route = self.by.route(method, path, asks);
        let place = match org {
            Some(org) => format!("in {org}"),
            None => "without an org".to_owned(),
        };
        printable(format_args!(
            "{subject} {place} ({route}: {before} -> {after})"
        ))
    }
}

/// Those who are not counted, where there are any.
fn left_out_told(left_out: &ImpactLeftOut) -> Option<String> {
    let told = [
        (left_out.all_orgs_subjects > 0).then(|| {
            let subjects = counted(left_out.all_orgs_subjects, "subject", "subjects");
            format!("{subjects} with a site role for all orgs, outside of memberships")
        }),
        (left_out.public_orgs > 0).then(|| {
            let orgs = counted(left_out.public_orgs, "public org", "public orgs");
            format!("whoever is no member of {orgs}")
        }),
        (left_out.agents > 0).then(|| {
            let agents = counted(left_out.agents, "agent", "agents");
            format!("{agents} in acting for somebody")
        }),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// So many of a thing.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Columns, indented; the first is a text, the others are numbers.
pub(super) fn table(rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<Vec<String>> = (rows.iter())
        .map(|row| row.iter().map(printable).collect())
        .collect();
    let mut widths: Vec<usize> = Vec::new();
    for row in &rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in &rows {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if cell.parse::<u64>().is_ok() && at > 0 {
                let _ = write!(line, "  {cell:>width$}");
            } else {
                let _ = write!(line, "  {cell:width$}");
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
