//! Denials, sampled.

use serde::Serialize;
use utoipa::ToSchema;

/// Sampled denials, the newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Denials)]
pub(crate) struct DenialsView {
    /// The denials.
    pub(crate) denials: Vec<DenialView>,
    /// To be given as `before`, for the next older ones; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<u64>,
}

/// A denial that was noted. What a client named in it is whatever the client wrote, cut at 256 bytes.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NotedDenial)]
pub(crate) struct DenialView {
    /// Its number, by which there is an order.
    pub(crate) number: u64,
    /// When it was answered, by the clock of whoever answered it.
    #[schema(format = "date-time")]
    pub(crate) at: String,
    /// The code.
    pub(crate) code: String,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// For whom the subject acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acting_for: Option<String>,
    /// The org.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) org: Option<String>,
    /// What was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<String>,
    /// What was to be done with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<String>,
    /// How the work would have run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<String>,
    /// The route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) route: Option<String>,
    /// Who answered: the name of a replica.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) replica: Option<String>,
    /// The id of the decision, as the answer had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision: Option<String>,
    /// For how many alike it stands, itself included.
    pub(crate) times: u64,
}
