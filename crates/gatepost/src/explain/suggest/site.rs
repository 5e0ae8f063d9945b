//! For checks 4 to 7.

use super::{in_mode, only_mode, other};
use crate::decision::Deny;
use crate::explain::asker::Asker;
use crate::explain::change::{Change, SiteChange};
use crate::explain::grants::{Held, denies, suffices};
use crate::explain::scene::Scene;
use crate::grant::BUILT_IN_PREFIX;
use crate::id::check_name;
use crate::vocabulary::SiteSwitch;

pub(super) fn off(scene: &Scene<'_>) -> Vec<Change> {
    let (resource, action) = (scene.resource().to_owned(), scene.action().to_owned());
    if scene.declared.is_some() {
        return vec![
            SiteChange::LiftOff {
                resource,
                mode: None,
            }
            .into(),
        ];
    }
    let names = check_name(&resource).and(check_name(&action));
    if resource.starts_with(BUILT_IN_PREFIX) || names.is_err() {
        return Vec::new();
    }
    // Declared, an action may be governed or not; switched on, it passes in either case.
    let gate = scene.facts.gate_of_resource(&resource);
    let switch = gate.is_none_or(|gate| gate.switch == SiteSwitch::Off);
    vec![
        SiteChange::Declare {
            resource,
            action,
            switch,
        }
        .into(),
    ]
}

pub(super) fn denied(scene: &Scene<'_>, asker: &Asker<'_>) -> Vec<Change> {
    let denies = denies(scene, &asker.site_roles(scene));
    let roles = denies.iter().map(|(role, _)| role.clone()).collect();
    let grants = denies
        .into_iter()
        .map(|(role, grants)| (role, grants.into_iter().map(str::to_owned).collect()))
        .collect();
    let subject = asker.id.to_string();
    vec![
        SiteChange::TakeRoles { subject, roles }.into(),
        SiteChange::Undeny { grants }.into(),
    ]
}

pub(super) fn not_granted(scene: &Scene<'_>, asker: &Asker<'_>) -> Vec<Change> {
    let define = || {
        let (subject, permission) = (asker.id.to_string(), scene.permission());
        SiteChange::DefineRole {
            subject,
            permission,
        }
        .into()
    };
    let mut changes = vec![give(scene, asker, false).unwrap_or_else(define)];
    let resource = scene.resource().to_owned();
    if !resource.starts_with(BUILT_IN_PREFIX) {
        changes.push(SiteChange::OpenAccess { resource }.into());
    }
    changes
}

/// A site role that reaches into every org passes what membership, roles and level do not.
pub(super) fn give_every_org(scene: &Scene<'_>, asker: &Asker<'_>) -> Option<Change> {
    give(scene, asker, true)
}

fn give(scene: &Scene<'_>, asker: &Asker<'_>, every_org: bool) -> Option<Change> {
    let roles = scene.facts.site_roles();
    let roles: Vec<String> = roles
        .filter(|role| role.all_orgs || !every_org)
        .map(Held::site)
        .filter(|role| suffices(scene, role))
        .map(|role| role.name)
        .collect();
    if roles.is_empty() {
        return None;
    }
    let (subject, permission) = (asker.id.to_string(), scene.permission());
    Some(
        SiteChange::GiveRole {
            subject,
            permission,
            roles,
            every_org,
        }
        .into(),
    )
}

pub(super) fn mode_off(scene: &Scene<'_>, deny: &Deny<'_>) -> Vec<Change> {
    let resource = scene.resource();
    let Some(mode) = only_mode(scene) else {
        return Vec::new();
    };
    if resource.starts_with(BUILT_IN_PREFIX) {
        return in_mode(scene, deny, None).into_iter().collect();
    }
    let lift = SiteChange::LiftOff {
        resource: resource.to_owned(),
        mode: Some(mode),
    };
    let other = in_mode(scene, deny, Some(other(mode)));
    other.into_iter().chain([lift.into()]).collect()
}
