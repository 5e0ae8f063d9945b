//! Who may make a change, and how much of it.
//!
//! Whether somebody may is a decision like any other, about the console's own
//! resources. What may be given is bounded on top of it: in an org nobody
//! gives, defines or includes a grant or a level beyond what he holds there
//! himself.

mod bound;

use gatepost::{
    Code, Decision, Denial, OrgId, OrgRule, Request, Snapshot, Step, Subject, SubjectId, Timestamp,
    decide,
};

use crate::change::Author;
use crate::command::{Command, Fault, Reach, WriteRefusal};

pub(crate) use bound::Bound;

const SITE: &str = "gatepost-site";
const ORG: &str = "gatepost-org";
const UPDATE: &str = "update";

/// Decides whether the author may change what the command changes, and answers what bounds him in what lasts
/// until then.
pub(crate) fn authorize(
    command: &Command,
    author: &Author,
    facts: &Snapshot,
    now: Timestamp,
    until: Timestamp,
) -> Result<Bound, WriteRefusal> {
    // Whoever runs it on the store itself could write to the store as well.
    match author {
        Author::Operator { .. } => Ok(Bound::None),
        Author::Subject(subject) => allowed(command.reach(), subject, facts, now, until),
    }
}

/// Decides whether the author may change what the undone change did, as [`authorize`] does for a command.
///
/// Whoever may not know the org of a change is answered as for a change of the site: which org it is of, or
/// whether there was such a change, is told to nobody who does not know.
pub(crate) fn authorize_undo(
    reach: Reach<'_>,
    author: &Author,
    facts: &Snapshot,
    now: Timestamp,
    until: Timestamp,
) -> Result<Bound, WriteRefusal> {
    let subject = match author {
        Author::Operator { .. } => return Ok(Bound::None),
        Author::Subject(subject) => subject,
    };
    let of = |reach| allowed(reach, subject, facts, now, until);
    match of(reach) {
        Err(WriteRefusal::Denied(denial)) if denial.code() == Code::NotAMember => {
            of(Reach::Site)?;
            Err(WriteRefusal::Denied(denial))
        }
        answer => answer,
    }
}

/// Decides whether the subject may change a tier.
fn allowed(
    reach: Reach<'_>,
    subject: &Subject,
    facts: &Snapshot,
    now: Timestamp,
    until: Timestamp,
) -> Result<Bound, WriteRefusal> {
    match reach {
        Reach::Site => {
            let request = Request::new(SITE, UPDATE).org_rule(OrgRule::None);
            ask(facts, &request.at(now), subject, SITE)?;
            Ok(Bound::None)
        }
        Reach::Org(org) => {
            let org = OrgId::new(org)
                .map_err(|error| WriteRefusal::invalid("org", format!("the id {error}")))?;
            let request = Request::new(ORG, UPDATE).org(&org);
            ask(facts, &request.at(now), subject, ORG)?;
            Ok(bound(facts, subject, &org, (now, until)))
        }
    }
}

/// Asks for the decision.
fn ask(
    facts: &Snapshot,
    request: &Request<'_>,
    subject: &Subject,
    resource: &'static str,
) -> Result<(), WriteRefusal> {
    match decide(facts, &request.subject(subject)) {
        Step::Done(Decision::Allow(_)) => Ok(()),
        Step::Done(Decision::Deny(deny)) => {
            let denial = Denial::of(&deny, subject).asked(resource, UPDATE);
            Err(WriteRefusal::Denied(Box::new(denial)))
        }
        Step::Done(Decision::Error(code)) => {
            let denial = Denial::new(code).asked(resource, UPDATE);
            Err(WriteRefusal::Denied(Box::new(denial)))
        }
        // Everything that can be asked for is in the request.
        Step::Need(_) => {
            let fault = Fault::new("", "whether the author may could not be decided");
            Err(WriteRefusal::Unreadable(vec![fault]))
        }
    }
}

/// What bounds an author who may: what he holds in that org himself, unless a site role with `all_orgs` brought
/// him there. Of two, each is bounded by himself, and neither lends the other anything.
///
/// It is what he holds from now to the end of what he gives: nobody gives for longer than he holds, nor what he
/// is denied today because the deny is over first. Memberships only end with time, so a grant that is there at
/// the end and not denied at the beginning is held in between.
///
/// Scopes limit what may be asked, which was decided; they do not limit what is held.
fn bound(
    facts: &Snapshot,
    subject: &Subject,
    org: &OrgId,
    (now, until): (Timestamp, Timestamp),
) -> Bound {
    let of = |id: &SubjectId| {
        if facts.reaches_all_orgs(id, ORG, UPDATE) {
            Bound::None
        } else {
            let held = |at| facts.holding(id, org, at);
            Bound::Holding(held(now).both(&held(until)))
        }
    };
    let own = of(subject.id());
    match subject.delegator() {
        Some(delegator) => own.and(of(delegator)),
        None => own,
    }
}

#[cfg(test)]
mod tests;
