//! A refusal as actix sends it.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use gatepost::Denial;
use gatepost_enforce::Answer;

/// The denial that a response was made of, in its extensions: for logs, metrics and tests.
#[derive(Clone, Debug)]
pub struct DeniedResponse(pub Arc<Denial>);

pub(crate) fn denied(answer: Answer, denial: Denial) -> HttpResponse {
    let mut response = send(answer);
    response
        .extensions_mut()
        .insert(DeniedResponse(Arc::new(denial)));
    response
}

pub(crate) fn send(answer: Answer) -> HttpResponse {
    // Every status of a code is one; should that ever fail, it fails closed.
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::with_body(status, answer.body).map_into_boxed_body();
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}
