//! A handler behind its requirement.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use gatepost_tower::{BoundBody, BoundLayer, RequireLayer, ResponseFuture};
use pin_project_lite::pin_project;
use tower::util::ServiceExt;
use tower_layer::Layer;
use tower_service::Service;

/// A handler behind its requirement.
///
/// `Handler::layer` does the same for any layer. It cannot know that a handler is always ready, so it makes a
/// service of it, and carries request and service into a future that asks first: the way there costs more than
/// most of a decision.
#[derive(Clone)]
pub(crate) struct Behind<H> {
    require: RequireLayer,
    handler: H,
    /// Makes the boxes that axum clones a handler into, two a request, longer than 24 bytes. Boxes of up to
    /// that many are what a request takes most of: with these two glibc's cache of them runs over, and each
    /// request goes the long way through the allocator (measured: 2 in 100 of what it takes).
    _apart: [u64; 3],
}

const _: () = assert!(
    size_of::<Behind<()>>() > 24,
    "handlers are cloned into boxes that a request has too many of"
);

impl<H> Behind<H> {
    pub(crate) fn new(require: RequireLayer, handler: H) -> Self {
        Self {
            require,
            handler,
            _apart: [0; 3],
        }
    }
}

impl<H, T, S> Handler<T, S> for Behind<H>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    type Future = Answer<ResponseFuture<Always<H::Future>, Body, Infallible>>;

    fn call(self, request: Request, state: S) -> Self::Future {
        let Self {
            require, handler, ..
        } = self;
        let run = move |request| Always {
            future: handler.call(request, state),
        };
        Answer {
            future: require.run(request, run),
        }
    }
}

/// A handler behind a requirement that binds it.
#[derive(Clone)]
pub(crate) struct Bound<H> {
    pub(crate) bind: BoundLayer,
    pub(crate) handler: H,
}

impl<H, T, S> Handler<T, S> for Bound<H>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: S) -> Self::Future {
        let handler = self.handler.with_state(state);
        let handler =
            handler.map_request(|request: http::Request<BoundBody<Body>>| request.map(Body::new));
        let answering = self.bind.layer(handler).call(request);
        Box::pin(async move {
            let Ok(response) = answering.await;
            response.map(Body::new)
        })
    }
}

pin_project! {
    /// A handler's answer, as that of a service which never fails.
    pub struct Always<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Always<F> {
    type Output = Result<F::Output, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().future.poll(context).map(Ok)
    }
}

impl<F> fmt::Debug for Always<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Always").finish_non_exhaustive()
    }
}

pin_project! {
    /// The answer of a service that answers every request.
    pub struct Answer<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for Answer<F> {
    type Output = Response;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response> {
        let answered = self.project().future.poll(context);
        answered.map(|Ok(response)| response)
    }
}

impl<F> fmt::Debug for Answer<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}
