//! The layer that goes around one handler whose whole request is bound to its permit.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use gatepost::{Permit, Requirement};
use gatepost_enforce::{LastWord, RouteError, permit_missing};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::{DeniedResponse, send};
use crate::bound::{Binding, BoundBody, Ending};
use crate::enforcer::Enforcer;
use crate::layer::{Require, RequireLayer};
use crate::route::Route;

/// As [`RequireLayer`], for requirements that are [bound](Requirement::bound): the handler and both bodies end
/// when the request would no longer be allowed.
///
/// The handler's request has a [`BoundBody`], and so has the response. One that is about to be sent is
/// answered with the denial; one that has begun ends with its last word: a stream of server-sent events with
/// the event `denied`, and any other is broken off.
#[derive(Clone, Debug)]
pub struct BoundLayer(RequireLayer);

impl BoundLayer {
    /// Enforces a requirement, and binds what it says is bound.
    ///
    /// # Errors
    ///
    /// [`RouteError`] when no request could meet the requirement as it is meant.
    pub fn new(enforcer: &Enforcer, requirement: Requirement) -> Result<Self, RouteError> {
        let route = Route::new(enforcer.clone(), requirement)?;
        Ok(Self(RequireLayer(Arc::new(route))))
    }
}

impl<S> Layer<S> for BoundLayer {
    type Service = Require<Bind<S>>;

    fn layer(&self, inner: S) -> Require<Bind<S>> {
        let route = self.0.0.clone();
        self.0.layer(Bind { route, inner })
    }
}

/// A service that is bound to the permits of its requests; made by [`BoundLayer`].
#[derive(Clone, Debug)]
pub struct Bind<S> {
    route: Arc<Route>,
    inner: S,
}

impl<S, B, A> Service<Request<B>> for Bind<S>
where
    S: Service<Request<BoundBody<B>>, Response = Response<A>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    B: Body,
    A: Body<Data = Bytes> + From<Vec<u8>> + Send + 'static,
{
    type Response = Response<BoundBody<A>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let Some(permit) = parts.extensions.get::<Permit>().cloned() else {
            let (method, path) = (parts.method.as_str(), parts.uri.path());
            let denial =
                permit_missing(method, path, "the permit that a route is bound to is gone");
            let response = self.route.response(denial, &mut parts);
            return Box::pin(ready(Ok(response)));
        };
        let is_head = parts.method == Method::HEAD;
        let Some(mut binding) = self.route.bind(&permit, &mut parts) else {
            let request = Request::from_parts(parts, BoundBody::free(body));
            let answering = self.inner.call(request);
            return Box::pin(async { Ok(answering.await?.map(BoundBody::free)) });
        };
        let (watch, route) = (parts.extensions.get().cloned(), self.route.clone());
        let body = binding.request(body, Ending::broken_off());
        let answering = self.inner.call(Request::from_parts(parts, body));
        Box::pin(async move {
            match binding.hold(answering).await {
                Ok(response) => Ok(bind(binding, response?, is_head)),
                Err(last_word) => {
                    route.refuse(watch.as_ref());
                    Ok(denied(&last_word))
                }
            }
        })
    }
}

/// The response with what is to be sent of it bound.
fn bind<A: Body>(binding: Binding, response: Response<A>, is_head: bool) -> Response<BoundBody<A>> {
    let is_without_body = matches!(
        response.status(),
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
    );
    if is_head || is_without_body {
        return response.map(BoundBody::free);
    }
    let (mut parts, body) = response.into_parts();
    let ending = if is_event_stream(&parts.headers) {
        // It may become longer.
        parts.headers.remove(CONTENT_LENGTH);
        Ending::event()
    } else {
        Ending::broken_off()
    };
    Response::from_parts(parts, binding.response(body, ending))
}

/// Whether an event can be put behind what is sent: text, and as it is.
fn is_event_stream(headers: &HeaderMap) -> bool {
    let essence = headers.get(CONTENT_TYPE).and_then(|value| {
        let essence = value.as_bytes().split(|&byte| byte == b';').next()?;
        Some(
            essence
                .trim_ascii()
                .eq_ignore_ascii_case(b"text/event-stream"),
        )
    });
    essence == Some(true) && !headers.contains_key(CONTENT_ENCODING)
}

fn denied<A: Body + From<Vec<u8>>>(last_word: &LastWord) -> Response<BoundBody<A>> {
    let mut response = send(last_word.answer().clone());
    response
        .extensions_mut()
        .insert(DeniedResponse(last_word.denial().clone()));
    response
}
