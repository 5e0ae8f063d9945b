//! The gated service, as tonic serves it.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use gatepost::{Inventory, Language};
use gatepost_enforce::{Begun, Met, Watch, inventory, permit_missing};
use http::request::Parts;
use http::{Request, Response};
use tonic::body::Body;
use tonic::server::NamedService;
use tower_service::Service;

use crate::admitted::Called;
use crate::answer::{denied, probed, unimplemented};
use crate::methods::{Method, Methods};
use crate::route::{Route, forget_permit};

/// As every service that `tonic-prost-build` generates has it.
type Answering = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// A service behind the requirements of its methods; made by [`Gated::service`](crate::Gated::service).
///
/// It goes into `Server::add_service`. An interceptor that finds out who asks goes around it,
/// `InterceptedService::new(gated, interceptor)`, so that it has run before.
#[derive(Clone)]
pub struct GatedService<S> {
    inner: S,
    methods: Arc<Methods>,
}

impl<S> GatedService<S> {
    pub(crate) fn new(inner: S, methods: Methods) -> Self {
        Self {
            inner,
            methods: Arc::new(methods),
        }
    }

    /// The methods, each with what it requires or why it is public, and where it was registered:
    /// `POST /package.Service/Method`.
    pub fn routes(&self) -> Inventory {
        inventory(&self.methods.registered)
    }
}

impl<S: NamedService> NamedService for GatedService<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for GatedService<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        forget_permit(&mut parts);
        parts.extensions.insert(Called(parts.uri.clone()));
        let method = self.methods.by_path.get(parts.uri.path());
        if method.is_some_and(|method| method.is_probed(&parts)) {
            return ready(probed());
        }
        if method.is_none() {
            answer_without_a_method(&parts);
        }
        match method {
            Some(Method::Required(route)) => match route.begin(&mut parts) {
                Begun::Admitted => match go_on(route, &mut self.inner, parts, body) {
                    Either::Left(answering) => Box::pin(answering),
                    Either::Right(answering) => answering,
                },
                Begun::Rejected(denial) => ready(route.answer(denial, &parts)),
                begun @ (Begun::Unknown | Begun::Waiting(_)) => {
                    // The service that was polled ready is the one to call; its clone stays behind, not ready yet.
                    let clone = self.inner.clone();
                    let mut ready = std::mem::replace(&mut self.inner, clone);
                    let route = route.clone();
                    Box::pin(async move {
                        match route.finish(begun, &mut parts, body).await {
                            Ok(body) => go_on(&route, &mut ready, parts, body).await,
                            Err(denial) => Ok(route.answer(denial, &parts)),
                        }
                    })
                }
            },
            Some(Method::Public) => Box::pin(self.inner.call(Request::from_parts(parts, body))),
            None if self.methods.all => ready(unimplemented()),
            None => {
                let (method, path) = (parts.method.as_str(), parts.uri.path());
                let why = "the method has no requirement, and is not public";
                ready(denied(permit_missing(method, path, why), Language::ENGLISH))
            }
        }
    }
}

/// Calls the method of an admitted call, which is bound where its requirement says so.
fn go_on<S>(route: &Route, inner: &mut S, parts: Parts, body: Body) -> Either<S::Future, Answering>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    match route.bind(&parts) {
        Ok(None) => Either::Left(inner.call(Request::from_parts(parts, body))),
        Ok(Some(bound)) => {
            let request = Request::from_parts(parts, bound.request(body));
            Either::Right(Box::pin(bound.answer(inner.call(request))))
        }
        Err(denial) => Either::Right(ready(route.answer(denial, &parts))),
    }
}

/// Tells whoever watches a call that its answer is the gate's own, a status, for which no method runs: there is
/// nothing in it that a requirement could keep. A probe is told nothing, since there is no route that it came to.
fn answer_without_a_method(request: &Parts) {
    if let Some(watch) = request.extensions.get::<Watch>()
        && !watch.is_probe()
    {
        let _ = watch.meet(Met::Public);
    }
}

fn ready(response: Response<Body>) -> Answering {
    Box::pin(std::future::ready(Ok(response)))
}

impl<S> fmt::Debug for GatedService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatedService")
            .field("methods", &self.methods)
            .finish_non_exhaustive()
    }
}
