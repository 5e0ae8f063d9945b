//! What a command comes to: the facts that it has to be shown, and the facts after it.
//!
//! A plan is pure. A backend reads the [`Scope`], within the transaction in
//! which it writes what [`plan`] answers; so what was checked is what is
//! changed.

mod given;
mod killed;
mod scope;
mod undo;

use gatepost::{FORMAT_VERSION, PolicyDocument, PolicyError, Snapshot, Timestamp};

use crate::authority::{self, Bound};
use crate::change::Author;
use crate::command::{self, Command, Fault, WriteRefusal};
use crate::fact::diff;

pub(crate) use killed::{killed_words, switched_off};
pub(crate) use scope::{OwnRoles, Scope};
pub(crate) use undo::{Aim, UndoRefusal, undo};

/// A change that may be made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Planned {
    /// The slice as it is to be. Where it is the one that was read, there is nothing to change.
    pub(crate) document: PolicyDocument,
    /// What changed from what, one line each.
    pub(crate) summary: Vec<String>,
}

/// Plans a command by the slice that its [`Scope`] names, which is of this policy version.
///
/// The order is that in which least is told: first whether the command is well formed, then whether the author
/// may change that tier or that org at all, and only then whether it makes sense in this policy. So a subject
/// that may not know an org learns nothing of it.
///
/// # Errors
///
/// [`WriteRefusal`]; the slice is as it was.
pub(crate) fn plan(
    command: &Command,
    author: &Author,
    slice: &PolicyDocument,
    version: u64,
    now: Timestamp,
) -> Result<Planned, WriteRefusal> {
    command::check(command)?;
    let before = compile(slice, version);
    let bound = match &before {
        Ok(facts) => {
            authority::authorize(command, author, facts, now, lasts_until(command, slice))?
        }
        // An operator's, and an operator is not bound.
        Err(_) if Scope::is_tolerant(command, author) => Bound::None,
        Err(error) => return Err(WriteRefusal::Unreadable(Fault::all(error))),
    };

    let mut document = slice.clone();
    let summary = command::apply(command, &mut document, now)?;
    let faults = given::faults(&diff(slice, &document), slice, &document);
    if !faults.is_empty() {
        return Err(WriteRefusal::Invalid(faults));
    }
    match (&before, compile(&document, version)) {
        (Ok(before), Ok(after)) => bound.check(command, before, &after, now)?,
        (Ok(_), Err(error)) => return Err(WriteRefusal::Invalid(Fault::all(&error))),
        (Err(known), Err(error)) => {
            let known = Fault::all(known);
            let mut faults = Fault::all(&error);
            faults.retain(|fault| !known.contains(fault));
            if !faults.is_empty() {
                return Err(WriteRefusal::Invalid(faults));
            }
        }
        (Err(_), Ok(_)) => {}
    }
    Ok(Planned { document, summary })
}

/// Compiles a slice; it need not say of which format it is.
fn compile(slice: &PolicyDocument, version: u64) -> Result<Snapshot, PolicyError> {
    if slice.version.is_some() {
        return Snapshot::compile(slice, version);
    }
    let mut slice = slice.clone();
    slice.version = Some(FORMAT_VERSION);
    Snapshot::compile(&slice, version)
}

#[cfg(test)]
pub(crate) mod testing;
/// Until when what a command gives lasts: a membership until it is over, all else until somebody changes it.
fn lasts_until(command: &Command, slice: &PolicyDocument) -> Timestamp {
    let membership = |org: &str, subject: &str| slice.orgs.get(org)?.members.get(subject)?.expires;
    let end = match command {
        // A given one is that in force, or of a new membership.
        Command::MemberAdd {
            org,
            subject,
            expires,
            ..
        } => expires.or_else(|| membership(org, subject)),
        Command::MemberRemove { org, subject, .. } => membership(org, subject),
        _ => None,
    };
    end.unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
