//! One of each command at least.

use gatepost::{Access, Kind, Mode, OrgSwitch, SiteSwitch, Status, Visibility};

use super::super::Command;
use super::{list, text};

/// Every command, its sentence and its tier.
#[allow(
    clippy::too_many_lines,
    reason = "one row for each command, side by side"
)]
pub(super) fn every() -> Vec<(Command, &'static str, bool)> {
    let (chat, acme, alice) = (|| text("chat"), || text("acme"), || text("alice"));
    let background = Some(Mode::Background);
    vec![
        (
            Command::SiteSwitch {
                resource: chat(),
                mode: None,
                to: SiteSwitch::Off,
            },
            "site: chat switched off",
            true,
        ),
        (
            Command::SiteSwitch {
                resource: chat(),
                mode: background,
                to: SiteSwitch::OptIn,
            },
            "site: chat#background switched opt-in",
            true,
        ),
        (
            Command::SiteAccess {
                resource: chat(),
                access: Access::Everyone,
            },
            "site: access to chat is everyone",
            true,
        ),
        (
            Command::SiteActions {
                resource: chat(),
                actions: Some(list(&["read", "create"])),
            },
            "site: the gate of chat governs read, create",
            true,
        ),
        (
            Command::SiteActions {
                resource: chat(),
                actions: Some(Vec::new()),
            },
            "site: the gate of chat governs nothing",
            true,
        ),
        (
            Command::SiteActions {
                resource: chat(),
                actions: None,
            },
            "site: the gate of chat governs every action",
            true,
        ),
        (
            Command::SiteFloor {
                resource: chat(),
                mode: Mode::Background,
                role: Some(text("developer")),
            },
            "site: floor of chat#background set to developer",
            true,
        ),
        (
            Command::SiteDefault {
                resource: chat(),
                mode: Mode::Foreground,
                role: None,
            },
            "site: default floor of chat#foreground unset",
            true,
        ),
        (
            Command::SiteRoleDefine {
                name: text("admin"),
                grants: list(&["*:*", "!chat:read#foreground@own"]),
                all_orgs: true,
            },
            "site: role admin defined, with *:*, !chat:read#foreground@own in all orgs",
            true,
        ),
        (
            Command::SiteRoleAdd {
                subject: alice(),
                role: text("admin"),
            },
            "site: alice given the role admin",
            true,
        ),
        (
            Command::SiteRoleRemove {
                subject: alice(),
                role: text("admin"),
            },
            "site: the role admin taken from alice",
            true,
        ),
        (
            Command::ResourceDefine {
                resource: chat(),
                actions: list(&["read"]),
            },
            "resource chat declared, with read",
            true,
        ),
        (
            Command::RoleDefine {
                org: None,
                name: text("guest"),
                level: Some(10),
                grants: list(&["chat:read"]),
                include: Vec::new(),
            },
            "org role guest defined at level 10, with chat:read",
            true,
        ),
        (
            Command::RoleDefine {
                org: Some(acme()),
                name: text("clerk"),
                level: Some(10),
                grants: Vec::new(),
                include: list(&["guest"]),
            },
            "org acme: own role clerk defined at level 10, with nothing, including guest",
            false,
        ),
        (
            Command::OrgCreate {
                org: acme(),
                parent: Some(text("holding")),
                visibility: Some(Visibility::Public),
            },
            "org acme created under holding, public",
            true,
        ),
        (
            Command::OrgStatus {
                org: acme(),
                status: Status::Suspended,
            },
            "org acme: suspended",
            true,
        ),
        (
            Command::OrgVisibility {
                org: acme(),
                visibility: Visibility::Private,
            },
            "org acme: private",
            true,
        ),
        (
            Command::OrgParent {
                org: acme(),
                parent: None,
            },
            "org acme: moved under no org",
            true,
        ),
        (
            Command::OrgSwitch {
                org: acme(),
                resource: chat(),
                mode: None,
                to: Some(OrgSwitch::On),
            },
            "org acme: chat switched on",
            false,
        ),
        (
            Command::OrgSwitch {
                org: acme(),
                resource: chat(),
                mode: background,
                to: None,
            },
            "org acme: switch of chat#background unset",
            false,
        ),
        (
            Command::OrgFloor {
                org: acme(),
                resource: chat(),
                mode: Mode::Background,
                role: Some(text("everyone")),
            },
            "org acme: floor of chat#background set to everyone",
            false,
        ),
        (
            Command::MemberAdd {
                org: acme(),
                subject: alice(),
                role: text("guest"),
                expires: Some("2027-01-01T00:00:00Z".parse().unwrap()),
            },
            "org acme: alice given the role guest until 2027-01-01T00:00:00Z",
            false,
        ),
        (
            Command::MemberRemove {
                org: acme(),
                subject: alice(),
                role: text("guest"),
            },
            "org acme: the role guest taken from alice",
            false,
        ),
        (
            Command::SubjectStatus {
                subject: alice(),
                status: Status::Suspended,
            },
            "subject alice: suspended",
            true,
        ),
        (
            Command::SubjectKind {
                subject: alice(),
                kind: Kind::Agent,
            },
            "subject alice: kind agent",
            true,
        ),
        (
            Command::SubjectDefaultOrg {
                subject: alice(),
                org: Some(acme()),
            },
            "subject alice: default org set to acme",
            true,
        ),
    ]
}
