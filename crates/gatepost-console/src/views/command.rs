//! The commands of the store, as the document of the API tells them.
//!
//! What is read is the store's own command; a test compares the two.

use serde::Serialize;
use utoipa::ToSchema;

use super::word::{
    AccessWord, KindWord, ModeWord, OrgSwitchWord, SiteSwitchWord, StatusWord, VisibilityWord,
};

/// One change of a policy.
#[derive(Serialize, ToSchema)]
#[serde(tag = "command", rename_all = "snake_case")]
#[schema(as = Command)]
#[allow(dead_code, reason = "it is read as a schema alone")]
pub(crate) enum CommandSchema {
    /// Turns the site's switch of a resource, or of one of its modes.
    SiteSwitch {
        resource: String,
        mode: Option<ModeWord>,
        to: SiteSwitchWord,
    },
    /// Says who passes the site's gate.
    SiteAccess {
        resource: String,
        access: AccessWord,
    },
    /// Says which actions the site's gate governs; without a list, all of the resource.
    SiteActions {
        resource: String,
        actions: Option<Vec<String>>,
    },
    /// Sets the lowest role that may run a mode anywhere; without a role, it is unset.
    SiteFloor {
        resource: String,
        mode: ModeWord,
        role: Option<String>,
    },
    /// Sets the floor of a mode in orgs that set none; without a role, it is unset.
    SiteDefault {
        resource: String,
        mode: ModeWord,
        role: Option<String>,
    },
    /// Defines a site role, in place of one that is there.
    SiteRoleDefine {
        name: String,
        grants: Vec<String>,
        all_orgs: Option<bool>,
    },
    /// Gives a subject a site role.
    SiteRoleAdd { subject: String, role: String },
    /// Takes a site role from a subject.
    SiteRoleRemove { subject: String, role: String },
    /// Declares a resource and its actions, in place of what is declared.
    ResourceDefine {
        resource: String,
        actions: Vec<String>,
    },
    /// Defines a role of every org or an org's own, in place of one that is there.
    RoleDefine {
        org: Option<String>,
        name: String,
        level: Option<i64>,
        grants: Option<Vec<String>>,
        include: Option<Vec<String>>,
    },
    /// Creates an org.
    OrgCreate {
        org: String,
        parent: Option<String>,
        visibility: Option<VisibilityWord>,
    },
    /// Suspends an org, or lets it take part again.
    OrgStatus { org: String, status: StatusWord },
    /// Says who may know that an org exists.
    OrgVisibility {
        org: String,
        visibility: VisibilityWord,
    },
    /// Moves an org under another one; without one, it lies under none.
    OrgParent { org: String, parent: Option<String> },
    /// Turns an org's switch of a resource, or of one of its modes; without a word, it is unset.
    OrgSwitch {
        org: String,
        resource: String,
        mode: Option<ModeWord>,
        to: Option<OrgSwitchWord>,
    },
    /// Sets the lowest role that may run a mode in an org; without a role, it is unset.
    OrgFloor {
        org: String,
        resource: String,
        mode: ModeWord,
        role: Option<String>,
    },
    /// Gives a subject a role in an org.
    MemberAdd {
        org: String,
        subject: String,
        role: String,
        #[schema(format = "date-time")]
        expires: Option<String>,
    },
    /// Takes a role in an org from a subject; with the last one, the membership.
    MemberRemove {
        org: String,
        subject: String,
        role: String,
    },
    /// Suspends a subject, or lets it take part again.
    SubjectStatus { subject: String, status: StatusWord },
    /// Says what a subject is.
    SubjectKind { subject: String, kind: KindWord },
    /// Sets the org that a subject works in when a request names none; without one, it is unset.
    SubjectDefaultOrg {
        subject: String,
        org: Option<String>,
    },
}
