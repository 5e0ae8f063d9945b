//! Transforms that decide nothing.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use actix_web::dev::{Service, ServiceRequest, Transform};

use crate::contest::spin;

/// Calls the next service.
pub(super) struct NoOp;

/// What [`NoOp`] makes.
pub(super) struct NoOpService<S>(S);

impl<S: Service<ServiceRequest>> Transform<S, ServiceRequest> for NoOp {
    type Response = S::Response;
    type Error = S::Error;
    type Transform = NoOpService<S>;
    type InitError = ();
    type Future = Ready<Result<NoOpService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(NoOpService(service)))
    }
}

impl<S: Service<ServiceRequest>> Service<ServiceRequest> for NoOpService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> S::Future {
        self.0.call(request)
    }
}

/// Spins and calls the next service.
pub(super) struct Spin;

/// What [`Spin`] makes.
pub(super) struct SpinService<S>(S);

impl<S: Service<ServiceRequest>> Transform<S, ServiceRequest> for Spin {
    type Response = S::Response;
    type Error = S::Error;
    type Transform = SpinService<S>;
    type InitError = ();
    type Future = Ready<Result<SpinService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(SpinService(service)))
    }
}

impl<S: Service<ServiceRequest>> Service<ServiceRequest> for SpinService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> S::Future {
        spin();
        self.0.call(request)
    }
}
