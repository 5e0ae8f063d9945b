//! The changes that can be made to a policy, one at a time.

mod apply;
mod check;
mod refusal;
mod sentence;

use gatepost::{Access, Kind, Mode, OrgSwitch, SiteSwitch, Status, Timestamp, Visibility};
use serde::{Deserialize, Serialize};

pub(crate) use apply::{apply, org_path, unknown_org};
pub(crate) use check::check;
pub use refusal::{Fault, WriteRefusal};
pub(crate) use sentence::Shown;

/// One change of a policy, as an author asks for it and as the audit log keeps it.
///
/// Names and ids are texts here; they are checked when the change is planned. Shown, a command is the sentence
/// that a history shows.
///
/// ```
/// use gatepost::OrgSwitch;
/// use gatepost_store::Command;
///
/// let command = Command::OrgSwitch {
///     org: "acme".into(),
///     resource: "chat".into(),
///     mode: None,
///     to: Some(OrgSwitch::On),
/// };
/// assert_eq!(command.to_string(), "org acme: chat switched on");
/// let kept = serde_json::to_string(&command)?;
/// assert_eq!(kept, r#"{"command":"org_switch","org":"acme","resource":"chat","to":"on"}"#);
/// assert_eq!(serde_json::from_str::<Command>(&kept)?, command);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Command {
    /// Turns the site's switch of a resource, or of one of its modes.
    SiteSwitch {
        /// The resource.
        resource: String,
        /// The mode; without one, the resource's own switch is meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<Mode>,
        /// What it is turned to.
        to: SiteSwitch,
    },
    /// Says who passes the site's gate.
    SiteAccess {
        /// The resource.
        resource: String,
        /// Who passes.
        access: Access,
    },
    /// Says which actions the site's gate governs.
    SiteActions {
        /// The resource.
        resource: String,
        /// The actions; without a list, all of the resource.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        actions: Option<Vec<String>>,
    },
    /// Sets the lowest role that may run a mode anywhere.
    SiteFloor {
        /// The resource.
        resource: String,
        /// The mode.
        mode: Mode,
        /// A role of `org_roles` or `everyone`; without one, the floor is unset.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<String>,
    },
    /// Sets the floor of a mode in orgs that set none.
    SiteDefault {
        /// The resource.
        resource: String,
        /// The mode.
        mode: Mode,
        /// A role of `org_roles` or `everyone`; without one, the default is unset.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<String>,
    },
    /// Defines a site role, in place of one that is there.
    SiteRoleDefine {
        /// The role.
        name: String,
        /// What it grants and denies.
        grants: Vec<String>,
        /// Whether its grants reach into every org.
        #[serde(default)]
        all_orgs: bool,
    },
    /// Gives a subject a site role.
    SiteRoleAdd {
        /// The subject.
        subject: String,
        /// A role that is defined.
        role: String,
    },
    /// Takes a site role from a subject.
    SiteRoleRemove {
        /// The subject.
        subject: String,
        /// The role.
        role: String,
    },
    /// Declares a resource and its actions, in place of what is declared.
    ResourceDefine {
        /// The resource.
        resource: String,
        /// Every action that it has.
        actions: Vec<String>,
    },
    /// Defines a role of `org_roles` or an org's own, in place of one that is there.
    RoleDefine {
        /// The org whose own role it is; without one, it is a role of `org_roles`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<String>,
        /// The role.
        name: String,
        /// Its level; only `anyone` has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<i64>,
        /// What it grants and denies.
        #[serde(default)]
        grants: Vec<String>,
        /// The roles whose grants it has as well.
        #[serde(default)]
        include: Vec<String>,
    },
    /// Creates an org.
    OrgCreate {
        /// The org.
        org: String,
        /// The org that it lies under.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<String>,
        /// Who may know of it; without a word, its members.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        visibility: Option<Visibility>,
    },
    /// Suspends an org, or lets it take part again.
    OrgStatus {
        /// The org.
        org: String,
        /// Whether it takes part.
        status: Status,
    },
    /// Says who may know that an org exists.
    OrgVisibility {
        /// The org.
        org: String,
        /// Who may know.
        visibility: Visibility,
    },
    /// Moves an org under another one.
    OrgParent {
        /// The org.
        org: String,
        /// The org that it comes to lie under; without one, it lies under none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<String>,
    },
    /// Turns an org's switch of a resource, or of one of its modes.
    OrgSwitch {
        /// The org.
        org: String,
        /// The resource.
        resource: String,
        /// The mode; without one, the resource's own switch is meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<Mode>,
        /// What it is turned to; without a word, the org no longer says anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<OrgSwitch>,
    },
    /// Sets the lowest role that may run a mode in an org.
    OrgFloor {
        /// The org.
        org: String,
        /// The resource.
        resource: String,
        /// The mode.
        mode: Mode,
        /// A role of `org_roles` or `everyone`, not below the site's floor; without one, the floor is unset.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<String>,
    },
    /// Gives a subject a role in an org.
    ///
    /// The expiry is that of the whole membership. A new membership takes the one that is given. One in force
    /// keeps its own: to give it none is to leave it as it is, to give it another is refused. One that is over
    /// is no longer added to; with an expiry still to come, a new one with this role alone takes its place.
    MemberAdd {
        /// The org.
        org: String,
        /// The subject.
        subject: String,
        /// A role of `org_roles`, or an own one of the org or of an ancestor.
        role: String,
        /// The moment at which the membership is over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Timestamp>,
    },
    /// Takes a role in an org from a subject; with the last one, the membership.
    MemberRemove {
        /// The org.
        org: String,
        /// The subject.
        subject: String,
        /// The role.
        role: String,
    },
    /// Suspends a subject, or lets it take part again.
    SubjectStatus {
        /// The subject.
        subject: String,
        /// Whether it takes part.
        status: Status,
    },
    /// Says what a subject is.
    SubjectKind {
        /// The subject.
        subject: String,
        /// What it is.
        kind: Kind,
    },
    /// Sets the org that a subject works in when a request names none.
    SubjectDefaultOrg {
        /// The subject.
        subject: String,
        /// The org; without one, it is unset.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<String>,
    },
}

