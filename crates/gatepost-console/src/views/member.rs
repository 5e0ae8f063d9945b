//! Members.

use gatepost::{Kind, Status};
use serde::Serialize;
use utoipa::ToSchema;

use super::LastChangeView;
use super::word::{KindWord, StatusWord};

/// Members of exactly one org, by id.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Members)]
pub(crate) struct MembersView {
    /// The policy version.
    pub(crate) version: u64,
    /// The org.
    pub(crate) org: String,
    /// The members; those of orgs above are members here too and stand there.
    pub(crate) members: Vec<MemberView>,
    /// To be given as `after`, for the next ones; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
}

/// A membership.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberView {
    /// The subject.
    pub(crate) subject: String,
    /// The roles that it holds.
    pub(crate) roles: Vec<String>,
    /// The moment at which the membership is over, if ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub(crate) expires: Option<String>,
    /// Whether it is over.
    pub(crate) is_over: bool,
    /// What the policy says the subject is, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<KindWord>)]
    pub(crate) kind: Option<Kind>,
    /// Whether the subject takes part.
    #[schema(value_type = StatusWord)]
    pub(crate) status: Status,
    /// Who last changed it, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_change: Option<LastChangeView>,
}
