//! Facts taken in one at a time.

use super::Snapshot;
use crate::policy::{
    MemberDocument, OrgDocument, OrgGateDocument, OrgRoleDocument, PolicyDocument, PolicyError,
    SubjectDocument,
};

/// Takes a policy in fact by fact and compiles it, so that the whole of it is never in memory as a document.
///
/// What others stand below comes first: every org before what is below any, gates and own roles before members.
#[derive(Debug)]
pub struct Loader {
    document: PolicyDocument,
    elsewhere: bool,
}

impl Loader {
    /// Begins with what stands once: the version of the format, resources, the site and `org_roles`. Orgs and
    /// subjects of `frame` are not looked at.
    pub fn new(frame: &PolicyDocument) -> Self {
        let mut document = PolicyDocument::default();
        document.version = frame.version;
        document.resources = frame.resources.clone();
        document.site = frame.site.clone();
        document.org_roles = frame.org_roles.clone();
        Self {
            document,
            elsewhere: false,
        }
    }

    /// As [`new`](Self::new), for a policy whose memberships are elsewhere.
    pub fn looking_through(frame: &PolicyDocument) -> Self {
        Self {
            elsewhere: true,
            ..Self::new(frame)
        }
    }

    /// Adds an org, with what stands below it in `org`, if anything does.
    pub fn org(&mut self, id: &str, org: &OrgDocument) {
        self.document.orgs.insert(id.to_owned(), org.clone());
    }

    /// Adds the gate of an org.
    pub fn org_gate(&mut self, org: &str, resource: &str, gate: &OrgGateDocument) {
        if let Some(org) = self.document.orgs.get_mut(org) {
            org.gates.insert(resource.to_owned(), gate.clone());
        }
    }

    /// Adds a role of an org's own.
    pub fn own_role(&mut self, org: &str, name: &str, role: &OrgRoleDocument) {
        if let Some(org) = self.document.orgs.get_mut(org) {
            org.roles.insert(name.to_owned(), role.clone());
        }
    }

    /// Adds a membership.
    pub fn member(&mut self, org: &str, subject: &str, membership: &MemberDocument) {
        if let Some(org) = self.document.orgs.get_mut(org) {
            org.members.insert(subject.to_owned(), membership.clone());
        }
    }

    /// Adds a subject.
    pub fn subject(&mut self, id: &str, subject: &SubjectDocument) {
        self.document
            .subjects
            .insert(id.to_owned(), subject.clone());
    }

    /// Compiles what was added as the given policy version.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] with the path of everything that is wrong, which is also what was added twice, and what
    /// stands below an org that was not added; nothing is compiled then.
    pub fn finish(self, version: u64) -> Result<Snapshot, PolicyError> {
        if self.elsewhere {
            Snapshot::compile_looking_through(&self.document, version)
        } else {
            Snapshot::compile(&self.document, version)
        }
    }
}
