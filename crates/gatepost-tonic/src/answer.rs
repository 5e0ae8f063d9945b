//! An answer that no method gave.

use std::sync::Arc;

use gatepost::{Denial, Language};
use gatepost_tower::DeniedResponse;
use http::{Response, StatusCode};
use tonic::Status;
use tonic::body::Body;

use crate::status::status;

/// A response of headers alone ("trailers-only"), with the denial in its extensions.
pub(crate) fn denied(denial: impl Into<Arc<Denial>>, language: Language) -> Response<Body> {
    let denial = denial.into();
    let mut response = status(&denial.problem_in(language)).into_http();
    response.extensions_mut().insert(DeniedResponse(denial));
    response
}

/// The service does not have this method: a descriptor has said so.
pub(crate) fn unimplemented() -> Response<Body> {
    Status::unimplemented("").into_http()
}

/// What a probe gets where it came to a requirement, or to a public method: no content.
pub(crate) fn probed() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
