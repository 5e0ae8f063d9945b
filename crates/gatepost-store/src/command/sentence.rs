//! The sentence that a history shows for a command.

use std::fmt;

use gatepost::Mode;

use super::Command;

/// A text of somebody's choice within a sentence: bare where it is plain, else in quotes, so that it can neither
/// break the line nor pass for a part of the sentence.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'t>(pub(crate) &'t str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.@+*#!:/".contains(&byte);
        let ends_plainly = !self.0.ends_with(':');
        if !self.0.is_empty() && ends_plainly && self.0.bytes().all(plain) {
            f.write_str(self.0)
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}

/// A list of such texts.
#[derive(Clone, Copy)]
pub(super) struct List<'t>(pub(super) &'t [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (position, text) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{}", Shown(text))?;
        }
        Ok(())
    }
}

/// A resource, or one of its modes: `agent`, `agent#background`.
#[derive(Clone, Copy)]
pub(super) struct Switched<'t>(pub(super) &'t str, pub(super) Option<Mode>);

impl fmt::Display for Switched<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown(self.0).fmt(f)?;
        match self.1 {
            Some(mode) => write!(f, "#{mode}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Command {
    #[allow(
        clippy::too_many_lines,
        reason = "one sentence for each command, side by side"
    )]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SiteSwitch { resource, mode, to } => {
                write!(f, "site: {} switched {to}", Switched(resource, *mode))
            }
            Self::SiteAccess { resource, access } => {
                write!(f, "site: access to {} is {access}", Shown(resource))
            }
            Self::SiteActions { resource, actions } => {
                write!(f, "site: the gate of {} governs ", Shown(resource))?;
                match actions {
                    Some(actions) => write!(f, "{}", List(actions)),
                    None => f.write_str("every action"),
                }
            }
            Self::SiteFloor {
                resource,
                mode,
                role,
            } => {
                let switched = Switched(resource, Some(*mode));
                set(
                    f,
                    format_args!("site: floor of {switched}"),
                    role.as_deref(),
                )
            }
            Self::SiteDefault {
                resource,
                mode,
                role,
            } => {
                let switched = Switched(resource, Some(*mode));
                let what = format_args!("site: default floor of {switched}");
                set(f, what, role.as_deref())
            }
            Self::SiteRoleDefine {
                name,
                grants,
                all_orgs,
            } => {
                let reach = if *all_orgs { " in all orgs" } else { "" };
                let (name, grants) = (Shown(name), List(grants));
                write!(f, "site: role {name} defined, with {grants}{reach}")
            }
            Self::SiteRoleAdd { subject, role } => {
                let (subject, role) = (Shown(subject), Shown(role));
                write!(f, "site: {subject} given the role {role}")
            }
            Self::SiteRoleRemove { subject, role } => {
                let (role, subject) = (Shown(role), Shown(subject));
                write!(f, "site: the role {role} taken from {subject}")
            }
            Self::ResourceDefine { resource, actions } => {
                let (resource, actions) = (Shown(resource), List(actions));
                write!(f, "resource {resource} declared, with {actions}")
            }
            Self::RoleDefine {
                org,
                name,
                level,
                grants,
                include,
            } => {
                match org {
                    Some(org) => write!(f, "org {}: own role {} defined", Shown(org), Shown(name))?,
                    None => write!(f, "org role {} defined", Shown(name))?,
                }
                if let Some(level) = level {
                    write!(f, " at level {level}")?;
                }
                write!(f, ", with {}", List(grants))?;
                if include.is_empty() {
                    return Ok(());
                }
                write!(f, ", including {}", List(include))
            }
            Self::OrgCreate {
                org,
                parent,
                visibility,
            } => {
                write!(f, "org {} created", Shown(org))?;
                if let Some(parent) = parent {
                    write!(f, " under {}", Shown(parent))?;
                }
                visibility.map_or(Ok(()), |visibility| write!(f, ", {visibility}"))
            }
            Self::OrgStatus { org, status } => write!(f, "org {}: {status}", Shown(org)),
            Self::OrgVisibility { org, visibility } => {
                write!(f, "org {}: {visibility}", Shown(org))
            }
            Self::OrgParent { org, parent } => match parent {
                Some(parent) => write!(f, "org {}: moved under {}", Shown(org), Shown(parent)),
                None => write!(f, "org {}: moved under no org", Shown(org)),
            },
            Self::OrgSwitch {
                org,
                resource,
                mode,
                to,
            } => {
                let (org, switched) = (Shown(org), Switched(resource, *mode));
                match to {
                    Some(to) => write!(f, "org {org}: {switched} switched {to}"),
                    None => write!(f, "org {org}: switch of {switched} unset"),
                }
            }
            Self::OrgFloor {
                org,
                resource,
                mode,
                role,
            } => {
                let (org, switched) = (Shown(org), Switched(resource, Some(*mode)));
                let what = format_args!("org {org}: floor of {switched}");
                set(f, what, role.as_deref())
            }
            Self::MemberAdd {
                org,
                subject,
                role,
                expires,
            } => {
                let (org, subject, role) = (Shown(org), Shown(subject), Shown(role));
                write!(f, "org {org}: {subject} given the role {role}")?;
                expires.map_or(Ok(()), |expires| write!(f, " until {expires}"))
            }
            Self::MemberRemove { org, subject, role } => {
                let (org, subject, role) = (Shown(org), Shown(subject), Shown(role));
                write!(f, "org {org}: the role {role} taken from {subject}")
            }
            Self::SubjectStatus { subject, status } => {
                write!(f, "subject {}: {status}", Shown(subject))
            }
            Self::SubjectKind { subject, kind } => {
                write!(f, "subject {}: kind {kind}", Shown(subject))
            }
            Self::SubjectDefaultOrg { subject, org } => {
                let what = format_args!("subject {}: default org", Shown(subject));
                set(f, what, org.as_deref())
            }
        }
    }
}

/// Something is set to a text, or unset.
fn set(f: &mut fmt::Formatter<'_>, what: fmt::Arguments<'_>, to: Option<&str>) -> fmt::Result {
    match to {
        Some(to) => write!(f, "{what} set to {}", Shown(to)),
        None => write!(f, "{what} unset"),
    }
}
