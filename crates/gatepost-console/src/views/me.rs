//! What the one who asks may see in the console.

use serde::Serialize;
use utoipa::ToSchema;

/// Who asks, and where the console has something for it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Me)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own, decided by itself"
)]
pub(crate) struct MeView {
    /// Who asks.
    pub(crate) subject: String,
    /// For whom it acts, if for anyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acting_for: Option<String>,
    /// Whether it may read what the site says.
    pub(crate) may_read_site: bool,
    /// Whether it may change that.
    pub(crate) may_update_site: bool,
    /// Whether it may read the site-wide audit log.
    pub(crate) may_audit_site: bool,
    /// The orgs that it is directly a member of; the first 200 by id.
    pub(crate) orgs: Vec<MeOrgView>,
    /// How many there are.
    pub(crate) org_count: usize,
    /// Whether it came by a session of the console's own, which it can end.
    pub(crate) can_log_out: bool,
}

/// An org of the one who asks.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MeOrg)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own, decided by itself"
)]
pub(crate) struct MeOrgView {
    /// Its id.
    pub(crate) org: String,
    /// The roles that are held there.
    pub(crate) roles: Vec<String>,
    /// Whether the org may be read.
    pub(crate) may_read: bool,
    /// Whether the org may be changed.
    pub(crate) may_update: bool,
    /// Whether its audit log may be read.
    pub(crate) may_audit: bool,
}
