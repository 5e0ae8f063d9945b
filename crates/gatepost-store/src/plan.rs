//! What a change comes to. (Stand-in: the real module replaces this file.)

use std::collections::BTreeSet;

use gatepost::{PolicyDocument, Timestamp};

use crate::change::Author;
use crate::command::Command;

/// What a backend has to read for a change, beside the vocabulary: resources, the site's gates and
/// roles and `org_roles`, which are always read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// Each with all its ancestors, and their gates and own roles.
    pub(crate) orgs: BTreeSet<String>,
    /// Their rows, and their memberships in each org that is read.
    pub(crate) subjects: BTreeSet<String>,
    /// Own roles of any org, with that org (without its ancestors), that have this name.
    pub(crate) own_roles_named: Option<String>,
}

/// What a change comes to.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// What was read, as it is after the change.
    pub(crate) document: PolicyDocument,
    /// What changed, from what to what, a line each.
    pub(crate) summary: Vec<String>,
}

/// Why a change is not written.
#[derive(Clone, Debug)]
pub(crate) enum WriteRefusal {
    /// (Stand-in.)
    Invalid(String),
}

impl Scope {
    pub(crate) fn of(command: &Command, _author: &Author) -> Self {
        let mut scope = Self::default();
        if let Command::OrgSwitch { org, .. } = command {
            scope.orgs.insert(org.clone());
        }
        scope
    }
}

/// What a change comes to.
pub(crate) fn plan(
    command: &Command,
    _author: &Author,
    slice: &PolicyDocument,
    _version: u64,
    _now: Timestamp,
) -> Result<Planned, WriteRefusal> {
    let mut document = slice.clone();
    match command {
        Command::SiteSwitch { resource, to, .. } => {
            document
                .site
                .gates
                .entry(resource.clone())
                .or_default()
                .switch = Some(*to);
        }
        Command::OrgSwitch {
            org, resource, to, ..
        } => {
            let org = document.orgs.get_mut(org);
            let org = org.ok_or_else(|| WriteRefusal::Invalid("no such org".into()))?;
            org.gates.entry(resource.clone()).or_default().switch = *to;
        }
    }
    Ok(Planned {
        document,
        summary: vec![command.to_string()],
    })
}

/// The words of the head's `killed`.
pub(crate) fn killed_words(document: &PolicyDocument) -> String {
    let off = document
        .site
        .gates
        .iter()
        .filter(|(_, gate)| gate.switch == Some(gatepost::SiteSwitch::Off));
    let off: Vec<&str> = off.map(|(name, _)| name.as_str()).collect();
    off.join(" ")
}
