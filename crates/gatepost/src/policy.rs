//! The policy document: one serde model, written in TOML or JSON.
//!
//! The model only says what may stand where. What the names in it mean to each
//! other is checked when it is compiled into a [`Snapshot`](crate::Snapshot).

mod error;
mod locate;
mod moment;
#[cfg(feature = "schema")]
mod schema;
mod strict;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::vocabulary::{Access, Kind, OrgSwitch, SiteSwitch, Status, Visibility};

pub use error::{KeyPath, PolicyError, Problem};
pub(crate) use moment::moment;
use moment::present_moment;
use strict::{present, present_table, present_word, unique_keys, unique_tables};
pub(crate) use strict::{table, word};
pub use text::{PolicyFormat, PolicyText};

/// The format's version that this library reads and writes.
pub const FORMAT_VERSION: i64 = 1;

/// A whole deployment: resources, the site's gates and roles, orgs and subjects.
///
/// Keys that are not named here are refused, and so is `null`.
///
/// ```
/// use gatepost::{PolicyText, Snapshot};
///
/// let text = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n");
/// let document = text.parse()?;
/// assert_eq!(document.resources["chat"], ["read"]);
/// # Ok::<(), gatepost::PolicyError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PolicyDocument {
    /// The version of the format: 1.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(required, range(min = 1, max = 1)))]
    pub version: Option<i64>,
    /// Every resource and its actions.
    #[serde(
        default,
        deserialize_with = "unique_keys",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub resources: BTreeMap<String, Vec<String>>,
    /// The site's tier.
    #[serde(
        default,
        deserialize_with = "table",
        skip_serializing_if = "SiteDocument::is_empty"
    )]
    pub site: SiteDocument,
    /// The roles that a membership in any org can hold.
    #[serde(
        default,
        deserialize_with = "unique_tables",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub org_roles: BTreeMap<String, OrgRoleDocument>,
    /// The orgs.
    #[serde(
        default,
        deserialize_with = "unique_tables",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub orgs: BTreeMap<String, OrgDocument>,
    /// The subjects; one that is not named is active and has no roles.
    #[serde(
        default,
        deserialize_with = "unique_tables",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub subjects: BTreeMap<String, SubjectDocument>,
}

/// The site's tier of a [`PolicyDocument`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SiteDocument {
    /// The site's gate of each resource; a resource without one is switched off.
    #[serde(
        default,
        deserialize_with = "unique_tables",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub gates: BTreeMap<String, SiteGateDocument>,
    /// The roles that a subject can hold on the site.
    #[serde(
        default,
        deserialize_with = "unique_tables",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub roles: BTreeMap<String, SiteRoleDocument>,
}

impl SiteDocument {
    fn is_empty(&self) -> bool {
        self.gates.is_empty() && self.roles.is_empty()
    }
}

/// The site's gate of one resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SiteGateDocument {
    /// Absent: `off`.
    #[serde(
        default,
        deserialize_with = "present_word",
        skip_serializing_if = "Option::is_none"
    )]
    pub switch: Option<SiteSwitch>,
    /// Absent: `granted`.
    #[serde(
        default,
        deserialize_with = "present_word",
        skip_serializing_if = "Option::is_none"
    )]
    pub access: Option<Access>,
    /// The actions that the gate governs; absent: all of the resource.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub actions: Option<Vec<String>>,
    /// Work that the caller waits for.
    #[serde(
        default,
        deserialize_with = "present_table",
        skip_serializing_if = "Option::is_none"
    )]
    pub foreground: Option<SiteModeDocument>,
    /// Work that is queued.
    #[serde(
        default,
        deserialize_with = "present_table",
        skip_serializing_if = "Option::is_none"
    )]
    pub background: Option<SiteModeDocument>,
}

/// One mode of a site's gate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SiteModeDocument {
    /// Absent: `opt-out`.
    #[serde(
        default,
        deserialize_with = "present_word",
        skip_serializing_if = "Option::is_none"
    )]
    pub switch: Option<SiteSwitch>,
    /// The lowest role of `org_roles` that may run the mode anywhere, or `everyone`; absent: `everyone`.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub floor: Option<String>,
    /// What holds in an org that sets no `min_role`; absent: the floor.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub default: Option<String>,
}

/// A role on the site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SiteRoleDocument {
    /// What it grants and denies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
    /// Whether its grants reach into every org.
    #[serde(default, skip_serializing_if = "is_false")]
    pub all_orgs: bool,
}

/// A role in an org.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OrgRoleDocument {
    /// Its place on the ladder that the modes' floors compare with: 0 to 2147483647.
    /// Only `anyone` may leave it out; it has level 0.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 2_147_483_647)))]
    pub level: Option<i64>,
    /// What it grants and denies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
    /// Other org roles whose grants it has as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
}

/// An org.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OrgDocument {
    /// The org that it lies under.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub parent: Option<String>,
    /// Absent: `private`.
    #[serde(
        default,
        deserialize_with = "present_word",
        skip_serializing_if = "Option::is_none"
    )]
    pub visibility: Option<Visibility>,
    /// Absent: `active`.
    #[serde(
        default,
        deserialize_with = "present_word",
        skip_serializing_if = "Option::is_none"
    )]
    pub status: Option<Status>,
    /// What the org says at its post of each gate.
    #[serde(
        default,
        deserialize_with = "unique_tables",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub gates: BTreeMap<String, OrgGateDocument>,
    /// Roles of its own.
    #[serde(
        default,
        deserialize_with = "unique_tables",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub roles: BTreeMap<String, OrgRoleDocument>,
    /// Its members.
    #[serde(
        default,
        deserialize_with = "unique_tables",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub members: BTreeMap<String, MemberDocument>,
}

/// What an org says at its post of one gate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OrgGateDocument {
    /// Absent: the org has not said.
    #[serde(
        default,
        deserialize_with = "present_word",
        skip_serializing_if = "Option::is_none"
    )]
    pub switch: Option<OrgSwitch>,
    /// Work that the caller waits for.
    #[serde(
        default,
        deserialize_with = "present_table",
        skip_serializing_if = "Option::is_none"
    )]
    pub foreground: Option<OrgModeDocument>,
    /// Work that is queued.
    #[serde(
        default,
        deserialize_with = "present_table",
        skip_serializing_if = "Option::is_none"
    )]
    pub background: Option<OrgModeDocument>,
}

/// What an org says of one mode.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OrgModeDocument {
    /// Absent: the org has not said.
    #[serde(
        default,
        deserialize_with = "present_word",
        skip_serializing_if = "Option::is_none"
    )]
    pub switch: Option<OrgSwitch>,
    /// The lowest role of `org_roles` that may run the mode here, or `everyone`.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub min_role: Option<String>,
}

/// A subject's membership in an org.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MemberDocument {
    /// The roles held; one that nothing defines grants nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The moment at which the membership is over.
    #[serde(
        default,
        deserialize_with = "present_moment",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires: Option<Timestamp>,
}

/// A subject.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SubjectDocument {
    /// Absent: `user`.
    #[serde(
        default,
        deserialize_with = "present_word",
        skip_serializing_if = "Option::is_none"
    )]
    pub kind: Option<Kind>,
    /// Absent: `active`.
    #[serde(
        default,
        deserialize_with = "present_word",
        skip_serializing_if = "Option::is_none"
    )]
    pub status: Option<Status>,
    /// The site roles held; one that nothing defines grants nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub site_roles: Vec<String>,
    /// Where the subject works when a request names no org.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_org: Option<String>,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde calls"
)]
fn is_false(value: &bool) -> bool {
    !*value
}
