//! Path parameters as axum's router found them.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::extract::{FromRequestParts, RawPathParams};
use gatepost::Denial;
use gatepost_tower::PathParams;
use http::request::Parts;

/// Reads every path parameter, percent-decoded.
///
/// It goes by what the router bound to the route, not by the path's text, so a
/// `nest` that strips a prefix changes nothing.
pub(crate) fn path_params(request: &mut Parts) -> Result<PathParams, Denial> {
    let read = pin!(RawPathParams::from_request_parts(request, &()));
    // axum has them at hand: the future awaits nothing.
    match read.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(params)) => Ok(params.iter().collect()),
        Poll::Ready(Err(_)) => Err(Denial::bad_request("a path parameter is not UTF-8")),
        Poll::Pending => Err(Denial::new(gatepost::Code::PermitMissing)),
    }
}
