//! Checks 8 to 14, in words: the org's post of the gate.

use super::asker::{Asker, Standing};
use super::grants::{Held, denied, granted};
use super::lines::Told;
use super::scene::{Scene, and, choice};
use super::site::instead;
use crate::code::Code;
use crate::request::OrgInput;
use crate::snapshot::Org;
use crate::vocabulary::{Mode, OrgRule, Said, SiteSwitch};

/// 8: the request's org was found.
pub(super) fn named(scene: &Scene<'_>, asker: &Asker<'_>, failed: Option<Code>) -> Told {
    match (scene.request.org, failed) {
        (OrgInput::Named(org), _) => Told::routine(format!("the request names {org}")),
        (OrgInput::Absent(OrgRule::None), None) => {
            Told::fact("no org is named: the site tier alone decides")
        }
        (OrgInput::Absent(OrgRule::None), Some(_)) => {
            Told::fact("no org is named, and background work is billed to one")
        }
        (OrgInput::Absent(OrgRule::Default), None) => default_org(scene),
        (OrgInput::Absent(OrgRule::Default), Some(_)) => no_default_org(scene, asker),
        (OrgInput::Absent(OrgRule::Required), _) => Told::fact("no org is named"),
        (OrgInput::Conflict, _) => Told::fact("different orgs are named"),
        (OrgInput::Missing, _) => Told::routine("an entity was to name the org"),
        (OrgInput::Pending, _) => Told::routine("the org is still to be read"),
    }
}

/// Whose default org it is, and why it is that one.
fn default_org(scene: &Scene<'_>) -> Told {
    let org = scene.org_id();
    let Some(id) = scene.beneficiary() else {
        return Told::fact(format!("{org} is the default org"));
    };
    Told::fact(if scene.goes_by_the_only_org_of(id) {
        format!("{org} is the only org that {id} is directly a member of")
    } else {
        format!("{org} is the default org of {id}")
    })
}

fn no_default_org(scene: &Scene<'_>, asker: &Asker<'_>) -> Told {
    let id = scene.beneficiary().unwrap_or(asker.id);
    let known = scene.facts.subject(id);
    let set = known
        .and_then(crate::snapshot::Subject::default_org)
        .and_then(|org| scene.facts.org(org));
    let set = set.map_or_else(
        || format!("{id} has no default org"),
        |org| format!("{id} is no member of its default org {}", org.id),
    );
    let direct: Vec<String> = current_orgs(scene)
        .iter()
        .map(|org| org.id.to_string())
        .collect();
    let direct = match direct.as_slice() {
        [] => "of no org either".to_owned(),
        orgs => format!("of {} orgs: {}", orgs.len(), choice(orgs)),
    };
    Told::fact(format!("{set}, and is directly a member {direct}"))
}

/// The orgs that the one whose work it is has an unexpired membership in.
pub(super) fn current_orgs<'a>(scene: &Scene<'a>) -> Vec<&'a Org> {
    let facts = scene.facts;
    let known = scene.beneficiary().and_then(|id| facts.subject(id));
    let memberships = known
        .into_iter()
        .flat_map(|known| known.memberships().iter());
    let mut orgs: Vec<&Org> = memberships
        .filter(|membership| scene.is_current(membership.end))
        .filter_map(|membership| facts.org(membership.org))
        .collect();
    orgs.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    orgs
}

/// 9: the org exists and the subject may know it.
pub(super) fn known(scene: &Scene<'_>, asker: &Asker<'_>, passed: bool) -> Told {
    if scene.org.is_none() {
        return Told::fact(match scene.request.org {
            OrgInput::Missing => "the entity that was to name the org does not exist".to_owned(),
            OrgInput::Named(org) => format!("there is no org {org}"),
            OrgInput::Absent(_) | OrgInput::Conflict | OrgInput::Pending => {
                "there is no such org".to_owned()
            }
        });
    }
    let standings = asker.standings(scene);
    let (over, current): (Vec<_>, Vec<_>) = standings.iter().partition(|standing| standing.is_over);
    let mut said = Vec::new();
    if !current.is_empty() {
        said.push(membership(scene, asker, &current));
    } else if passed && asker.view.is_some_and(|view| view.public) {
        said.push(match scene.path().len() {
            1 => format!("{} is public", scene.org_id()),
            _ => format!("{} and every org above it are public", scene.org_id()),
        });
    } else if passed {
        said.extend(in_every_org(scene, asker));
    } else {
        let private = scene.orgs_where(|org| !org.public);
        let are = if private.len() == 1 { "is" } else { "are" };
        said.push(format!(
            "{} is no member of {}, and {} {are} private",
            asker.id,
            scene.org_id(),
            and(&private)
        ));
    }
    said.extend(over.iter().filter_map(|standing| expired(asker, standing)));
    if said.is_empty() {
        said.push(format!("{} may know {}", asker.id, scene.org_id()));
    }
    Told::fact(said.join("; "))
}

/// `alice is a member of eng (guest), and through acme (developer)`.
fn membership(scene: &Scene<'_>, asker: &Asker<'_>, current: &[&Standing<'_>]) -> String {
    let said = |standing: &&Standing<'_>| {
        let roles: Vec<String> = standing
            .roles(scene)
            .map(|role| Held::org(scene, role).name)
            .collect();
        let roles = if roles.is_empty() {
            "no role".to_owned()
        } else {
            roles.join(", ")
        };
        let until = standing
            .expires
            .map(|expires| format!(", until {expires}"))
            .unwrap_or_default();
        let through = if standing.org.id.as_str() == scene.org_id() {
            String::new()
        } else {
            format!("through {} ", standing.org.id)
        };
        format!("{through}({roles}{until})")
    };
    let said: Vec<String> = current.iter().map(said).collect();
    format!(
        "{} is a member of {} {}",
        asker.id,
        scene.org_id(),
        said.join(", and ")
    )
}

