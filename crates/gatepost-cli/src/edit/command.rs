//! From arguments to the change that they ask for.

use gatepost::Status;
use gatepost_store::Command;

use super::args::{
    MemberCommand, OrgCommand, ResourceCommand, RoleCommand, SiteCommand, SiteRoleCommand,
    SubjectCommand, WriteArgs,
};

/// A change, and how it is written.
pub(crate) type Asked = (Command, WriteArgs);

impl From<SiteCommand> for Asked {
    fn from(command: SiteCommand) -> Self {
        match command {
            SiteCommand::Switch {
                resource,
                to,
                mode,
                write,
            } => {
                let mode = mode.mode;
                (Command::SiteSwitch { resource, mode, to }, write)
            }
            SiteCommand::Floor { floor, write } => {
                let (resource, mode, role) = (floor.resource, floor.mode, floor.role);
                (
                    Command::SiteFloor {
                        resource,
                        mode,
                        role,
                    },
                    write,
                )
            }
            SiteCommand::Default { floor, write } => {
                let (resource, mode, role) = (floor.resource, floor.mode, floor.role);
                (
                    Command::SiteDefault {
                        resource,
                        mode,
                        role,
                    },
                    write,
                )
            }
            SiteCommand::Access {
                resource,
                access,
                write,
            } => (Command::SiteAccess { resource, access }, write),
            SiteCommand::Actions {
                resource,
                actions,
                write,
            } => {
                let actions = (!actions.is_empty()).then_some(actions);
                (Command::SiteActions { resource, actions }, write)
            }
            SiteCommand::Role(command) => command.into(),
        }
    }
}

impl From<SiteRoleCommand> for Asked {
    fn from(command: SiteRoleCommand) -> Self {
        match command {
            SiteRoleCommand::Add {
                subject,
                role,
                write,
            } => (Command::SiteRoleAdd { subject, role }, write),
            SiteRoleCommand::Remove {
                subject,
                role,
                write,
            } => (Command::SiteRoleRemove { subject, role }, write),
            SiteRoleCommand::Define {
                role: name,
                grants,
                all_orgs,
                write,
            } => (
                Command::SiteRoleDefine {
                    name,
                    grants,
                    all_orgs,
                },
                write,
            ),
        }
    }
}

impl From<OrgCommand> for Asked {
    fn from(command: OrgCommand) -> Self {
        let status = |org, status| Command::OrgStatus { org, status };
        match command {
            OrgCommand::Switch {
                org,
                resource,
                to,
                mode,
                write,
            } => {
                let (mode, to) = (mode.mode, to.said());
                (
                    Command::OrgSwitch {
                        org,
                        resource,
                        mode,
                        to,
                    },
                    write,
                )
            }
            OrgCommand::Floor { org, floor, write } => {
                let (resource, mode, role) = (floor.resource, floor.mode, floor.role);
                (
                    Command::OrgFloor {
                        org,
                        resource,
                        mode,
                        role,
                    },
                    write,
                )
            }
            OrgCommand::Create {
                org,
                parent,
                visibility,
                write,
            } => (
                Command::OrgCreate {
                    org,
                    parent,
                    visibility,
                },
                write,
            ),
            OrgCommand::Suspend { org, write } => (status(org, Status::Suspended), write),
            OrgCommand::Resume { org, write } => (status(org, Status::Active), write),
            OrgCommand::Visibility {
                org,
                visibility,
                write,
            } => (Command::OrgVisibility { org, visibility }, write),
            OrgCommand::Parent {
                org,
                parent,
                unset: _,
                write,
            } => (Command::OrgParent { org, parent }, write),
        }
    }
}

impl From<MemberCommand> for Asked {
    fn from(command: MemberCommand) -> Self {
        match command {
            MemberCommand::Add {
                org,
                subject,
                role,
                expires,
                write,
            } => (
                Command::MemberAdd {
                    org,
                    subject,
                    role,
                    expires,
                },
                write,
            ),
            MemberCommand::Remove {
                org,
                subject,
                role,
                write,
            } => (Command::MemberRemove { org, subject, role }, write),
        }
    }
}

impl From<SubjectCommand> for Asked {
    fn from(command: SubjectCommand) -> Self {
        let status = |subject, status| Command::SubjectStatus { subject, status };
        match command {
            SubjectCommand::Suspend { subject, write } => {
                (status(subject, Status::Suspended), write)
            }
            SubjectCommand::Resume { subject, write } => (status(subject, Status::Active), write),
            SubjectCommand::Kind {
                subject,
                kind,
                write,
            } => (Command::SubjectKind { subject, kind }, write),
            SubjectCommand::DefaultOrg {
                subject,
                org,
                unset: _,
                write,
            } => (Command::SubjectDefaultOrg { subject, org }, write),
        }
    }
}

impl From<RoleCommand> for Asked {
    fn from(command: RoleCommand) -> Self {
        match command {
            RoleCommand::Define {
                role: name,
                org,
                level,
                grants,
                include,
                write,
            } => (
                Command::RoleDefine {
                    org,
                    name,
                    level,
                    grants,
                    include,
                },
                write,
            ),
        }
    }
}

impl From<ResourceCommand> for Asked {
    fn from(command: ResourceCommand) -> Self {
        match command {
            ResourceCommand::Define {
                resource,
                actions,
                write,
            } => (Command::ResourceDefine { resource, actions }, write),
        }
    }
}
