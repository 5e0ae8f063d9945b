//! Check 15, in words: the floor of the mode.

use super::asker::Asker;
use super::lines::Told;
use super::org::in_every_org;
use super::scene::{Scene, and};
use crate::snapshot::Floor;
use crate::vocabulary::Mode;

/// 15: the subject's level reaches the mode's floor.
pub(super) fn floor(scene: &Scene<'_>, asker: &Asker<'_>) -> Told {
    let modes = scene.modes();
    if modes.is_empty() {
        return Told::routine("the request has no mode, and so no floor");
    }
    let mut said: Vec<String> = modes
        .iter()
        .filter_map(|mode| takes(scene, asker, *mode))
        .collect();
    // Where memberships are elsewhere, the level is as well.
    let view = asker.view.filter(|_| !scene.facts.looks_through());
    said.extend(view.map(|view| level(scene, asker, view.level)));
    if said.is_empty() {
        return Told::fact("the floor of the mode");
    }
    // Where the level does not say why it passed, this does.
    said.extend(in_every_org(scene, asker));
    Told::fact(said.join("; "))
}

/// The mode's effective floor.
pub(super) fn effective(scene: &Scene<'_>, asker: &Asker<'_>, mode: Mode) -> Option<Floor> {
    let (_, gate) = scene.declared?;
    Some(asker.view?.floor(mode, gate.mode(mode)))
}

/// What the orgs on the path set, each with its id.
pub(super) fn min_roles(scene: &Scene<'_>, mode: Mode) -> Vec<(String, Floor)> {
    let Some((cell, _)) = scene.declared else {
        return Vec::new();
    };
    let set = scene.path().into_iter().filter_map(|(index, org)| {
        let gate = scene.facts.org_gate((index, org), cell.resource)?;
        let floor = gate.min_role(mode);
        (floor != Floor::UNSET).then(|| (org.id.to_string(), floor))
    });
    set.collect()
}

/// `developer (30)`.
pub(super) fn named(scene: &Scene<'_>, floor: Floor) -> String {
    match floor.role() {
        None => "everyone".to_owned(),
        role @ Some(_) => format!("{} ({})", scene.facts.role_name(role), floor.level()),
    }
}

/// `background takes maintainer (40): acme's min_role, over the site's floor developer (30)`.
fn takes(scene: &Scene<'_>, asker: &Asker<'_>, mode: Mode) -> Option<String> {
    let (_, gate) = scene.declared?;
    let gate = gate.mode(mode);
    let effective = effective(scene, asker, mode)?;
    let mut sources = vec![("the site's floor".to_owned(), gate.floor)];
    let set = min_roles(scene, mode);
    if set.is_empty() {
        sources.push(("the site's default".to_owned(), gate.default));
    }
    sources.extend(
        set.into_iter()
            .map(|(org, floor)| (format!("{org}'s min_role"), floor)),
    );
    let holds = sources.iter().position(|(_, floor)| *floor == effective)?;
    let (source, _) = sources.remove(holds);
    let over: Vec<String> = sources
        .iter()
        .filter(|(_, floor)| *floor != effective)
        .map(|(source, floor)| format!("{source} {}", named(scene, *floor)))
        .collect();
    let over = if over.is_empty() {
        String::new()
    } else {
        format!(", over {}", and(&over))
    };
    let takes = match effective.role() {
        None => format!("{mode} is for everyone"),
        Some(_) => format!("{mode} takes {}", named(scene, effective)),
    };
    Some(format!("{takes}: {source}{over}"))
}

/// `alice has level 30 (developer)`.
fn level(scene: &Scene<'_>, asker: &Asker<'_>, level: i32) -> String {
    let standings = asker.standings(scene);
    let mut roles = standings
        .iter()
        .filter(|standing| !standing.is_over)
        .flat_map(|standing| standing.roles(scene));
    let role = roles.find(|role| role.level == level);
    let role = role.map_or_else(String::new, |role| format!(" ({})", role.name));
    format!("{} has level {level}{role}", asker.id)
}
