//! Whether the ids and names of a command are well formed.
//!
//! This is asked before who asks it: it says nothing of the policy.

use gatepost::{IdError, check_id, check_name};

use super::Command;
use super::refusal::{Fault, WriteRefusal};

/// Refuses a command with an ill-formed id or name.
///
/// A name that is taken away need not be one: what a subject or a member holds may be any text.
pub(crate) fn check(command: &Command) -> Result<(), WriteRefusal> {
    let mut faults = Faults(Vec::new());
    match command {
        Command::SiteSwitch { resource, .. } | Command::SiteAccess { resource, .. } => {
            faults.name("resource", resource);
        }
        Command::SiteActions { resource, actions } => {
            faults.name("resource", resource);
            faults.names("actions", actions.iter().flatten());
        }
        Command::SiteFloor { resource, role, .. } | Command::SiteDefault { resource, role, .. } => {
            faults.name("resource", resource);
            faults.names("role", role);
        }
        Command::SiteRoleDefine { name, .. } => faults.name("name", name),
        Command::SiteRoleAdd { subject, role } => {
            faults.id("subject", subject);
            faults.name("role", role);
        }
        Command::ResourceDefine { resource, actions } => {
            faults.name("resource", resource);
            faults.names("actions", actions);
        }
        Command::RoleDefine {
            org, name, include, ..
        } => {
            faults.ids("org", org.as_ref());
            faults.name("name", name);
            faults.names("include", include);
        }
        Command::OrgCreate { org, parent, .. } | Command::OrgParent { org, parent } => {
            faults.id("org", org);
            faults.ids("parent", parent.as_ref());
        }
        Command::OrgStatus { org, .. } | Command::OrgVisibility { org, .. } => {
            faults.id("org", org);
        }
        Command::OrgSwitch { org, resource, .. } => {
            faults.id("org", org);
            faults.name("resource", resource);
        }
        Command::OrgFloor {
            org,
            resource,
            role,
            ..
        } => {
            faults.id("org", org);
            faults.name("resource", resource);
            faults.names("role", role);
        }
        Command::MemberAdd {
            org, subject, role, ..
        } => {
            faults.id("org", org);
            faults.id("subject", subject);
            faults.name("role", role);
        }
        Command::MemberRemove { org, subject, .. } => {
            faults.id("org", org);
            faults.id("subject", subject);
        }
        Command::SiteRoleRemove { subject, .. }
        | Command::SubjectStatus { subject, .. }
        | Command::SubjectKind { subject, .. } => faults.id("subject", subject),
        Command::SubjectDefaultOrg { subject, org } => {
            faults.id("subject", subject);
            faults.ids("org", org.as_ref());
        }
    }
    if faults.0.is_empty() {
        return Ok(());
    }
    Err(WriteRefusal::Invalid(faults.0))
}

struct Faults(Vec<Fault>);

impl Faults {
    fn id(&mut self, field: &str, text: &str) {
        if let Err(error) = check_id(text) {
            self.0.push(Fault::new(field, format!("the id {error}")));
        }
    }

    fn ids(&mut self, field: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.id(field, text);
        }
    }

    fn name(&mut self, field: &str, text: &str) {
        if let Err(error) = check_name(text) {
            self.ill_formed(field, text, error);
        }
    }

    fn names<'c>(&mut self, field: &str, texts: impl IntoIterator<Item = &'c String>) {
        for text in texts {
            self.name(field, text);
        }
    }

    fn ill_formed(&mut self, field: &str, text: &str, error: IdError) {
        let message = format!("`{}` {error}", text.escape_debug());
        self.0.push(Fault::new(field, message));
    }
}
