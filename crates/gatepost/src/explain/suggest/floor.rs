//! For check 15.

use super::org::{give_role, renewals};
use super::site::give_every_org;
use super::{in_mode, only_mode, other};
use crate::decision::Deny;
use crate::explain::asker::Asker;
use crate::explain::change::{Change, OrgChange, SiteChange, Want};
use crate::explain::floor::{effective, min_roles};
use crate::explain::grants::{Held, objects};
use crate::explain::scene::Scene;
use crate::snapshot::OrgRole;
use crate::vocabulary::Mode;

pub(super) fn not_reached(scene: &Scene<'_>, asker: &Asker<'_>, deny: &Deny<'_>) -> Vec<Change> {
    // With the mode still open, what reaches the higher floor reaches both.
    let modes = scene.modes();
    let floors = modes
        .iter()
        .filter_map(|mode| effective(scene, asker, *mode));
    let Some(floor) = floors.max() else {
        return Vec::new();
    };
    let standings = asker.standings(scene);
    let enough = standings
        .iter()
        .filter(|standing| standing.set.level >= floor.level() && !standing.denies(scene));
    let mut changes = renewals(scene, asker, enough);
    let serves =
        |role: &OrgRole| role.level >= floor.level() && !objects(scene, &Held::org(scene, role));
    changes.extend(give_role(scene, asker, Want::Level(floor.level()), serves));
    if let Some(mode) = only_mode(scene) {
        changes.extend(lower(scene, asker, mode));
        changes.extend(in_mode(scene, deny, Some(other(mode))));
    }
    changes.extend(give_every_org(scene, asker));
    changes
}

/// What lowers the floor to the subject's level: the orgs where the site's floor allows it, else the site where no org minds.
fn lower(scene: &Scene<'_>, asker: &Asker<'_>, mode: Mode) -> Option<Change> {
    let (_, gate) = scene.declared?;
    let level = asker.view?.level;
    let site = gate.mode(mode).floor.level();
    let resource = scene.resource().to_owned();
    let set = min_roles(scene, mode);
    let above: Vec<String> = set
        .iter()
        .filter(|(_, floor)| floor.level() > level)
        .map(|(org, _)| org.clone())
        .collect();
    if site <= level {
        let to = highest(scene, site, level)?;
        let orgs = if set.is_empty() {
            vec![scene.org_id()]
        } else {
            above
        };
        return Some(
            OrgChange::SetMinRole {
                orgs,
                resource,
                mode,
                to,
            }
            .into(),
        );
    }
    if !above.is_empty() {
        return None;
    }
    let (to, default) = (highest(scene, 0, level)?, set.is_empty());
    Some(
        SiteChange::LowerFloor {
            resource,
            mode,
            to,
            default,
        }
        .into(),
    )
}

/// The highest role of `org_roles` between two levels, or `everyone` from 0.
fn highest(scene: &Scene<'_>, from: i32, to: i32) -> Option<String> {
    let roles = scene.facts.org_roles();
    let between = roles.filter(|role| role.org.is_none() && (from..=to).contains(&role.level));
    // `everyone` is the lowest, and `anyone` the same by a name that no membership holds.
    let highest = between
        .filter(|role| role.level > 0)
        .max_by_key(|role| role.level);
    let everyone = (from == 0).then(|| "everyone".to_owned());
    highest.map(|role| role.name.to_string()).or(everyone)
}
