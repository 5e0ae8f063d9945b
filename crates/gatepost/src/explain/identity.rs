//! Checks 1 to 3, in words: who asks.

use super::asker::Asker;
use super::grants::{missing, telling};
use super::lines::Told;
use super::scene::{Scene, and, choice};
use crate::code::Code;
use crate::decision::{Whose, kind};
use crate::subject::Subject;
use crate::vocabulary::Kind;

/// 1: a subject was found.
pub(super) fn found(scene: &Scene<'_>, asker: &Asker<'_>) -> Told {
    Told::routine(match (asker.whose, scene.request.subject) {
        (Whose::ActingFor, Some(subject)) => format!("{} acts for {}", subject.id(), asker.id),
        (Whose::Subject | Whose::ActingFor, _) => format!("{} asks", asker.id),
    })
}

/// 2: it is active, and acts for whom it must.
pub(super) fn active(scene: &Scene<'_>, asker: &Asker<'_>, failed: Option<Code>) -> Told {
    let id = asker.id;
    if failed == Some(Code::DelegatorMissing) {
        return Told::fact(no_delegator(scene, asker));
    }
    if failed.is_some() {
        return Told::fact(format!("{id} is suspended"));
    }
    let kind = match asker.kind() {
        Kind::User => String::new(),
        kind @ (Kind::Service | Kind::Agent) => format!(", {}", with_article(kind)),
    };
    let delegator = asker.identity.and_then(Subject::delegator);
    let acting = match (delegator, kind.is_empty()) {
        (None, _) => String::new(),
        (Some(delegator), true) => format!(", and acts for {delegator}"),
        (Some(delegator), false) => format!(" that acts for {delegator}"),
    };
    let unnamed = if asker.known.is_none() {
        " (the policy does not name it)"
    } else {
        ""
    };
    Told::fact(format!("{id} is active{kind}{acting}{unnamed}"))
}

fn no_delegator(scene: &Scene<'_>, asker: &Asker<'_>) -> String {
    let id = asker.id;
    match asker.identity.and_then(Subject::delegator) {
        None => format!("{id} is {} and acts for nobody", with_article(asker.kind())),
        Some(delegator) if delegator == id => format!("{id} acts for itself"),
        Some(delegator) => {
            let kind = kind(scene.facts.subject(delegator), None);
            format!(
                "{id} acts for {delegator}, which is {} and no user",
                with_article(kind)
            )
        }
    }
}

fn with_article(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "a user",
        Kind::Service => "a service",
        Kind::Agent => "an agent",
    }
}

/// 3: its scopes cover the request.
pub(super) fn scopes(scene: &Scene<'_>, asker: &Asker<'_>, passed: bool) -> Told {
    let scopes = match (asker.whose, asker.identity.and_then(Subject::scope_list)) {
        (Whose::ActingFor, _) => return Told::routine("scopes limit the subject alone"),
        (Whose::Subject, None) => return Told::routine("no list of scopes limits the request"),
        (Whose::Subject, Some(scopes)) => scopes,
    };
    if passed {
        let telling = telling(scene, scopes.iter());
        return match telling.as_slice() {
            [] => Told::fact("the scopes cover it"),
            [one] => Told::fact(format!("the scope {one} covers it")),
            more => Told::fact(format!("the scopes {} cover it", and(more))),
        };
    }
    let all: Vec<String> = scopes.iter().map(str::to_owned).collect();
    if all.is_empty() {
        return Told::fact("the list of scopes is empty");
    }
    let missing = missing(scene, scopes.iter());
    let detail = if missing.is_empty() {
        choice(&all)
    } else {
        missing.join(", ")
    };
    Told::fact(format!("no scope covers {}: {detail}", scene.permission()))
}
