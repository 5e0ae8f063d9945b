//! What a policy and the routes of a service have to say to each other.

mod alike;
mod reach;
mod unused;

use std::collections::BTreeMap;

use super::{FindingKind, Findings};
use crate::code::Code;
use crate::inventory::{Inventory, InventoryRoute};
use crate::matrix::Ask;
use crate::policy::{KeyPath, PolicyDocument};
use crate::snapshot::Snapshot;
use crate::vocabulary::Mode;
use reach::{Furthest, Reach};

pub(super) fn lint(
    document: &PolicyDocument,
    facts: &Snapshot,
    routes: &Inventory,
    findings: &mut Findings,
) {
    required(document, facts, routes, findings);
    unused::lint(document, routes, findings);
}

/// What is wrong with what a route requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wrong {
    Undeclared,
    /// The furthest that anybody comes.
    Unmet(Code),
    /// The same, of a mode beside which there is one that is met.
    UnmetInBackground(Code),
    /// There are too many roles to ask for.
    Unasked,
}

fn required<'r>(
    document: &PolicyDocument,
    facts: &Snapshot,
    routes: &'r Inventory,
    findings: &mut Findings,
) {
    let mut reach = Reach::new(document);
    // Each thing that is wrong is said once, however many routes require the same.
    let mut wrong = BTreeMap::<_, Vec<&InventoryRoute>>::new();
    for route in routes.routes() {
        let Some(requires) = route.requirement() else {
            continue;
        };
        let mut met = |ask: &Ask<'r>| {
            if !facts.declares(ask.resource, ask.action) {
                return Some(Wrong::Undeclared);
            }
            match reach.furthest(ask) {
                Furthest::Allowed => None,
                Furthest::Denied(code) => Some(Wrong::Unmet(code)),
                Furthest::Unasked => Some(Wrong::Unasked),
            }
        };
        let asks: Vec<_> = Ask::all(requires).map(|ask| (ask, met(&ask))).collect();
        for (ask, found) in &asks {
            let Some(found) = found else { continue };
            let is_met_otherwise = asks.iter().any(|(other, wrong)| {
                other.resource == ask.resource && other.mode != ask.mode && wrong.is_none()
            });
            let found = match *found {
                Wrong::Unmet(code) if is_met_otherwise && ask.mode == Some(Mode::Background) => {
                    Wrong::UnmetInBackground(code)
                }
                found => found,
            };
            let of = wrong.entry((ask.to_string(), found)).or_default();
            of.push(route);
            of.dedup();
        }
    }
    for ((asks, found), routes) in &wrong {
        let resource = asks
            .split_once(':')
            .map_or(&**asks, |(resource, _)| resource);
        let (kind, why) = found.kind_and_reason();
        let message = format!("`{asks}`, which {} {why}", require(routes));
        findings.add(kind, place(document, resource), message);
    }
}

/// `` `POST /orgs/{org}/chats` and 2 more require ``
fn require(routes: &[&InventoryRoute]) -> String {
    let [first, rest @ ..] = routes else {
        return "nothing requires,".to_owned();
    };
    let (method, path) = (&first.method, &first.path);
    let route = format!("`{method} {path}`").escape_debug().to_string();
    match rest.len() {
        0 => format!("{route} requires,"),
        more => format!("{route} and {more} more require,"),
    }
}

impl Wrong {
    fn kind_and_reason(self) -> (FindingKind, String) {
        match self {
            Self::Undeclared => (
                FindingKind::UndeclaredRequirement,
                "is not declared, so it is refused to everybody".to_owned(),
            ),
            Self::Unmet(code) if is_off(code) => (FindingKind::OffRequirement, reason(code)),
            Self::Unmet(code) => (FindingKind::UnmetRequirement, reason(code)),
            Self::Unasked => (
                FindingKind::UnaskedRequirement,
                "was not looked at: the policy has too many roles that say different things of it"
                    .to_owned(),
            ),
            Self::UnmetInBackground(code) => (FindingKind::UnmetBackground, reason(code)),
        }
    }
}

fn is_off(code: Code) -> bool {
    matches!(code, Code::SiteOff | Code::SiteModeOff)
}

fn reason(code: Code) -> String {
    let why = match code {
        Code::SiteOff | Code::SiteModeOff => "is off on the site",
        // Whoever is denied comes less far than whoever holds no role at all.
        Code::SiteGrantMissing => "is granted by no site role that does not deny it too",
        Code::OrgRequired => "is work in background without an org",
        Code::OrgDenied | Code::OrgGrantMissing => {
            "is granted in no org to anybody whom the site lets through"
        }
        Code::ModeFloor => "is granted to nobody who reaches the floor",
        _ => "is allowed to nobody",
    };
    format!("{why} (`{code}`)")
}

/// The gate of a resource; where there is none, where the resource is declared.
fn place(document: &PolicyDocument, resource: &str) -> KeyPath {
    if document.site.gates.contains_key(resource) {
        return KeyPath::of(["site", "gates", resource]);
    }
    if document.resources.contains_key(resource) {
        return KeyPath::of(["resources", resource]);
    }
    KeyPath::of(["resources"])
}

#[cfg(test)]
mod tests;
