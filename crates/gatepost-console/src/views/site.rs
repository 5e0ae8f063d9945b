//! What the site says.

use gatepost::{Access, SiteSwitch};
use serde::Serialize;
use utoipa::ToSchema;

use super::word::{AccessWord, SiteSwitchWord};
use super::{LastChangeView, OrgRoleView, SiteRoleView};

/// What the site says: resources with their gates, site roles, org roles.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Site)]
pub(crate) struct SiteView {
    /// The policy version.
    pub(crate) version: u64,
    /// The declared resources, by name.
    pub(crate) resources: Vec<SiteResourceView>,
    /// The site roles, by name.
    pub(crate) site_roles: Vec<SiteRoleView>,
    /// The roles that a membership in any org can hold, the lowest first.
    pub(crate) org_roles: Vec<OrgRoleView>,
}

/// A resource, and the site's gate of it as it counts: what is absent in the policy stands here as what it means.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SiteResource)]
pub(crate) struct SiteResourceView {
    /// Its name.
    pub(crate) resource: String,
    /// Its actions.
    pub(crate) actions: Vec<String>,
    /// The switch.
    #[schema(value_type = SiteSwitchWord)]
    pub(crate) switch: SiteSwitch,
    /// Who passes.
    #[schema(value_type = AccessWord)]
    pub(crate) access: Access,
    /// The actions that the gate governs, where it does not govern all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) governs: Option<Vec<String>>,
    /// Work that the caller waits for.
    pub(crate) foreground: SiteModeView,
    /// Work that is queued.
    pub(crate) background: SiteModeView,
    /// Who last changed the gate, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_change: Option<LastChangeView>,
}

/// One mode of a site's gate.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SiteMode)]
pub(crate) struct SiteModeView {
    /// The switch.
    #[schema(value_type = SiteSwitchWord)]
    pub(crate) switch: SiteSwitch,
    /// The lowest role that may run the mode anywhere, or `everyone`.
    pub(crate) floor: String,
    /// What holds in an org that sets none.
    pub(crate) default: String,
}
