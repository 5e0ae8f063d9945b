//! A denial as an HTTP response.

use std::sync::Arc;

use gatepost::{DecisionId, Denial, PROBLEM_JSON, ProblemDocument};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

/// The denial that a response was made of, in its extensions: for logs, metrics and tests.
#[derive(Clone, Debug)]
pub struct DeniedResponse(pub Arc<Denial>);

/// Seconds after which a client may ask again what could not be answered.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// Answers with a denial or error, as a problem document (RFC 9457).
///
/// ```
/// use gatepost::{Code, Denial};
///
/// let response = gatepost_tower::response::<Vec<u8>>(Denial::new(Code::OrgOff), None);
/// assert_eq!(response.status(), 403);
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// ```
pub fn response<B: From<Vec<u8>>>(denial: Denial, challenge: Option<&HeaderValue>) -> Response<B> {
    let mut response = problem(denial.status(), denial.body());
    let headers = response.headers_mut();
    // RFC 9110 asks for the one, and its section 10.2.3 allows the other.
    match denial.status() {
        401 => {
            let challenge = challenge.cloned();
            let challenge = challenge.unwrap_or(HeaderValue::from_static("Bearer"));
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        503 => {
            headers.insert(RETRY_AFTER, RETRY_SECONDS);
        }
        _ => {}
    }
    response
        .extensions_mut()
        .insert(DeniedResponse(Arc::new(denial)));
    response
}

/// Answers that there is no such object: the bytes of a hidden denial.
pub fn not_found<B: From<Vec<u8>>>(decision: DecisionId) -> Response<B> {
    let document = ProblemDocument::not_found(decision);
    problem(document.status, document.to_json())
}

fn problem<B: From<Vec<u8>>>(status: u16, body: Vec<u8>) -> Response<B> {
    let mut response = Response::new(B::from(body));
    // Every status of a code is one; should that ever fail, it fails closed.
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
