//! One event a decision; the fields are documented at the head of the crate.
//!
//! What a client names is recorded as a string, which a text log quotes and escapes: written out bare, an id
//! could end its field, or turn the rest of the line round.

use gatepost::{
    Code, Denial, OrgId, Permit, Requirement, Subject, SubjectId, Tier, Unenforced, Whose,
};
use tracing::field::display;

use crate::caught::caught;
use crate::observe::NotWritten;

const TARGET: &str = "gatepost::decision";

pub(crate) fn admitted(permit: &Permit) {
    if !tracing::dispatcher::has_been_set() {
        return;
    }
    if tracing::enabled!(target: TARGET, tracing::Level::DEBUG) {
        tracing::debug!(
            target: TARGET,
            outcome = "allow",
            decision = %permit.decision(),
            resource = permit.resource(),
            action = permit.requirement().action(),
            mode = permit.mode().map(gatepost::Mode::as_str),
            org = permit.org().map(OrgId::as_str),
            subject = permit.subject().as_str(),
            acting_for = permit.acting_for().map(SubjectId::as_str),
            via = permit.is_via_all_orgs().then_some("all_orgs"),
            version = permit.version(),
            "admitted"
        );
    }
    record("allow", display(permit.decision()), None);
}

pub(crate) fn rejected(
    denial: &Denial,
    resource: &str,
    action: &str,
    subject: Option<&Subject>,
    version: Option<u64>,
) {
    let outcome = if denial.is_error() { "error" } else { "deny" };
    // A client can send what cannot be read as often as it likes; ours alone are errors to wake up for.
    let ours = denial.status() >= 500;
    macro_rules! event {
        ($level:ident, $text:literal) => {
            tracing::$level!(
                target: TARGET,
                outcome,
                decision = %denial.decision(),
                code = denial.code().as_str(),
                tier = denial.tier().map(Tier::as_str),
                resource,
                action,
                mode = denial.mode().map(gatepost::Mode::as_str),
                org = denial.org().map(OrgId::as_str),
                subject = subject.map(|subject| subject.id().as_str()),
                acting_for = subject.and_then(Subject::delegator).map(SubjectId::as_str),
                whose = denial.whose().map(Whose::as_str),
                version,
                reason = denial.reason(),
                $text
            )
        };
    }
    if ours {
        event!(error, "could not be decided");
    } else {
        event!(info, "rejected");
    }
    record(
        outcome,
        display(denial.decision()),
        Some((denial.code(), Enforced(true))),
    );
}

/// A request that would have been refused, and goes on.
pub(crate) fn reported(unenforced: &Unenforced) {
    let denial = unenforced.denial();
    tracing::info!(
        target: TARGET,
        outcome = "deny",
        enforced = false,
        decision = %denial.decision(),
        code = denial.code().as_str(),
        tier = denial.tier().map(Tier::as_str),
        resource = unenforced.resource(),
        action = unenforced.requirement().action(),
        mode = unenforced.mode().map(gatepost::Mode::as_str),
        org = unenforced.org().map(OrgId::as_str),
        subject = unenforced.subject().as_str(),
        acting_for = unenforced.acting_for().map(SubjectId::as_str),
        whose = denial.whose().map(Whose::as_str),
        version = unenforced.version(),
        "reported, and not enforced"
    );
    record(
        "deny",
        display(denial.decision()),
        Some((denial.code(), Enforced(false))),
    );
}

/// An admission that could not be written down, and so is none.
pub(crate) fn not_written(permit: &Permit, error: &NotWritten) {
    tracing::error!(
        target: TARGET,
        outcome = "error",
        decision = %permit.decision(),
        error = error as &dyn std::error::Error,
        "an admission was not written down"
    );
}

/// A permit that was revoked while something was bound to it.
pub(crate) fn revoked(denial: &Denial, permit: &Permit) {
    let outcome = if denial.is_error() { "error" } else { "deny" };
    // A sink that panics does not keep anything from being ended.
    let logged = caught(|| {
        tracing::info!(
            target: TARGET,
            outcome,
            decision = %denial.decision(),
            of = %permit.decision(),
            code = denial.code().as_str(),
            tier = denial.tier().map(Tier::as_str),
            resource = permit.resource(),
            action = permit.requirement().action(),
            mode = permit.mode().map(gatepost::Mode::as_str),
            org = permit.org().map(OrgId::as_str),
            subject = permit.subject().as_str(),
            acting_for = permit.acting_for().map(SubjectId::as_str),
            whose = denial.whose().map(Whose::as_str),
            version = permit.version(),
            "revoked"
        );
    });
    drop(logged);
}

/// A request that was refused before it came to its decision.
pub fn record_rejection(denial: &Denial, requirement: &Requirement) {
    rejected(
        denial,
        requirement.resource().name(),
        requirement.action(),
        None,
        None,
    );
}

/// A handler that asked for a permit which its route does not give: an error of the service.
///
/// It returns what the client is told.
pub fn permit_missing(method: &str, path: &str, why: &'static str) -> Denial {
    set_up_wrongly(method, path, why, "a handler did not run")
}

/// An answer that nothing has decided, and that does not leave: an error of the service. The handler has run.
///
/// It returns what the client is told.
pub fn undecided(method: &str, path: &str) -> Denial {
    let why = "neither a requirement nor a public route answered for it";
    set_up_wrongly(method, path, why, "an answer did not leave")
}

fn set_up_wrongly(method: &str, path: &str, why: &'static str, what: &'static str) -> Denial {
    let denial = Denial::new(Code::PermitMissing);
    // A sink that panics does not keep the refusal from being sent.
    let logged = caught(|| {
        tracing::error!(
            target: TARGET,
            outcome = "error",
            decision = %denial.decision(),
            code = denial.code().as_str(),
            method,
            path,
            reason = why,
            "{what}"
        );
    });
    drop(logged);
    denial
}

/// What the current span may have declared.
const FIELDS: [&str; 4] = [
    "gatepost.decision",
    "gatepost.outcome",
    "gatepost.code",
    "gatepost.enforced",
];

/// Whether a request that is denied was refused; where its route only reports, it went on.
#[derive(Clone, Copy)]
struct Enforced(bool);

/// Why a request is denied, and what came of that.
type Denied = (Code, Enforced);

/// On the current span, where it has declared the fields.
fn record(outcome: &'static str, decision: impl tracing::Value, denied: Option<Denied>) {
    if !tracing::dispatcher::has_been_set() {
        return;
    }
    // Most spans have declared none: a handle to one of those is not worth its counter.
    let has_declared = tracing::dispatcher::get_default(|dispatch| {
        let current = dispatch.current_span();
        let metadata = current.metadata();
        metadata.is_some_and(|metadata| {
            let declared = metadata.fields();
            declared.iter().any(|field| FIELDS.contains(&field.name()))
        })
    });
    if has_declared {
        write(outcome, decision, denied);
    }
}

#[cold]
fn write(outcome: &'static str, decision: impl tracing::Value, denied: Option<Denied>) {
    let [of_decision, of_outcome, of_code, of_enforced] = FIELDS;
    let span = tracing::Span::current();
    span.record(of_decision, decision);
    span.record(of_outcome, outcome);
    // Both or none: on the way of one request a gate that only reports can stand in front of one that refuses.
    if let Some((code, Enforced(is_enforced))) = denied {
        span.record(of_code, code.as_str());
        span.record(of_enforced, is_enforced);
    }
}
