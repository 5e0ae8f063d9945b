//! A subject.

use gatepost::{Kind, Status};
use serde::Serialize;
use utoipa::ToSchema;

use super::LastChangeView;
use super::word::{KindWord, StatusWord};

/// What the policy says of a subject; of one that it does not name, what that means.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Subject)]
pub(crate) struct SubjectView {
    /// The policy version.
    pub(crate) version: u64,
    /// Its id.
    pub(crate) subject: String,
    /// Whether the policy names it.
    pub(crate) is_named: bool,
    /// What it is, where the policy says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<KindWord>)]
    pub(crate) kind: Option<Kind>,
    /// Whether it takes part.
    #[schema(value_type = StatusWord)]
    pub(crate) status: Status,
    /// Its roles on the site.
    pub(crate) site_roles: Vec<String>,
    /// The org that it works in when a request names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default_org: Option<String>,
    /// Where it is a member, by org; the first 1000.
    pub(crate) memberships: Vec<SubjectOrgView>,
    /// How many memberships it has.
    pub(crate) membership_count: usize,
    /// Who last changed it, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_change: Option<LastChangeView>,
}

/// Where a subject is a member.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SubjectOrg)]
pub(crate) struct SubjectOrgView {
    /// The org.
    pub(crate) org: String,
    /// The roles that it holds there.
    pub(crate) roles: Vec<String>,
    /// The moment at which the membership is over, if ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub(crate) expires: Option<String>,
    /// Whether it is over.
    pub(crate) is_over: bool,
}
