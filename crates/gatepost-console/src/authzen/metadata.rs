//! Where the endpoints are (section 10).

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde::Serialize;

use super::refusal::Refusal;
use super::{EVALUATION, EVALUATIONS, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT};
use crate::kept::Kept;

/// What stands between the host and the path (RFC 8615).
pub(super) const WELL_KNOWN: &str = "/.well-known/authzen-configuration";

#[derive(Serialize)]
struct Metadata {
    policy_decision_point: String,
    access_evaluation_endpoint: String,
    access_evaluations_endpoint: String,
    search_subject_endpoint: String,
    search_resource_endpoint: String,
    search_action_endpoint: String,
}

/// Answers where the endpoints are.
///
/// The identifier is what the world calls the console's place, and `https`; where the host has not said it there
/// is none, and none is guessed from what a request calls it.
pub(super) async fn metadata(State(kept): State<Kept>) -> Result<Response, Refusal> {
    let origin = kept.base.origin().filter(|_| kept.base.is_https());
    let origin = origin.ok_or_else(|| Refusal::not_found("the public URL is not known here"))?;
    let place = format!("{origin}{}", kept.base.path());
    let at = |path: &str| format!("{place}{path}");
    let metadata = Metadata {
        access_evaluation_endpoint: at(EVALUATION),
        access_evaluations_endpoint: at(EVALUATIONS),
        search_subject_endpoint: at(SEARCH_SUBJECT),
        search_resource_endpoint: at(SEARCH_RESOURCE),
        search_action_endpoint: at(SEARCH_ACTION),
        policy_decision_point: place,
    };
    let mut response = Json(metadata).into_response();
    let kept_for = HeaderValue::from_static("public, max-age=300");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, kept_for);
    Ok(response)
}
