//! `gatepost matrix`: who may do what, as a table.

mod print;
mod routes;

use std::collections::BTreeMap;
use std::io::Write;

use clap::ValueEnum;
use gatepost::{
    BUILT_IN_PREFIX, IdError, Kind, MatrixCell, Mode, OrgId, OrgRule, PolicyDocument, Request,
    Snapshot, Subject, SubjectId, Timestamp,
};

use crate::Exit;
use crate::args::MatrixArgs;
use crate::fault::Fault;
use print::Printer;
pub(crate) use routes::By;

/// How a matrix is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for a person
    Table,
    /// Comma-separated values (RFC 4180), with a heading
    Csv,
    /// An array of objects
    Json,
}

/// The modes that each row has a column for.
const MODES: [Option<Mode>; 3] = [None, Some(Mode::Foreground), Some(Mode::Background)];

/// What one subject may do with one resource and action in one org.
#[derive(Debug)]
struct Row<'a> {
    subject: &'a str,
    /// None where the site alone decides.
    org: Option<&'a str>,
    resource: &'a str,
    action: &'a str,
    /// By [`MODES`].
    cells: [MatrixCell; 3],
}

pub(crate) fn run(args: &MatrixArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    if !args.routes.is_empty() {
        return routes::run(args, out);
    }
    let policy = args.source.open()?;
    let facts = policy.compile()?;
    let document = policy.document()?;
    let org = args.org.as_ref().map(OrgId::new).transpose();
    let org = org.map_err(ill_formed)?;
    let matrix = Matrix {
        facts: &facts,
        document: &document,
        acting_for: acting_for(args)?,
        at: args.at.unwrap_or_else(Timestamp::now),
        console: args.console,
    };
    let places = Places::of(&matrix, org.as_ref());
    let mut printer = Printer::new(args.format, out)?;
    let mut subjects: Vec<SubjectId> = facts.subjects().collect();
    subjects.sort_unstable();
    for subject in &subjects {
        for place in places.of_subject(subject) {
            for (resource, action) in matrix.actions() {
                printer.row(&matrix.row(subject, place, resource, action))?;
            }
        }
    }
    printer.finish()?;
    Ok(Exit::Good)
}

/// For whom agents are asked.
fn acting_for(args: &MatrixArgs) -> Result<Option<SubjectId>, Fault> {
    let acting_for = args.acting_for.as_ref().map(SubjectId::new).transpose();
    acting_for.map_err(ill_formed)
}

fn ill_formed(error: IdError) -> Fault {
    Fault::BadRequest(format!("the id {error}"))
}

struct Matrix<'a> {
    facts: &'a Snapshot,
    document: &'a PolicyDocument,
    acting_for: Option<SubjectId>,
    at: Timestamp,
    console: bool,
}

/// In which orgs a subject is asked.
enum Places<'a> {
    One(&'a OrgId),
    Own(BTreeMap<&'a str, Vec<&'a OrgId>>),
}

impl<'a> Places<'a> {
    fn of(matrix: &Matrix<'a>, org: Option<&'a OrgId>) -> Self {
        if let Some(org) = org {
            return Self::One(org);
        }
        let mut own: BTreeMap<&str, Vec<&OrgId>> = BTreeMap::new();
        for org in matrix.facts.orgs_behind(None) {
            let members = matrix.document.orgs.get(org.as_str());
            for member in members.into_iter().flat_map(|org| org.members.keys()) {
                own.entry(member).or_default().push(org);
            }
        }
        Self::Own(own)
    }

    fn of_subject(&self, subject: &SubjectId) -> Vec<Option<&'a OrgId>> {
        match self {
            Self::One(org) => vec![Some(org)],
            Self::Own(own) => match own.get(subject.as_str()) {
                Some(orgs) => orgs.iter().copied().map(Some).collect(),
                None => vec![None],
            },
        }
    }
}

impl<'a> Matrix<'a> {
    fn actions(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let console = self.console;
        self.facts
            .actions()
            .filter(move |(resource, _)| console || !resource.starts_with(BUILT_IN_PREFIX))
    }

    fn row<'r>(
        &self,
        id: &'r SubjectId,
        org: Option<&'r OrgId>,
        resource: &'r str,
        action: &'r str,
    ) -> Row<'r> {
        let mut subject = Subject::new(id.clone());
        let named = self.document.subjects.get(id.as_str());
        if named.and_then(|named| named.kind) == Some(Kind::Agent)
            && let Some(delegator) = &self.acting_for
        {
            subject = subject.acting_for(delegator.clone());
        }
        let cells = MODES.map(|mode| self.cell(&subject, org, resource, action, mode));
        Row {
            subject: id.as_str(),
            org: org.map(OrgId::as_str),
            resource,
            action,
            cells,
        }
    }

    fn cell(
        &self,
        subject: &Subject,
        org: Option<&OrgId>,
        resource: &str,
        action: &str,
        mode: Option<Mode>,
    ) -> MatrixCell {
        let mut request = Request::new(resource, action)
            .subject(subject)
            .mode(mode)
            .at(self.at);
        request = match org {
            Some(org) => request.org(org),
            None => request.org_rule(OrgRule::None),
        };
        MatrixCell::by_owner(self.facts, &request)
    }
}
