//! Orgs, and what they say at their posts.

use gatepost::{
    Mode, OrgDocument, OrgGateDocument, OrgModeDocument, OrgSwitch, PolicyDocument, Status,
    Visibility,
};

use super::super::refusal::WriteRefusal;
use super::super::sentence::{Shown, Switched};
use super::{Summary, changed, gated, text, unknown_org, word};

/// The org of that id.
pub(super) fn find<'d>(
    document: &'d mut PolicyDocument,
    id: &str,
) -> Result<&'d mut OrgDocument, WriteRefusal> {
    document
        .orgs
        .get_mut(id)
        .ok_or_else(|| unknown_org("org", id).into())
}

/// The org itself, then each ancestor.
///
/// The steps are counted: a circle is for the compiler to tell, not to walk in for ever.
pub(crate) fn path<'d>(
    document: &'d PolicyDocument,
    id: &'d str,
) -> impl Iterator<Item = (&'d str, &'d OrgDocument)> {
    let step = |id: &'d str| Some((id, document.orgs.get(id)?));
    let path = std::iter::successors(step(id), move |(_, org)| step(org.parent.as_deref()?));
    path.take(document.orgs.len())
}

pub(super) fn create(
    document: &mut PolicyDocument,
    id: &str,
    parent: Option<&String>,
    visibility: Option<Visibility>,
) -> Result<Summary, WriteRefusal> {
    if document.orgs.contains_key(id) {
        let message = format!("the org `{}` is there already", id.escape_debug());
        return Err(WriteRefusal::invalid("org", message));
    }
    if let Some(parent) = parent.filter(|parent| !document.orgs.contains_key(*parent)) {
        return Err(unknown_org("parent", parent).into());
    }
    let mut org = OrgDocument::default();
    org.parent = parent.cloned();
    org.visibility = visibility;
    document.orgs.insert(id.to_owned(), org);
    let what = format!("org {}", Shown(id));
    Ok(changed(what, "none", "created"))
}

pub(super) fn status(
    document: &mut PolicyDocument,
    id: &str,
    status: Status,
) -> Result<Summary, WriteRefusal> {
    let org = find(document, id)?;
    let from = org.status.unwrap_or(Status::Active);
    if from == status {
        return Ok(Summary::new());
    }
    org.status = Some(status);
    Ok(changed(format!("org {}", Shown(id)), from, status))
}

pub(super) fn visibility(
    document: &mut PolicyDocument,
    id: &str,
    visibility: Visibility,
) -> Result<Summary, WriteRefusal> {
    let org = find(document, id)?;
    let from = org.visibility.unwrap_or(Visibility::Private);
    if from == visibility {
        return Ok(Summary::new());
    }
    org.visibility = Some(visibility);
    Ok(changed(format!("org {}", Shown(id)), from, visibility))
}

pub(super) fn parent(
    document: &mut PolicyDocument,
    id: &str,
    parent: Option<&String>,
) -> Result<Summary, WriteRefusal> {
    if let Some(parent) = parent.filter(|parent| !document.orgs.contains_key(*parent)) {
        return Err(unknown_org("parent", parent).into());
    }
    find(document, id)?;
    if parent.is_some_and(|parent| path(document, parent).any(|(above, _)| above == id)) {
        let message = "the org would lie under itself";
        return Err(WriteRefusal::invalid("parent", message));
    }
    let org = find(document, id)?;
    let from = std::mem::replace(&mut org.parent, parent.cloned());
    if from.as_ref() == parent {
        return Ok(Summary::new());
    }
    let what = format!("parent of org {}", Shown(id));
    Ok(changed(what, text(from.as_ref()), text(parent)))
}

pub(super) fn switch(
    document: &mut PolicyDocument,
    id: &str,
    resource: &str,
    mode: Option<Mode>,
    to: Option<OrgSwitch>,
) -> Result<Summary, WriteRefusal> {
    gated(document, resource)?;
    let org = find(document, id)?;
    let gate = org.gates.entry(resource.to_owned()).or_default();
    let switch = match mode {
        None => &mut gate.switch,
        Some(mode) => &mut of_mode(gate, mode).get_or_insert_default().switch,
    };
    let from = std::mem::replace(switch, to);
    prune(org, resource);
    if from == to {
        return Ok(Summary::new());
    }
    let what = format!("{} in {}", Switched(resource, mode), Shown(id));
    Ok(changed(what, word(from), word(to)))
}

pub(super) fn floor(
    document: &mut PolicyDocument,
    id: &str,
    resource: &str,
    mode: Mode,
    role: Option<&String>,
) -> Result<Summary, WriteRefusal> {
    gated(document, resource)?;
    let org = find(document, id)?;
    let gate = org.gates.entry(resource.to_owned()).or_default();
    let min_role = &mut of_mode(gate, mode).get_or_insert_default().min_role;
    let from = std::mem::replace(min_role, role.cloned());
    prune(org, resource);
    if from.as_ref() == role {
        return Ok(Summary::new());
    }
    let switched = Switched(resource, Some(mode));
    let what = format!("floor of {switched} in {}", Shown(id));
    Ok(changed(what, text(from.as_ref()), text(role)))
}

fn of_mode(gate: &mut OrgGateDocument, mode: Mode) -> &mut Option<OrgModeDocument> {
    match mode {
        Mode::Foreground => &mut gate.foreground,
        Mode::Background => &mut gate.background,
    }
}

/// Takes away tables that say nothing any more.
fn prune(org: &mut OrgDocument, resource: &str) {
    let Some(gate) = org.gates.get_mut(resource) else {
        return;
    };
    for mode in Mode::ALL {
        let table = of_mode(gate, *mode);
        table.take_if(|table| *table == OrgModeDocument::default());
    }
    if *gate == OrgGateDocument::default() {
        org.gates.remove(resource);
    }
}
