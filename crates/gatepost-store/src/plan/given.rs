//! Whether what a change newly says of others makes sense.
//!
//! A policy that says it already is sound: a role may come to be defined later, and a site may raise its floors.
//! But nobody sets it: what gives nothing today would give something on the day that somebody defines the name.

use gatepost::{MemberDocument, Mode, OrgGateDocument, OrgModeDocument, PolicyDocument};

use crate::change::Effect;
use crate::command::{Fault, org_path, unknown_org};
use crate::fact::{FactKey, FactKind};

/// What is wrong with what these effects give, by the document behind them. Every change is asked this, whatever it
/// comes from.
pub(super) fn faults(
    effects: &[Effect],
    before: &PolicyDocument,
    after: &PolicyDocument,
) -> Vec<Fault> {
    let faults = effects.iter().flat_map(|effect| {
        let FactKey { kind, a, b } = &effect.key;
        match kind {
            FactKind::Member => of_member(a, b, before, after),
            FactKind::Subject => of_subject(a, before, after),
            FactKind::OrgGate => of_gate(a, b, before, after),
            FactKind::Resource
            | FactKind::SiteGate
            | FactKind::SiteRole
            | FactKind::OrgRole
            | FactKind::Org
            | FactKind::OwnRole => Vec::new(),
        }
    });
    faults.collect()
}

/// Each role that is given, or given for longer, is one that a member can hold there.
fn of_member(
    org: &str,
    subject: &str,
    before: &PolicyDocument,
    after: &PolicyDocument,
) -> Vec<Fault> {
    let of = |document| member(document, org, subject);
    let Some(member) = of(after) else {
        return Vec::new();
    };
    let before = of(before);
    let is_longer = before.is_some_and(|before| match (before.expires, member.expires) {
        (Some(before), Some(now)) => before < now,
        (Some(_), None) => true,
        (None, _) => false,
    });
    let is_given =
        |role: &&String| is_longer || before.is_none_or(|before| !before.roles.contains(role));
    let given = member.roles.iter().filter(is_given);
    let undefined = given.filter(|role| !is_defined(after, org, role));
    let fault = |role: &String| {
        let role = role.escape_debug();
        let message = format!("no role `{role}` is defined that a member could hold there");
        Fault::new("role", message)
    };
    undefined.map(fault).collect()
}

/// Each site role that is given is defined, and so is the org that is set.
fn of_subject(id: &str, before: &PolicyDocument, after: &PolicyDocument) -> Vec<Fault> {
    let Some(subject) = after.subjects.get(id) else {
        return Vec::new();
    };
    let before = before.subjects.get(id);
    let held = before.map_or(&[][..], |before| &before.site_roles);
    let given = subject
        .site_roles
        .iter()
        .filter(|role| !held.contains(role));
    let undefined = given.filter(|role| !after.site.roles.contains_key(*role));
    let fault = |role: &String| {
        let message = format!("no site role `{}` is defined", role.escape_debug());
        Fault::new("role", message)
    };
    let mut faults: Vec<Fault> = undefined.map(fault).collect();
    if let Some(org) = &subject.default_org
        && before.and_then(|before| before.default_org.as_ref()) != Some(org)
        && !after.orgs.contains_key(org)
    {
        faults.push(unknown_org("org", org));
    }
    faults
}

/// Each floor that is set reaches the site's.
fn of_gate(
    org: &str,
    resource: &str,
    before: &PolicyDocument,
    after: &PolicyDocument,
) -> Vec<Fault> {
    let of = |document, mode| min_role(document, org, resource, mode);
    let mut faults = Vec::new();
    for mode in Mode::ALL {
        let Some(role) = of(after, *mode).filter(|role| of(before, *mode) != Some(role)) else {
            continue;
        };
        if let Some(floor) = site_floor(after, resource, *mode)
            && level(after, role) < level(after, floor)
        {
            let message = format!("`{role}` is below the site's floor `{floor}`");
            faults.push(Fault::new("role", message));
        }
    }
    faults
}

fn member<'d>(
    document: &'d PolicyDocument,
    org: &str,
    subject: &str,
) -> Option<&'d MemberDocument> {
    document.orgs.get(org)?.members.get(subject)
}

/// Whether the name is that of a role of `org_roles`, or of an own one of the org or of an ancestor.
fn is_defined(document: &PolicyDocument, org: &str, role: &str) -> bool {
    if role == "anyone" {
        return false;
    }
    document.org_roles.contains_key(role)
        || org_path(document, org).any(|(_, org)| org.roles.contains_key(role))
}

fn min_role<'d>(
    document: &'d PolicyDocument,
    org: &str,
    resource: &str,
    mode: Mode,
) -> Option<&'d str> {
    let gate: &OrgGateDocument = document.orgs.get(org)?.gates.get(resource)?;
    let mode: Option<&OrgModeDocument> = match mode {
        Mode::Foreground => gate.foreground.as_ref(),
        Mode::Background => gate.background.as_ref(),
    };
    mode?.min_role.as_deref()
}

fn site_floor<'d>(document: &'d PolicyDocument, resource: &str, mode: Mode) -> Option<&'d str> {
    let gate = document.site.gates.get(resource)?;
    let mode = match mode {
        Mode::Foreground => gate.foreground.as_ref(),
        Mode::Background => gate.background.as_ref(),
    };
    mode?.floor.as_deref()
}

/// `everyone` is no role, and `anyone` one that need not say its level.
fn level(document: &PolicyDocument, role: &str) -> i64 {
    let role = document.org_roles.get(role);
    role.and_then(|role| role.level).unwrap_or(0)
}