fn expired(asker: &Asker<'_>, standing: &Standing<'_>) -> Option<String> {
    let at = standing.expires?;
    Some(format!(
        "{}'s membership in {} expired {at}",
        asker.id, standing.org.id
    ))
}

/// The roles that reach into every org: `admin grants *:* in every org`.
pub(super) fn in_every_org(scene: &Scene<'_>, asker: &Asker<'_>) -> Vec<String> {
    let granted = granted(scene, &asker.all_orgs_roles(scene)).into_iter();
    granted.map(|said| format!("{said} in every org")).collect()
}

/// 10: the org and its ancestors are active.
pub(super) fn active(scene: &Scene<'_>, passed: bool) -> Told {
    let org = scene.org_id();
    if passed {
        return Told::routine(match scene.path().len() {
            0 | 1 => format!("{org} is active"),
            _ => format!("{org} and every org above it are active"),
        });
    }
    let suspended = scene.orgs_where(|org| !org.active);
    Told::fact(match suspended.as_slice() {
        [] => format!("{org} is suspended"),
        [one] if *one == org => format!("{org} is suspended"),
        [one] => format!("{one} is suspended, and {org} lies under it"),
        more => format!("{} are suspended", and(more)),
    })
}

/// 11: the resource is switched on in the org.
pub(super) fn switch(scene: &Scene<'_>, passed: bool) -> Told {
    if passed && !scene.is_governed() {
        return Told::routine(format!(
            "{} is not governed by the gate: the switch of the org does not apply",
            scene.action()
        ));
    }
    Told::fact(switched(scene, None, passed))
}

/// 12: the mode is switched on in the org.
pub(super) fn mode(scene: &Scene<'_>, passed: bool) -> Told {
    let modes = scene.modes();
    if modes.is_empty() {
        return Told::routine("the request has no mode");
    }
    if passed && !scene.is_governed() {
        return Told::routine(format!(
            "{} is not governed by the gate: the switch of the mode does not apply",
            scene.action()
        ));
    }
    let said: Vec<String> = modes
        .iter()
        .map(|mode| switched(scene, Some(*mode), passed))
        .collect();
    Told::fact(said.join(", "))
}

/// What the orgs on the path say of a resource's switch, or of a mode's: `off` of any of them beats every `on`.
pub(super) fn saying(scene: &Scene<'_>, mode: Option<Mode>, word: Said) -> Vec<String> {
    let Some((cell, _)) = scene.declared else {
        return Vec::new();
    };
    let says = |org| {
        let gate = scene.facts.org_gate(org, cell.resource);
        gate.is_some_and(|gate| {
            let said = mode.map_or_else(|| gate.switch(), |mode| gate.mode_switch(mode));
            said == word
        })
    };
    let path = scene.path().into_iter().filter(|org| says(*org));
    path.map(|(_, org)| org.id.to_string()).collect()
}

/// The site's switch of the resource, or of a mode.
fn site_switch(scene: &Scene<'_>, mode: Option<Mode>) -> Option<SiteSwitch> {
    let (_, gate) = scene.declared?;
    Some(mode.map_or(gate.switch, |mode| gate.mode(mode).switch))
}

fn switched(scene: &Scene<'_>, mode: Option<Mode>, passed: bool) -> String {
    let org = scene.org_id();
    let what = mode.map_or_else(|| scene.resource().to_owned(), |mode| mode.to_string());
    let by = |verb: &str, orgs: &[String]| {
        if *orgs == [org.clone()] {
            String::new()
        } else {
            format!(": {verb} by {}", and(orgs))
        }
    };
    let (off, on) = (
        saying(scene, mode, Said::OFF),
        saying(scene, mode, Said::ON),
    );
    let site = site_switch(scene, mode);
    if passed && site == Some(SiteSwitch::On) {
        return format!("{what} is on in every org");
    }
    if !passed && !off.is_empty() {
        return format!("{what} is off in {org}{}", by("closed", &off));
    }
    if passed && !on.is_empty() {
        return format!("{what} is on in {org}{}", by("opened", &on));
    }
    let site = site.map_or("off", SiteSwitch::as_str);
    format!("{what} is unset in {org} and {site} on the site")
}

/// 13: no org role denies it.
pub(super) fn deny(scene: &Scene<'_>, asker: &Asker<'_>, passed: bool) -> Told {
    let denied = denied(scene, &asker.org_roles(scene));
    match (passed, denied.is_empty()) {
        // What org roles say cannot be seen, and it has passed for the site's sake.
        (true, true) if scene.facts.looks_through() => Told::fact(and(&in_every_org(scene, asker))),
        (true, true) => Told::routine("no org role denies it"),
        (false, true) => Told::fact("an org role denies it"),
        (false, false) => Told::fact(and(&denied)),
        (true, false) => Told::fact(format!(
            "{}, but {}",
            and(&denied),
            and(&in_every_org(scene, asker))
        )),
    }
}

/// 14: an org role grants it.
pub(super) fn grant(scene: &Scene<'_>, asker: &Asker<'_>, passed: bool) -> Told {
    let held = asker.org_roles(scene);
    if !passed {
        return Told::fact(format!(
            "no role of {} in {} grants {} ({})",
            asker.id,
            scene.org_id(),
            scene.permission(),
            instead(scene, &held)
        ));
    }
    let mut said = granted(scene, &held);
    if said.is_empty() {
        said = in_every_org(scene, asker);
    }
    if said.is_empty() {
        said.push("an org role grants it".to_owned());
    }
    Told::fact(said.join(", "))
}
