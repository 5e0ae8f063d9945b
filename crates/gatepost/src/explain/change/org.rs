//! Changes that an admin of an org can make.

use std::borrow::Cow;
use std::fmt;

use super::{admins_can, what};
use crate::explain::scene::{and, choice};
use crate::time::Timestamp;
use crate::vocabulary::Mode;

/// A change that an admin of an org can make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::explain) enum OrgChange {
    SetDefault {
        subject: String,
        orgs: Vec<String>,
    },
    JoinAny {
        subject: String,
    },
    Join {
        subject: String,
        org: String,
    },
    Renew {
        subject: String,
        org: String,
        expired: Timestamp,
    },
    /// All of the orgs say `on`.
    SwitchOn {
        orgs: Vec<String>,
        resource: String,
        mode: Option<Mode>,
    },
    /// Roles to take, by org; and grants to remove from `anyone`.
    Undeny {
        subject: String,
        roles: Vec<(String, Vec<String>)>,
        anyone: Vec<String>,
    },
    /// Any one of the roles, or a new one where there is none; a membership that expired is renewed as well.
    GiveRole {
        subject: String,
        org: String,
        want: Want,
        roles: Vec<String>,
        expired: Option<Timestamp>,
    },
    /// All of the orgs set it.
    SetMinRole {
        orgs: Vec<String>,
        resource: String,
        mode: Mode,
        to: String,
    },
}

/// What a role is to be given for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::explain) enum Want {
    Grant(String),
    Level(i32),
}

impl fmt::Display for OrgChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetDefault { subject, orgs } => {
                write!(
                    f,
                    "set the default org of {subject} to one of its orgs: {}",
                    choice(orgs)
                )
            }
            Self::JoinAny { subject } => write!(f, "an admin of an org can add {subject} to it"),
            Self::Join { subject, org } => write!(f, "an admin of {org} can add {subject} to it"),
            Self::Renew {
                subject,
                org,
                expired,
            } => {
                write!(
                    f,
                    "an admin of {org} can renew the membership of {subject}, which expired {expired}"
                )
            }
            Self::SwitchOn {
                orgs,
                resource,
                mode,
            } => switch_on(f, orgs, resource, *mode),
            Self::Undeny {
                subject,
                roles,
                anyone,
            } => undeny(f, subject, roles, anyone),
            Self::GiveRole {
                subject,
                org,
                want,
                roles,
                expired,
            } => {
                write!(f, "an admin of {org} can ")?;
                if roles.is_empty() {
                    write!(f, "define a role {want}, and give it to {subject}")?;
                } else {
                    write!(f, "give {subject} a role there {want}: {}", choice(roles))?;
                }
                match expired {
                    None => Ok(()),
                    Some(at) => write!(f, "; the membership expired {at} and needs renewing too"),
                }
            }
            Self::SetMinRole {
                orgs,
                resource,
                mode,
                to,
            } => {
                let what = what(resource, Some(*mode));
                write!(f, "{} set the min_role of {what} to {to}", admins_can(orgs))
            }
        }
    }
}

impl fmt::Display for Want {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grant(permission) => write!(f, "that grants {permission}"),
            Self::Level(level) => write!(f, "of level {level} or more"),
        }
    }
}

fn switch_on(
    f: &mut fmt::Formatter<'_>,
    orgs: &[String],
    resource: &str,
    mode: Option<Mode>,
) -> fmt::Result {
    let mode = mode.map_or_else(String::new, |mode| format!(" --mode {mode}"));
    let commands: Vec<String> = orgs
        .iter()
        .map(|org| format!("gatepost org switch {} {resource} on{mode}", typed(org)))
        .collect();
    write!(f, "{} change it: {}", admins_can(orgs), commands.join("; "))
}

/// An id as it is typed in a shell.
fn typed(id: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/@".contains(&byte);
    if id.bytes().all(plain) && !id.starts_with('-') {
        return id.into();
    }
    format!("'{}'", id.replace('\'', r"'\''")).into()
}

fn undeny(
    f: &mut fmt::Formatter<'_>,
    subject: &str,
    roles: &[(String, Vec<String>)],
    anyone: &[String],
) -> fmt::Result {
    let mut steps: Vec<String> = roles
        .iter()
        .map(|(org, roles)| format!("an admin of {org} can take {} from {subject}", and(roles)))
        .collect();
    if !anyone.is_empty() {
        let grants = anyone.join(", ");
        steps.push(format!("a site admin can remove {grants} from anyone"));
    }
    f.write_str(&and(&steps))
}
