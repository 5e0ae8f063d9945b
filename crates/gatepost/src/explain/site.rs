//! Checks 4 to 7, in words: the site's post of the gate.

use super::asker::Asker;
use super::grants::{Held, denied, granted, missing};
use super::lines::Told;
use super::scene::{Scene, and, choice};
use crate::grant::BUILT_IN_PREFIX;
use crate::vocabulary::{Access, Mode, SiteSwitch};

/// 4: the resource and action are declared, and switched on for the site.
pub(super) fn switch(scene: &Scene<'_>, passed: bool) -> Told {
    let (resource, action) = (scene.resource(), scene.action());
    let Some((_, gate)) = scene.declared else {
        return Told::fact(if scene.facts.declares_resource(resource) {
            format!("{resource} has no action {action}")
        } else {
            format!("no resource {resource} is declared")
        });
    };
    if !passed {
        return Told::fact(format!("{resource} is off on the site"));
    }
    if !scene.is_governed() {
        return Told::fact(format!(
            "{action} is not governed by the gate: the switch does not apply"
        ));
    }
    Told::fact(format!(
        "{resource} is {}, {action} is governed",
        gate.switch
    ))
}

/// 5: no site role denies it.
pub(super) fn deny(scene: &Scene<'_>, asker: &Asker<'_>, passed: bool) -> Told {
    let denied = denied(scene, &asker.site_roles(scene));
    match (passed, denied.is_empty()) {
        (true, _) => Told::routine("no site role denies it"),
        (false, true) => Told::fact("a site role denies it"),
        (false, false) => Told::fact(and(&denied)),
    }
}

/// 6: the site gives access.
pub(super) fn grant(scene: &Scene<'_>, asker: &Asker<'_>, passed: bool) -> Told {
    let held = asker.site_roles(scene);
    if !passed {
        let permission = scene.permission();
        let subject = asker.id;
        return Told::fact(format!(
            "no site role of {subject} grants {permission} ({})",
            instead(scene, &held)
        ));
    }
    if !scene.is_governed() && !scene.is_in_no_org() {
        return Told::routine(format!(
            "{} is not governed by the gate: access does not apply",
            scene.action()
        ));
    }
    if scene
        .declared
        .is_some_and(|(_, gate)| gate.access == Access::Everyone)
    {
        return Told::fact(format!("{} is open to everyone", scene.resource()));
    }
    let granted = granted(scene, &held);
    Told::fact(if granted.is_empty() {
        "a site role grants it".to_owned()
    } else {
        granted.join(", ")
    })
}

/// What roles that do not grant a request have instead: those that miss it, or else their names.
pub(super) fn instead(scene: &Scene<'_>, held: &[Held<'_>]) -> String {
    let near: Vec<String> = held
        .iter()
        .flat_map(|role| {
            let missing = missing(scene, role.texts()).into_iter();
            missing.map(|text| format!("{}: {text}", role.name))
        })
        .collect();
    if !near.is_empty() {
        return near.join(", ");
    }
    let names: Vec<String> = held.iter().map(|role| role.name.clone()).collect();
    if names.is_empty() {
        "holding none".to_owned()
    } else {
        format!("holding {}", choice(&names))
    }
}

/// 7: the mode is switched on for the site.
pub(super) fn mode(scene: &Scene<'_>, passed: bool) -> Told {
    let modes = scene.modes();
    let (resource, action) = (scene.resource(), scene.action());
    if !passed {
        if resource.starts_with(BUILT_IN_PREFIX) {
            return Told::fact(format!("{resource} has no modes"));
        }
        let modes: Vec<String> = modes.iter().map(Mode::to_string).collect();
        let are = if modes.len() == 1 { "is" } else { "are" };
        return Told::fact(format!(
            "{} {are} off for {resource} on the site",
            and(&modes)
        ));
    }
    if modes.is_empty() {
        return Told::routine("the request has no mode");
    }
    if !scene.is_governed() {
        return Told::routine(format!(
            "{action} is not governed by the gate: the switch of the mode does not apply"
        ));
    }
    let said = |mode: &Mode| {
        let (_, gate) = scene.declared?;
        Some(match gate.mode(*mode).switch {
            SiteSwitch::Off => format!("{mode} is off"),
            SiteSwitch::OptIn => format!("{mode} is opt-in"),
            SiteSwitch::OptOut => format!("{mode} is open to orgs"),
            SiteSwitch::On => format!("{mode} is on in every org"),
        })
    };
    Told::fact(modes.iter().filter_map(said).collect::<Vec<_>>().join(", "))
}
