//! Where a request shows that something decides it.

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use gatepost::Requirement;
use gatepost_enforce::{Met, Watch};

/// Says what a request came to. True of a probe, which is to be answered at once.
pub(crate) fn meet(request: &HttpRequest, met: Met) -> bool {
    let extensions = request.extensions();
    extensions
        .get::<Watch>()
        .is_some_and(|watch| watch.meet(met))
}

/// Says that this requirement, which the request came to, refuses it.
pub(crate) fn refuse(request: &HttpRequest, by: &'static Requirement) {
    if let Some(watch) = request.extensions().get::<Watch>() {
        watch.refuse(by);
    }
}

/// The answer to a probe.
pub(crate) fn answer(request: ServiceRequest) -> ServiceResponse {
    request.into_response(HttpResponse::NoContent().finish())
}

/// In the answer to a probe: that it was met by what is around routes, which may have requirements of their own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around;

/// The answer to a probe from around routes.
pub(crate) fn answer_around(request: ServiceRequest) -> ServiceResponse {
    let mut answer = answer(request);
    answer.response_mut().extensions_mut().insert(Around);
    answer
}
