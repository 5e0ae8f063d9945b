//! Where a change is made.

use serde::Serialize;

use super::change::{AskedChange, Change, OrgChange, SiteChange};

/// Where a change is made that would let the check that failed pass.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "place", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangePlace {
    /// The resource and its gate on the site.
    Site {
        /// The resource.
        resource: String,
    },
    /// The roles that the site defines: site roles and `org_roles`.
    SiteRoles,
    /// That there is an org, its status and its visibility.
    Orgs {
        /// The org.
        org: String,
    },
    /// The gate of a resource in an org.
    Org {
        /// The org.
        org: String,
        /// The resource.
        resource: String,
    },
    /// The members of an org.
    Members {
        /// The org.
        org: String,
    },
    /// The own roles of an org.
    OrgRoles {
        /// The org.
        org: String,
    },
    /// What the policy says of a subject: its status, its site roles, its default org, and where it is a member.
    Subject {
        /// The subject.
        subject: String,
    },
    /// The request itself, or the identity that it comes with.
    Request,
}

impl Change {
    /// Where it is made; a change of several parts in all of these places.
    pub(super) fn places(&self) -> Vec<ChangePlace> {
        let mut places = match self {
            Self::Asked(change) => change.places(),
            Self::Site(change) => change.places(),
            Self::Org(change) => change.places(),
        };
        places.dedup();
        places
    }
}

impl AskedChange {
    fn places(&self) -> Vec<ChangePlace> {
        match self {
            Self::Authenticate
            | Self::ActFor { .. }
            | Self::ActForNobody { .. }
            | Self::Scope { .. }
            | Self::Mode(_)
            | Self::NameOrg => vec![ChangePlace::Request],
        }
    }
}

impl SiteChange {
    fn places(&self) -> Vec<ChangePlace> {
        match self {
            Self::Declare { resource, .. }
            | Self::LiftOff { resource, .. }
            | Self::SwitchOn { resource, .. }
            | Self::OpenAccess { resource }
            | Self::LowerFloor { resource, .. } => vec![ChangePlace::Site {
                resource: resource.clone(),
            }],
            Self::Undeny { .. } => vec![ChangePlace::SiteRoles],
            Self::Resume { subject }
            | Self::TakeRoles { subject, .. }
            | Self::GiveRole { subject, .. } => vec![of_subject(subject)],
            Self::DefineRole { subject, .. } => vec![ChangePlace::SiteRoles, of_subject(subject)],
            Self::CreateOrg { org, .. } => vec![orgs(org), members(org)],
            Self::Publish { orgs: all } | Self::ResumeOrgs { orgs: all } => {
                all.iter().map(|org| orgs(org)).collect()
            }
        }
    }
}

impl OrgChange {
    fn places(&self) -> Vec<ChangePlace> {
        match self {
            Self::SetDefault { subject, .. } | Self::JoinAny { subject } => {
                vec![of_subject(subject)]
            }
            Self::Join { org, .. } | Self::Renew { org, .. } => vec![members(org)],
            Self::SwitchOn { orgs, resource, .. } | Self::SetMinRole { orgs, resource, .. } => {
                let gate = |org: &String| ChangePlace::Org {
                    org: org.clone(),
                    resource: resource.clone(),
                };
                orgs.iter().map(gate).collect()
            }
            Self::Undeny { roles, anyone, .. } => {
                let taken = roles.iter().map(|(org, _)| members(org));
                let removed = (!anyone.is_empty()).then_some(ChangePlace::SiteRoles);
                taken.chain(removed).collect()
            }
            Self::GiveRole { org, roles, .. } => {
                let defined = roles
                    .is_empty()
                    .then(|| ChangePlace::OrgRoles { org: org.clone() });
                defined.into_iter().chain([members(org)]).collect()
            }
        }
    }
}

fn orgs(org: &str) -> ChangePlace {
    ChangePlace::Orgs {
        org: org.to_owned(),
    }
}

fn members(org: &str) -> ChangePlace {
    ChangePlace::Members {
        org: org.to_owned(),
    }
}

fn of_subject(subject: &str) -> ChangePlace {
    ChangePlace::Subject {
        subject: subject.to_owned(),
    }
}
