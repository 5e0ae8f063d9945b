//! A refusal as an HTTP response.

use std::sync::Arc;

use gatepost::{DecisionId, Denial};
use gatepost_enforce::{Answer, Answers};
use http::{HeaderName, HeaderValue, Response, StatusCode};

/// The denial that a response was made of, in its extensions: for logs, metrics and tests.
#[derive(Clone, Debug)]
pub struct DeniedResponse(pub Arc<Denial>);

/// Sends an answer.
///
/// ```
/// use gatepost::{Code, Denial};
/// use gatepost_enforce::Answers;
/// use gatepost_tower::response;
///
/// let denial = Denial::new(Code::OrgOff);
/// let answer = Answers::default().denied_in(&denial, gatepost::Language::ENGLISH);
/// let response = response::<Vec<u8>>(answer, denial);
/// assert_eq!(response.status(), 403);
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// ```
pub fn response<B: From<Vec<u8>>>(answer: Answer, denial: Denial) -> Response<B> {
    let mut response = send(answer);
    response
        .extensions_mut()
        .insert(DeniedResponse(Arc::new(denial)));
    response
}

/// Answers that there is no such object: the bytes of a hidden denial, where the service has no body of its own.
pub fn not_found<B: From<Vec<u8>>>(decision: DecisionId) -> Response<B> {
    send(Answers::default().not_found(decision))
}

/// Sends an answer of which there is no denial to tell.
pub fn send<B: From<Vec<u8>>>(answer: Answer) -> Response<B> {
    let mut response = Response::new(B::from(answer.body));
    // Every status of a code is one; should that ever fail, it fails closed.
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        let value = HeaderValue::try_from(&*value);
        if let Ok(value) = value {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// What a probe gets where it came to a requirement, or to a public route: no content.
pub fn probed<B: From<Vec<u8>>>() -> Response<B> {
    bare(StatusCode::NO_CONTENT)
}

/// A status and nothing else.
pub(crate) fn bare<B: From<Vec<u8>>>(status: StatusCode) -> Response<B> {
    let mut response = Response::new(B::from(Vec::new()));
    *response.status_mut() = status;
    response
}
