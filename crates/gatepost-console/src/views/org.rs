//! Orgs: what they say, and what is effective there.

use gatepost::{OrgSwitch, SiteSwitch};
use serde::Serialize;
use utoipa::ToSchema;

use super::word::{OrgSwitchWord, SiteSwitchWord};
use super::{LastChangeView, OrgRoleView};

/// Orgs by id, with what is effective in each.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Orgs)]
pub(crate) struct OrgsView {
    /// The policy version.
    pub(crate) version: u64,
    /// The orgs.
    pub(crate) orgs: Vec<OrgRowView>,
    /// To be given as `after`, for the next ones; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
}

/// What is effective in an org.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrgRow)]
pub(crate) struct OrgRowView {
    /// Its id.
    pub(crate) org: String,
    /// The orgs above it, its parent first.
    pub(crate) above: Vec<String>,
    /// Whether it and every org above it take part.
    pub(crate) is_active: bool,
    /// The org that is suspended, where one on the path is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) suspended_by: Option<String>,
    /// Whether anybody may know that it exists: it and every org above it are public.
    pub(crate) is_public: bool,
    /// What is effective, for each resource.
    pub(crate) gates: Vec<GateView>,
}

/// What is effective of a resource in an org, and because of what.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Gate)]
pub(crate) struct GateView {
    /// The resource.
    pub(crate) resource: String,
    /// What the site says.
    #[schema(value_type = SiteSwitchWord)]
    pub(crate) site: SiteSwitch,
    /// Whether it is on in this org.
    pub(crate) is_on: bool,
    /// Why.
    pub(crate) because: BecauseView,
    /// Work that the caller waits for.
    pub(crate) foreground: ModeGateView,
    /// Work that is queued.
    pub(crate) background: ModeGateView,
}

/// What is effective of one mode in an org.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ModeGate)]
pub(crate) struct ModeGateView {
    /// What the site says.
    #[schema(value_type = SiteSwitchWord)]
    pub(crate) site: SiteSwitch,
    /// Whether the mode is on, given that the resource is.
    pub(crate) is_on: bool,
    /// Why.
    pub(crate) because: BecauseView,
    /// The lowest role that may run it, or `everyone`.
    pub(crate) floor: String,
    /// The level of that role.
    pub(crate) floor_level: i64,
    /// Why it is that one.
    pub(crate) floor_because: BecauseView,
}

/// Why something is as it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Because)]
pub(crate) struct BecauseView {
    /// The kind of reason: `site_off`, `site_on`, `org_off`, `org_on`, `opt_out`, `opt_in`; of a floor `site_floor`,
    /// `site_default`, `org`.
    pub(crate) why: String,
    /// The org whose word it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) org: Option<String>,
    /// In words: `off: closed by holding`.
    pub(crate) text: String,
}

/// An org: what it says itself, what is effective in it, its own roles.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Org)]
pub(crate) struct OrgView {
    /// The policy version.
    pub(crate) version: u64,
    /// Its id.
    pub(crate) org: String,
    /// What is effective in it.
    pub(crate) effective: OrgRowView,
    /// Whether it is itself suspended.
    pub(crate) is_suspended: bool,
    /// Whether it is itself public.
    pub(crate) is_public: bool,
    /// What it and each org above it say; itself first.
    pub(crate) says: Vec<OrgSaysView>,
    /// The orgs directly below it; the first 200 by id.
    pub(crate) below: Vec<String>,
    /// The roles that mean something here, the lowest first: those of every org, its own and those of orgs above it.
    pub(crate) roles: Vec<OrgRoleView>,
    /// The floors that may be set, for each resource.
    pub(crate) floors: Vec<FloorsView>,
    /// Who last changed the org itself: its status, visibility or place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_change: Option<LastChangeView>,
}

/// What one org says of gates.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrgSays)]
pub(crate) struct OrgSaysView {
    /// The org.
    pub(crate) org: String,
    /// What it says, of the resources of which it says anything.
    pub(crate) gates: Vec<SaidView>,
}

/// What an org says of one resource.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Said)]
pub(crate) struct SaidView {
    /// The resource.
    pub(crate) resource: String,
    /// The switch; absent where it is unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<OrgSwitchWord>)]
    pub(crate) switch: Option<OrgSwitch>,
    /// Work that the caller waits for.
    pub(crate) foreground: SaidModeView,
    /// Work that is queued.
    pub(crate) background: SaidModeView,
    /// Who last changed it, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_change: Option<LastChangeView>,
}

/// What an org says of one mode.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = SaidMode)]
pub(crate) struct SaidModeView {
    /// The switch; absent where it is unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<OrgSwitchWord>)]
    pub(crate) switch: Option<OrgSwitch>,
    /// The lowest role; absent where it is unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min_role: Option<String>,
}

/// The floors that an org may set for a resource: `everyone` and roles that every org has, none below the site's floor.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Floors)]
pub(crate) struct FloorsView {
    /// The resource.
    pub(crate) resource: String,
    /// For work that the caller waits for, the lowest first.
    pub(crate) foreground: Vec<String>,
    /// For work that is queued, the lowest first.
    pub(crate) background: Vec<String>,
}
