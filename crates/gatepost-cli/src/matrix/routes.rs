//! `gatepost matrix --routes`: who may do what on the routes of a service.

use std::io::Write;
use std::path::Path;

use clap::ValueEnum;
use gatepost::{Matrix, MatrixError, Timestamp};

use super::acting_for;
use crate::Exit;
use crate::args::MatrixArgs;
use crate::fault::Fault;
use crate::listing::printable;
use crate::routes::{compared, print_lines, read_all, read_text, stdin_once};

/// Who is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// Every site role with every org role, in orgs of every state
    #[default]
    Roles,
    /// The subjects of the policy, in the orgs that they are members of
    Subjects,
}

pub(super) fn run(args: &MatrixArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    let by = args.by.unwrap_or_default();
    if by == By::Roles && (args.acting_for.is_some() || args.at.is_some()) {
        let why =
            "`--acting-for` and `--at` ask for subjects: with `--routes`, give `--by subjects`";
        return Err(Fault::BadRequest(why.to_owned()));
    }
    stdin_once(args.routes.iter().chain(&args.check))?;
    let policy = args.source.open()?;
    // With its lines, where it is refused.
    policy.compile()?;
    let document = policy.document()?;
    let routes = read_all(&args.routes)?;
    let matrix = match by {
        By::Roles => Matrix::of_roles(&document, &routes),
        By::Subjects => {
            let at = args.at.unwrap_or_else(Timestamp::now);
            Matrix::of_subjects(&document, &routes, acting_for(args)?.as_ref(), at)
        }
    };
    let matrix = matrix.map_err(|error| match error {
        MatrixError::Policy(error) => Fault::refused(policy.place(), &error),
        error => Fault::BadRequest(error.to_string()),
    })?;
    if let Some(file) = &args.check {
        return check(file, &matrix, out);
    }
    print_lines(&matrix.to_text(), out)?;
    Ok(Exit::Good)
}

fn check(file: &Path, matrix: &Matrix, out: &mut dyn Write) -> Result<Exit, Fault> {
    let kept = Matrix::from_text(&read_text(file)?);
    let kept = kept.map_err(|error| Fault::refused_file(file, &error))?;
    let changes = kept.changes(matrix);
    for change in changes.laxer_first() {
        writeln!(out, "{}", printable(change))?;
    }
    let is_same = kept.to_text() == matrix.to_text();
    compared(changes.is_empty(), is_same, out)
}
