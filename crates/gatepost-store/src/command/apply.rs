//! What each command does to a policy document, and what changed from what.
//!
//! Only what the command itself can see is checked here. Whether the document
//! is still sound is for whoever compiles it afterwards.

mod member;
mod org;
mod role;
mod site;
mod subject;

use std::fmt;

use gatepost::{BUILT_IN_PREFIX, PolicyDocument, Timestamp};

use super::Command;
use super::refusal::{Fault, WriteRefusal};
use super::sentence::Shown;
pub(crate) use org::path as org_path;

/// Says what changed from what, one line each; nothing where there was nothing to change.
type Summary = Vec<String>;

/// Does what the command says to the document.
///
/// With a refusal the document is as it happens to be: the caller keeps another.
pub(crate) fn apply(
    command: &Command,
    document: &mut PolicyDocument,
    now: Timestamp,
) -> Result<Summary, WriteRefusal> {
    match command {
        Command::SiteSwitch { resource, mode, to } => site::switch(document, resource, *mode, *to),
        Command::SiteAccess { resource, access } => site::access(document, resource, *access),
        Command::SiteActions { resource, actions } => {
            site::actions(document, resource, actions.as_ref())
        }
        Command::SiteFloor {
            resource,
            mode,
            role,
        } => site::floor(document, resource, *mode, role.as_ref()),
        Command::SiteDefault {
            resource,
            mode,
            role,
        } => site::default_floor(document, resource, *mode, role.as_ref()),
        Command::ResourceDefine { resource, actions } => site::declare(document, resource, actions),
        Command::SiteRoleDefine {
            name,
            grants,
            all_orgs,
        } => Ok(role::define_site_role(document, name, grants, *all_orgs)),
        Command::RoleDefine {
            org,
            name,
            level,
            grants,
            include,
        } => {
            let definition = role::definition(*level, grants, include);
            role::define(document, org.as_deref(), name, definition)
        }
        Command::SiteRoleAdd { subject, role } => {
            Ok(subject::add_site_role(document, subject, role))
        }
        Command::SiteRoleRemove { subject, role } => {
            Ok(subject::remove_site_role(document, subject, role))
        }
        Command::OrgCreate {
            org,
            parent,
            visibility,
        } => org::create(document, org, parent.as_ref(), *visibility),
        Command::OrgStatus { org, status } => org::status(document, org, *status),
        Command::OrgVisibility { org, visibility } => org::visibility(document, org, *visibility),
        Command::OrgParent { org, parent } => org::parent(document, org, parent.as_ref()),
        Command::OrgSwitch {
            org,
            resource,
            mode,
            to,
        } => org::switch(document, org, resource, *mode, *to),
        Command::OrgFloor {
            org,
            resource,
            mode,
            role,
        } => org::floor(document, org, resource, *mode, role.as_ref()),
        Command::MemberAdd {
            org,
            subject,
            role,
            expires,
        } => member::add(document, (org, subject), role, *expires, now),
        Command::MemberRemove { org, subject, role } => {
            member::remove(document, org, subject, role)
        }
        Command::SubjectStatus { subject, status } => {
            Ok(subject::status(document, subject, *status))
        }
        Command::SubjectKind { subject, kind } => Ok(subject::kind(document, subject, *kind)),
        Command::SubjectDefaultOrg { subject, org } => {
            Ok(subject::default_org(document, subject, org.as_ref()))
        }
    }
}

/// One line of a summary.
fn changed(what: impl fmt::Display, from: impl fmt::Display, to: impl fmt::Display) -> Summary {
    vec![format!("{what}: {from} -> {to}")]
}

/// A word, or that it is not set.
fn word(word: Option<impl fmt::Display>) -> String {
    word.map_or_else(|| "unset".to_owned(), |word| word.to_string())
}

/// A name or an id, or that it is not set.
fn text(text: Option<&String>) -> String {
    word(text.map(|text| Shown(text)))
}

/// Refuses a resource that has no gate to set.
fn gated(document: &PolicyDocument, resource: &str) -> Result<(), WriteRefusal> {
    if resource.starts_with(BUILT_IN_PREFIX) {
        let message = format!("`{resource}` is built in and has no gate to set");
        return Err(WriteRefusal::invalid("resource", message));
    }
    // A gate of a resource that is not declared is unsound; it must not keep the gate from being closed.
    if document.resources.contains_key(resource) || document.site.gates.contains_key(resource) {
        return Ok(());
    }
    let message = format!("no resource `{resource}` is declared");
    Err(WriteRefusal::invalid("resource", message))
}

/// Where an org is named that there is none of.
pub(crate) fn unknown_org(place: &str, org: &str) -> Fault {
    let message = format!("no org `{}` is defined", org.escape_debug());
    Fault::new(place, message)
}
