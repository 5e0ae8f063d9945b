//! For checks 8 to 14.

use super::site::give_every_org;
use super::{in_mode, only_mode, other};
use crate::decision::Deny;
use crate::explain::asker::{Asker, Standing};
use crate::explain::change::{AskedChange, Change, OrgChange, SiteChange, Want};
use crate::explain::grants::{Held, matching, objects, suffices};
use crate::explain::org::{current_orgs, saying};
use crate::explain::scene::Scene;
use crate::id::SubjectId;
use crate::request::OrgInput;
use crate::snapshot::{Org, OrgRole};
use crate::vocabulary::{Mode, Said};

pub(super) fn not_named(scene: &Scene<'_>, deny: &Deny<'_>) -> Vec<Change> {
    let foreground = scene
        .is_in_no_org()
        .then(|| in_mode(scene, deny, Some(Mode::Foreground)))
        .flatten();
    [AskedChange::NameOrg.into()]
        .into_iter()
        .chain(foreground)
        .collect()
}

pub(super) fn no_default(scene: &Scene<'_>) -> Vec<Change> {
    let mut changes = vec![AskedChange::NameOrg.into()];
    let Some(id) = scene.beneficiary() else {
        return changes;
    };
    let set = scene
        .facts
        .subject(id)
        .and_then(crate::snapshot::Subject::default_org);
    let orgs: Vec<String> = current_orgs(scene)
        .iter()
        .map(|org| org.id.to_string())
        .collect();
    match (set.and_then(|org| scene.facts.org(org)), orgs.is_empty()) {
        (Some(default), _) => changes.push(join_default(scene, id, default)),
        (None, true) => changes.push(
            OrgChange::JoinAny {
                subject: id.to_string(),
            }
            .into(),
        ),
        (None, false) => {}
    }
    if !orgs.is_empty() {
        changes.push(
            OrgChange::SetDefault {
                subject: id.to_string(),
                orgs,
            }
            .into(),
        );
    }
    changes
}

/// What makes a subject a member of the default org that it has set.
fn join_default(scene: &Scene<'_>, id: &SubjectId, default: &Org) -> Change {
    let (subject, org) = (id.to_string(), default.id.to_string());
    let known = scene.facts.subject(id);
    let membership = scene
        .facts
        .org_index(&default.id)
        .and_then(|org| known?.membership(org));
    match membership.and_then(|membership| membership.end) {
        Some(expired) => OrgChange::Renew {
            subject,
            org,
            expired,
        }
        .into(),
        None => OrgChange::Join { subject, org }.into(),
    }
}

pub(super) fn not_a_member(scene: &Scene<'_>, asker: &Asker<'_>) -> Vec<Change> {
    let (subject, org) = (asker.id.to_string(), scene.org_id());
    if scene.org.is_none() {
        return match scene.request.org {
            OrgInput::Named(_) => vec![SiteChange::CreateOrg { org, subject }.into()],
            OrgInput::Absent(_) | OrgInput::Conflict | OrgInput::Missing | OrgInput::Pending => {
                Vec::new()
            }
        };
    }
    let standings = asker.standings(scene);
    let mut changes = renewals(scene, asker, standings.iter());
    if !standings
        .iter()
        .any(|standing| standing.org.id.as_str() == org)
    {
        changes.push(OrgChange::Join { subject, org }.into());
    }
    let anyone = scene.facts.anyone();
    if !anyone.is_some_and(|anyone| objects(scene, &Held::org(scene, anyone))) {
        let orgs = scene.orgs_where(|org| !org.public);
        changes.push(SiteChange::Publish { orgs }.into());
    }
    changes.extend(give_every_org(scene, asker));
    changes
}

/// Each expired membership of these, to be renewed.
pub(super) fn renewals<'s, 'a: 's>(
    scene: &Scene<'_>,
    asker: &Asker<'_>,
    standings: impl Iterator<Item = &'s Standing<'a>>,
) -> Vec<Change> {
    if scene.goes_by_the_only_org_of(asker.id) {
        return Vec::new();
    }
    let renewed = |standing: &Standing<'_>| {
        let (subject, org) = (asker.id.to_string(), standing.org.id.to_string());
        let expired = standing.expires?;
        Some(
            OrgChange::Renew {
                subject,
                org,
                expired,
            }
            .into(),
        )
    };
    standings
        .filter(|standing| standing.is_over)
        .filter_map(renewed)
        .collect()
}

pub(super) fn suspended(scene: &Scene<'_>) -> Vec<Change> {
    let orgs = scene.orgs_where(|org| !org.active);
    vec![SiteChange::ResumeOrgs { orgs }.into()]
}

