//! What can change of a policy, one fact each.

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

impl std::fmt::Display for FactChangeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooFar => f.write_str("what changes reaches too far to be changed by itself"),
            Self::Unsound(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FactChangeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::TooFar => None,
            // Its text is this one's own.
            Self::Unsound(error) => error.source(),
        }
    }
}

impl From<PolicyError> for FactChangeError {
    fn from(error: PolicyError) -> Self {
        Self::Unsound(error)
    }
}
