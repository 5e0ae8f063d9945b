//! Which changes would let the check that failed pass.
//!
//! A suggestion is made only where the facts show that it is enough.

mod floor;
mod identity;
mod org;
mod site;

use super::asker::Asker;
use super::change::{AskedChange, Change};
use super::lines::Seen;
use super::scene::Scene;
use crate::code::Code;
use crate::decision::{Decision, Deny, Step, decide_watched};
use crate::request::{Input, Request};
use crate::vocabulary::Mode;

/// The changes, the most local first.
pub(super) fn changes(scene: &Scene<'_>, askers: &[Asker<'_>], step: &Step<'_>) -> Vec<Change> {
    let Step::Done(Decision::Deny(deny)) = step else {
        return Vec::new();
    };
    suggested(scene, askers, deny)
}

/// The changes, each of which is enough on its own.
pub(super) fn suggested(scene: &Scene<'_>, askers: &[Asker<'_>], deny: &Deny<'_>) -> Vec<Change> {
    let Some(asker) = askers.iter().find(|asker| asker.whose == deny.whose) else {
        return vec![AskedChange::Authenticate.into()];
    };
    match deny.code {
        Code::Unauthenticated => vec![AskedChange::Authenticate.into()],
        Code::SubjectSuspended => identity::suspended(asker),
        Code::DelegatorMissing => identity::no_delegator(asker),
        Code::ScopeMissing => identity::no_scope(scene),
        Code::SiteOff => site::off(scene),
        Code::SiteDenied => site::denied(scene, asker),
        Code::SiteGrantMissing => site::not_granted(scene, asker),
        Code::SiteModeOff => site::mode_off(scene, deny),
        Code::OrgRequired => org::not_named(scene, deny),
        Code::OrgConflict => vec![AskedChange::NameOrg.into()],
        Code::NoDefaultOrg => org::no_default(scene),
        Code::NotAMember => org::not_a_member(scene, asker),
        Code::OrgSuspended => org::suspended(scene),
        Code::OrgOff => org::off(scene),
        Code::OrgModeOff => org::mode_off(scene, deny),
        Code::OrgDenied => org::denied(scene, asker),
        Code::OrgGrantMissing => org::not_granted(scene, asker),
        Code::ModeFloor => floor::not_reached(scene, asker, deny),
        Code::BadRequest
        | Code::BodyTooLarge
        | Code::PolicyUnavailable
        | Code::PolicyStale
        | Code::PermitMissing
        | Code::TicketInvalid
        | Code::TicketExpired => Vec::new(),
    }
}

/// The same request in another mode, where the check that failed passes then.
fn in_mode(scene: &Scene<'_>, deny: &Deny<'_>, mode: Option<Mode>) -> Option<Change> {
    let request = Request {
        mode: Input::Known(mode),
        ..scene.request
    };
    let mut seen = Seen::new();
    decide_watched(scene.facts, &request, &mut seen);
    seen.has_passed(deny.whose, deny.check)
        .then(|| AskedChange::Mode(mode).into())
}

/// The one mode that the request can be in.
fn only_mode(scene: &Scene<'_>) -> Option<Mode> {
    match scene.modes().as_slice() {
        [mode] => Some(*mode),
        _ => None,
    }
}

const fn other(mode: Mode) -> Mode {
    match mode {
        Mode::Foreground => Mode::Background,
        Mode::Background => Mode::Foreground,
    }
}
