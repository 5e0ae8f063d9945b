//! Roles.

use serde::Serialize;
use utoipa::ToSchema;

use super::LastChangeView;

/// A role on the site.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SiteRole)]
pub(crate) struct SiteRoleView {
    /// Its name.
    pub(crate) name: String,
    /// What it grants and denies.
    pub(crate) grants: Vec<String>,
    /// Whether its grants reach into every org.
    pub(crate) all_orgs: bool,
    /// Who last changed it, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_change: Option<LastChangeView>,
}

/// A role in orgs, or an org's own.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrgRole)]
pub(crate) struct OrgRoleView {
    /// Its name.
    pub(crate) name: String,
    /// Its level; only `anyone` has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<i64>,
    /// What it grants and denies.
    pub(crate) grants: Vec<String>,
    /// The roles whose grants it has as well.
    pub(crate) include: Vec<String>,
    /// The org that defines it; absent of a role that means the same everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) org: Option<String>,
    /// Who last changed it, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_change: Option<LastChangeView>,
}
