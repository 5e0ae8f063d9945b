//! What a backend has to read before a command can be planned.

use std::collections::BTreeSet;

use crate::change::Author;
use crate::command::Command;

/// The part of the facts by which a command is planned.
///
/// Always in it: every resource, every site gate, every site role, every role of `org_roles`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// These orgs with all their ancestors, as far as there are such, and of each of those the gates and the
    /// own roles.
    pub(crate) orgs: BTreeSet<String>,
    /// What is said of these subjects, and their memberships in those orgs and ancestors.
    pub(crate) subjects: BTreeSet<String>,
    /// Own roles of other orgs.
    pub(crate) own_roles: OwnRoles,
    /// Whether facts that cannot be read are left out instead of refusing the command: it must work whatever
    /// else is broken.
    pub(crate) tolerant: bool,
}

/// The own roles that a command must see beside those of the orgs that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum OwnRoles {
    /// None.
    #[default]
    OfPaths,
    /// Every org that has an own role of this name, read like one in [`Scope::orgs`]. One such org is enough.
    Named(String),
    /// Every org, read like one in [`Scope::orgs`].
    All,
}

impl Scope {
    /// What has to be read for this command of this author.
    pub(crate) fn of(command: &Command, author: &Author) -> Self {
        let mut scope = Self {
            tolerant: Self::is_tolerant(command, author),
            ..Self::of_author(author)
        };
        match command {
            Command::SiteSwitch { .. }
            | Command::SiteAccess { .. }
            | Command::SiteActions { .. }
            | Command::SiteFloor { .. }
            | Command::SiteDefault { .. }
            | Command::SiteRoleDefine { .. } => {}
            // An own role of any org may grant an action that is no longer declared.
            Command::ResourceDefine { .. } => scope.own_roles = OwnRoles::All,
            Command::RoleDefine {
                org: None, name, ..
            } => {
                scope.own_roles = OwnRoles::Named(name.clone());
            }
            Command::RoleDefine { org: Some(org), .. }
            | Command::OrgStatus { org, .. }
            | Command::OrgVisibility { org, .. }
            | Command::OrgSwitch { org, .. }
            | Command::OrgFloor { org, .. } => scope.org(org),
            Command::OrgCreate { org, parent, .. } => {
                scope.org(org);
                scope.orgs.extend(parent.clone());
            }
            // Below the org that moves, own roles may include some of its former ancestors.
            Command::OrgParent { org, parent } => {
                scope.org(org);
                scope.orgs.extend(parent.clone());
                scope.own_roles = OwnRoles::All;
            }
            Command::MemberAdd { org, subject, .. }
            | Command::MemberRemove { org, subject, .. } => {
                scope.org(org);
                scope.subject(subject);
            }
            Command::SiteRoleAdd { subject, .. }
            | Command::SiteRoleRemove { subject, .. }
            | Command::SubjectStatus { subject, .. }
            | Command::SubjectKind { subject, .. } => scope.subject(subject),
            Command::SubjectDefaultOrg { subject, org } => {
                scope.subject(subject);
                scope.orgs.extend(org.clone());
            }
        }
        scope
    }

    /// What has to be read of whoever asks, whatever is asked.
    pub(super) fn of_author(author: &Author) -> Self {
        let mut scope = Self::default();
        if let Author::Subject(subject) = author {
            let ids = std::iter::once(subject.id()).chain(subject.delegator());
            scope.subjects = ids.map(|id| id.as_str().to_owned()).collect();
        }
        scope
    }

    /// Whether the command must work on stored facts that are no sound policy: an operator turns a switch off.
    pub(super) fn is_tolerant(command: &Command, author: &Author) -> bool {
        matches!(author, Author::Operator { .. }) && command.is_kill()
    }

    pub(super) fn org(&mut self, id: &str) {
        self.orgs.insert(id.to_owned());
    }

    pub(super) fn subject(&mut self, id: &str) {
        self.subjects.insert(id.to_owned());
    }
}