pub(super) fn off(scene: &Scene<'_>) -> Vec<Change> {
    switch(scene, None).into()
}

pub(super) fn mode_off(scene: &Scene<'_>, deny: &Deny<'_>) -> Vec<Change> {
    let Some(mode) = only_mode(scene) else {
        return Vec::new();
    };
    let other = in_mode(scene, deny, Some(other(mode)));
    let [org, site] = switch(scene, Some(mode));
    [org].into_iter().chain(other).chain([site]).collect()
}

/// Whoever said `off` can say `on`, and where nobody did, the org itself; else the site for all.
fn switch(scene: &Scene<'_>, mode: Option<Mode>) -> [Change; 2] {
    let mut orgs = saying(scene, mode, Said::OFF);
    if orgs.is_empty() {
        orgs.push(scene.org_id());
    }
    let resource = scene.resource().to_owned();
    let org = OrgChange::SwitchOn {
        orgs,
        resource: resource.clone(),
        mode,
    };
    let site = SiteChange::SwitchOn { resource, mode };
    [org.into(), site.into()]
}

pub(super) fn denied(scene: &Scene<'_>, asker: &Asker<'_>) -> Vec<Change> {
    let denying = |role: &OrgRole| {
        let grants = matching(scene, Held::org(scene, role).texts(), true).into_iter();
        grants.map(|(text, _)| text.to_owned()).collect::<Vec<_>>()
    };
    let standings = asker.standings(scene);
    let taken = |standing: &Standing<'_>| {
        let denying = standing
            .roles(scene)
            .filter(|role| !denying(role).is_empty());
        let roles: Vec<String> = denying.map(|role| role.name.to_string()).collect();
        (!roles.is_empty()).then(|| (standing.org.id.to_string(), roles))
    };
    let current = standings.iter().filter(|standing| !standing.is_over);
    let roles = current.filter_map(taken).collect();
    let public = asker.view.is_some_and(|view| view.public);
    let anyone = scene.facts.anyone().filter(|_| public);
    let anyone = anyone.map(denying).unwrap_or_default();
    let subject = asker.id.to_string();
    let undeny = OrgChange::Undeny {
        subject,
        roles,
        anyone,
    };
    [undeny.into()]
        .into_iter()
        .chain(give_every_org(scene, asker))
        .collect()
}

pub(super) fn not_granted(scene: &Scene<'_>, asker: &Asker<'_>) -> Vec<Change> {
    let standings = asker.standings(scene);
    let enough = standings.iter().filter(|standing| {
        standing.roles(scene).any(|role| grants(scene, role)) && !standing.denies(scene)
    });
    let mut changes = renewals(scene, asker, enough);
    let want = Want::Grant(scene.permission());
    changes.extend(give_role(scene, asker, want, |role| grants(scene, role)));
    changes.extend(give_every_org(scene, asker));
    changes
}

/// Whether the role alone grants the request.
fn grants(scene: &Scene<'_>, role: &OrgRole) -> bool {
    suffices(scene, &Held::org(scene, role))
}

impl Standing<'_> {
    /// Whether one of its roles denies the request.
    pub(super) fn denies(&self, scene: &Scene<'_>) -> bool {
        self.roles(scene)
            .any(|role| objects(scene, &Held::org(scene, role)))
    }
}

/// One of the roles that a membership in the org can hold, the lowest level first.
///
/// None where the membership expired and, renewed, would deny the request.
pub(super) fn give_role(
    scene: &Scene<'_>,
    asker: &Asker<'_>,
    want: Want,
    serves: impl Fn(&OrgRole) -> bool,
) -> Option<Change> {
    let org = scene.org_id();
    let standings = asker.standings(scene);
    let own = standings
        .iter()
        .find(|standing| standing.org.id.as_str() == org);
    let over = own.filter(|standing| standing.is_over);
    if over.is_some_and(|standing| standing.denies(scene)) {
        return None;
    }
    let held = scene.facts.roles_held_in(scene.org).into_iter();
    let mut roles: Vec<&OrgRole> = held
        .map(|(_, role)| role)
        .filter(|role| serves(role))
        .collect();
    roles.sort_by_key(|role| role.level);
    let give = OrgChange::GiveRole {
        subject: asker.id.to_string(),
        org,
        want,
        roles: roles.iter().map(|role| role.name.to_string()).collect(),
        expired: over.and_then(|standing| standing.expires),
    };
    Some(give.into())
}
