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
///
/// A prefix that names a parameter again binds it twice, and so does a router
/// that a handler asks again with the extensions of its own request. Which of
/// two values is meant is not guessed.
pub(crate) fn path_params(request: &mut Parts) -> Result<PathParams, Denial> {
    let read = pin!(RawPathParams::from_request_parts(request, &()));
    // axum has them at hand: the future awaits nothing.
    match read.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(params)) => {
            let differs = |(name, value)| {
                let mut others = params.iter();
                others.any(|(other, another)| other == name && another != value)
            };
            if params.iter().any(differs) {
                return Err(Denial::bad_request("a path parameter is given twice"));
            }
            Ok(params.iter().collect())
        }
        Poll::Ready(Err(_)) => Err(Denial::bad_request("a path parameter is not UTF-8")),
        Poll::Pending => Err(Denial::new(gatepost::Code::PermitMissing)),
    }
}