/// The tier of the policy that a command changes, and so whose say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach<'c> {
    /// The site's, by site grants alone.
    Site,
    /// This org's.
    Org(&'c str),
}

impl Command {
    /// The tier that it changes.
    pub(crate) fn reach(&self) -> Reach<'_> {
        match self {
            Self::SiteSwitch { .. }
            | Self::SiteAccess { .. }
            | Self::SiteActions { .. }
            | Self::SiteFloor { .. }
            | Self::SiteDefault { .. }
            | Self::SiteRoleDefine { .. }
            | Self::SiteRoleAdd { .. }
            | Self::SiteRoleRemove { .. }
            | Self::ResourceDefine { .. }
            | Self::RoleDefine { org: None, .. }
            | Self::OrgCreate { .. }
            | Self::OrgStatus { .. }
            | Self::OrgVisibility { .. }
            | Self::OrgParent { .. }
            | Self::SubjectStatus { .. }
            | Self::SubjectKind { .. }
            | Self::SubjectDefaultOrg { .. } => Reach::Site,
            Self::RoleDefine { org: Some(org), .. }
            | Self::OrgSwitch { org, .. }
            | Self::OrgFloor { org, .. }
            | Self::MemberAdd { org, .. }
            | Self::MemberRemove { org, .. } => Reach::Org(org),
        }
    }

    /// Whether it turns a switch off, which must work whatever else is broken.
    pub(crate) fn is_kill(&self) -> bool {
        matches!(
            self,
            Self::SiteSwitch {
                to: SiteSwitch::Off,
                ..
            } | Self::OrgSwitch {
                to: Some(OrgSwitch::Off),
                ..
            }
        )
    }
}

#[cfg(test)]
mod tests;
