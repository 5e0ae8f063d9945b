//! Changes that an admin of the site can make.

use std::fmt;

use super::what;
use crate::explain::scene::{and, choice};
use crate::vocabulary::Mode;

/// A change that an admin of the site can make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::explain) enum SiteChange {
    Resume {
        subject: String,
    },
    Declare {
        resource: String,
        action: String,
        switch: bool,
    },
    /// Any switch but `off`.
    LiftOff {
        resource: String,
        mode: Option<Mode>,
    },
    SwitchOn {
        resource: String,
        mode: Option<Mode>,
    },
    /// The grants are each role's own.
    Undeny {
        grants: Vec<(String, Vec<String>)>,
    },
    TakeRoles {
        subject: String,
        roles: Vec<String>,
    },
    /// Any one of the roles.
    GiveRole {
        subject: String,
        permission: String,
        roles: Vec<String>,
        every_org: bool,
    },
    DefineRole {
        subject: String,
        permission: String,
    },
    OpenAccess {
        resource: String,
    },
    CreateOrg {
        org: String,
        subject: String,
    },
    Publish {
        orgs: Vec<String>,
    },
    ResumeOrgs {
        orgs: Vec<String>,
    },
    LowerFloor {
        resource: String,
        mode: Mode,
        to: String,
        default: bool,
    },
}

impl fmt::Display for SiteChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a site admin can ")?;
        match self {
            Self::Resume { subject } => write!(f, "resume {subject}"),
            Self::Declare {
                resource,
                action,
                switch,
            } => {
                write!(f, "declare the action {action} of {resource}")?;
                if *switch {
                    write!(f, ", and switch {resource} on")
                } else {
                    Ok(())
                }
            }
            Self::LiftOff { resource, mode } => {
                write!(
                    f,
                    "set the switch of {} to opt-in, opt-out or on",
                    what(resource, *mode)
                )
            }
            Self::SwitchOn { resource, mode } => {
                write!(
                    f,
                    "set the switch of {} to on, and orgs have no say",
                    what(resource, *mode)
                )
            }
            Self::Undeny { grants } => {
                let removals: Vec<String> = grants
                    .iter()
                    .map(|(role, grants)| format!("{} from {role}", grants.join(", ")))
                    .collect();
                write!(f, "remove {}", and(&removals))
            }
            Self::TakeRoles { subject, roles } => write!(f, "take {} from {subject}", and(roles)),
            Self::GiveRole {
                subject,
                permission,
                roles,
                every_org,
            } => {
                let reach = if *every_org { " in every org" } else { "" };
                let roles = choice(roles);
                write!(
                    f,
                    "give {subject} a site role that grants {permission}{reach}: {roles}"
                )
            }
            Self::DefineRole {
                subject,
                permission,
            } => {
                write!(
                    f,
                    "define a site role that grants {permission}, and give it to {subject}"
                )
            }
            Self::OpenAccess { resource } => {
                write!(f, "open {resource} to everyone: access = everyone")
            }
            Self::CreateOrg { org, subject } => write!(f, "create {org} and add {subject} to it"),
            Self::Publish { orgs } => write!(f, "make {} public", and(orgs)),
            Self::ResumeOrgs { orgs } => write!(f, "resume {}", and(orgs)),
            Self::LowerFloor {
                resource,
                mode,
                to,
                default,
            } => {
                let default = if *default { " and the default" } else { "" };
                write!(
                    f,
                    "lower the floor{default} of {} to {to}",
                    what(resource, Some(*mode))
                )
            }
        }
    }
}
