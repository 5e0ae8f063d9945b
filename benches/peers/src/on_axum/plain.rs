//! Layers that decide nothing.

use std::task::{Context, Poll};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tower_layer::Layer;
use tower_service::Service;

use crate::contest::spin;

/// Calls the next service.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoOpLayer;

/// What [`NoOpLayer`] makes.
#[derive(Debug, Clone)]
pub(super) struct NoOp<S>(S);

impl<S> Layer<S> for NoOpLayer {
    type Service = NoOp<S>;

    fn layer(&self, inner: S) -> NoOp<S> {
        NoOp(inner)
    }
}

impl<R, S: Service<R>> Service<R> for NoOp<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.0.call(request)
    }
}

/// Spins and calls the next service.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpinLayer;

/// What [`SpinLayer`] makes.
#[derive(Debug, Clone)]
pub(super) struct Spin<S>(S);

impl<S> Layer<S> for SpinLayer {
    type Service = Spin<S>;

    fn layer(&self, inner: S) -> Spin<S> {
        Spin(inner)
    }
}

impl<R, S: Service<R>> Service<R> for Spin<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        spin();
        self.0.call(request)
    }
}

/// The same as a function, for `from_fn`.
pub(super) async fn pass(request: Request, next: Next) -> Response {
    next.run(request).await
}
