//! A refusal as an HTTP response.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use gatepost::{DecisionId, Denial};
use gatepost_enforce::{Answer, Answers, HeaderField, Headers};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

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
pub fn response<B: From<Vec<u8>>>(answer: Answer, denial: impl Into<Arc<Denial>>) -> Response<B> {
    let mut response = send(answer);
    response
        .extensions_mut()
        .insert(DeniedResponse(denial.into()));
    response
}

/// [`response`], in the room that the request's headers and extensions stood in: nothing of them stays.
pub(crate) fn response_in<B: From<Vec<u8>>>(
    parts: &mut Parts,
    answer: Answer,
    denial: Arc<Denial>,
) -> Response<B> {
    let mut headers = std::mem::take(&mut parts.headers);
    headers.clear();
    let mut extensions = std::mem::take(&mut parts.extensions);
    extensions.clear();
    let mut response = Response::new(B::from(answer.body));
    *response.status_mut() = status(answer.status);
    fill(&mut headers, answer.headers);
    *response.headers_mut() = headers;
    extensions.insert(DeniedResponse(denial));
    *response.extensions_mut() = extensions;
    response
}

/// Answers that there is no such object: the bytes of a hidden denial, where the service has no body of its own.
pub fn not_found<B: From<Vec<u8>>>(decision: DecisionId) -> Response<B> {
    send(Answers::default().not_found(decision))
}

/// Sends an answer of which there is no denial to tell.
pub fn send<B: From<Vec<u8>>>(answer: Answer) -> Response<B> {
    let mut response = Response::new(B::from(answer.body));
    *response.status_mut() = status(answer.status);
    fill(response.headers_mut(), answer.headers);
    response
}

/// Every status of a code is one; should that ever fail, it fails closed.
fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A value that cannot stand in a header is left out.
fn fill(headers: &mut HeaderMap, values: Headers) {
    for (field, value) in values.into_values() {
        let value = match value {
            Cow::Borrowed(text) => {
                HeaderValue::from_maybe_shared(Bytes::from_static(text.as_bytes()))
            }
            Cow::Owned(text) => HeaderValue::from_maybe_shared(Bytes::from(text)),
        };
        if let Ok(value) = value {
            headers.insert(name(field), value);
        }
    }
}

const fn name(field: HeaderField) -> HeaderName {
    match field {
        HeaderField::ContentType => header::CONTENT_TYPE,
        HeaderField::CacheControl => header::CACHE_CONTROL,
        HeaderField::Vary => header::VARY,
        HeaderField::Etag => header::ETAG,
        HeaderField::ContentLanguage => header::CONTENT_LANGUAGE,
        HeaderField::WwwAuthenticate => header::WWW_AUTHENTICATE,
        HeaderField::RetryAfter => header::RETRY_AFTER,
    }
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
