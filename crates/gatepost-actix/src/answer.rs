//! A refusal as actix sends it.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use bytes::Bytes;
use gatepost::Denial;
use gatepost_enforce::{Answer, HeaderField};

/// The denial that a response was made of, in its extensions: for logs, metrics and tests.
#[derive(Clone, Debug)]
pub struct DeniedResponse(pub Arc<Denial>);

pub(crate) fn denied(answer: Answer, denial: impl Into<Arc<Denial>>) -> HttpResponse {
    let mut response = send(answer);
    response
        .extensions_mut()
        .insert(DeniedResponse(denial.into()));
    response
}

pub(crate) fn send(answer: Answer) -> HttpResponse {
    // Every status of a code is one; should that ever fail, it fails closed.
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::with_body(status, answer.body).map_into_boxed_body();
    let headers = response.headers_mut();
    for (field, value) in answer.headers.into_values() {
        let value = match value {
            Cow::Borrowed(text) => {
                HeaderValue::from_maybe_shared(Bytes::from_static(text.as_bytes()))
            }
            Cow::Owned(text) => HeaderValue::from_maybe_shared(Bytes::from(text)),
        };
        // One that cannot stand in a header is left out.
        if let Ok(value) = value {
            headers.insert(name(field), value);
        }
    }
    response
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
