//! The site's gates and the resources.

use gatepost::{Access, Mode, PolicyDocument, SiteGateDocument, SiteModeDocument, SiteSwitch};

use super::super::refusal::WriteRefusal;
use super::super::sentence::{List, Shown, Switched};
use super::{Summary, changed, gated, text, word};

pub(super) fn switch(
    document: &mut PolicyDocument,
    resource: &str,
    mode: Option<Mode>,
    to: SiteSwitch,
) -> Result<Summary, WriteRefusal> {
    gated(document, resource)?;
    let gate = document.site.gates.entry(resource.to_owned()).or_default();
    let switch = match mode {
        None => &mut gate.switch,
        Some(mode) => &mut of_mode(gate, mode).get_or_insert_default().switch,
    };
    // A word that only says what silence says is written all the same: whoever turned a switch meant it.
    let from = switch.replace(to);
    if from == Some(to) {
        return Ok(Summary::new());
    }
    Ok(changed(Switched(resource, mode), word(from), to))
}

pub(super) fn access(
    document: &mut PolicyDocument,
    resource: &str,
    access: Access,
) -> Result<Summary, WriteRefusal> {
    gated(document, resource)?;
    let gate = document.site.gates.entry(resource.to_owned()).or_default();
    let from = gate.access.replace(access);
    if from == Some(access) {
        return Ok(Summary::new());
    }
    let what = format_args!("access to {}", Shown(resource)).to_string();
    Ok(changed(what, word(from), access))
}

pub(super) fn actions(
    document: &mut PolicyDocument,
    resource: &str,
    actions: Option<&Vec<String>>,
) -> Result<Summary, WriteRefusal> {
    gated(document, resource)?;
    let shown = |actions: Option<&Vec<String>>| {
        actions.map_or_else(|| "every action".to_owned(), |list| List(list).to_string())
    };
    let gate = document.site.gates.entry(resource.to_owned()).or_default();
    let from = std::mem::replace(&mut gate.actions, actions.cloned());
    prune(document, resource);
    if from.as_ref() == actions {
        return Ok(Summary::new());
    }
    let what = format!("what the gate of {} governs", Shown(resource));
    Ok(changed(what, shown(from.as_ref()), shown(actions)))
}

pub(super) fn floor(
    document: &mut PolicyDocument,
    resource: &str,
    mode: Mode,
    role: Option<&String>,
) -> Result<Summary, WriteRefusal> {
    let of = |mode: &mut SiteModeDocument| std::mem::replace(&mut mode.floor, role.cloned());
    set_role(document, (resource, mode), "floor", role, of)
}

pub(super) fn default_floor(
    document: &mut PolicyDocument,
    resource: &str,
    mode: Mode,
    role: Option<&String>,
) -> Result<Summary, WriteRefusal> {
    let of = |mode: &mut SiteModeDocument| std::mem::replace(&mut mode.default, role.cloned());
    set_role(document, (resource, mode), "default floor", role, of)
}

fn set_role(
    document: &mut PolicyDocument,
    (resource, mode): (&str, Mode),
    name: &str,
    role: Option<&String>,
    replace: impl FnOnce(&mut SiteModeDocument) -> Option<String>,
) -> Result<Summary, WriteRefusal> {
    gated(document, resource)?;
    let gate = document.site.gates.entry(resource.to_owned()).or_default();
    let from = replace(of_mode(gate, mode).get_or_insert_default());
    prune(document, resource);
    if from.as_ref() == role {
        return Ok(Summary::new());
    }
    let what = format!("{name} of {}", Switched(resource, Some(mode)));
    Ok(changed(what, text(from.as_ref()), text(role)))
}

pub(super) fn declare(
    document: &mut PolicyDocument,
    resource: &str,
    actions: &[String],
) -> Result<Summary, WriteRefusal> {
    if resource.starts_with(gatepost::BUILT_IN_PREFIX) {
        let message = format!("`{resource}`: names that begin with `gatepost-` are built in");
        return Err(WriteRefusal::invalid("resource", message));
    }
    let from = document
        .resources
        .insert(resource.to_owned(), actions.to_vec());
    if from.as_deref() == Some(actions) {
        return Ok(Summary::new());
    }
    let before = from.map_or_else(|| "undeclared".to_owned(), |list| List(&list).to_string());
    let what = format!("actions of {}", Shown(resource));
    Ok(changed(what, before, List(actions)))
}

fn of_mode(gate: &mut SiteGateDocument, mode: Mode) -> &mut Option<SiteModeDocument> {
    match mode {
        Mode::Foreground => &mut gate.foreground,
        Mode::Background => &mut gate.background,
    }
}

/// Takes away tables that say nothing any more.
fn prune(document: &mut PolicyDocument, resource: &str) {
    let Some(gate) = document.site.gates.get_mut(resource) else {
        return;
    };
    for mode in Mode::ALL {
        let table = of_mode(gate, *mode);
        table.take_if(|table| *table == SiteModeDocument::default());
    }
    if *gate == SiteGateDocument::default() {
        document.site.gates.remove(resource);
    }
}
