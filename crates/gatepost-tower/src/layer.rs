//! The layer that goes around one handler.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use gatepost::{Denial, Requirement};
use gatepost_enforce::{Begun, RouteError};
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::probed;
use crate::body::Lazy;
use crate::enforcer::Enforcer;
use crate::future::ResponseFuture;
use crate::route::Route;

/// Puts a requirement around a service: what it wraps is called for admitted requests alone.
///
/// An admitted request carries its [`Permit`](gatepost::Permit) in its
/// extensions, and its [`Entity`](crate::Entity) where one was loaded.
///
/// ```
/// use gatepost::{Gate, Org, PolicyText, Requirement, Subject, SubjectId};
/// use gatepost_tower::{Enforcer, RequireLayer, SourceError};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// const READ: Requirement = Requirement::new("chat", "read").org(Org::none());
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let policy = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n");
/// let nobody = |_: &http::request::Parts| -> Result<Option<Subject>, SourceError> { Ok(None) };
/// let enforcer = Enforcer::new(Gate::fixed(policy.compile(1)?), nobody);
/// let service = ServiceBuilder::new()
///     .layer(RequireLayer::new(&enforcer, READ)?)
///     .service_fn(|_: http::Request<http_body_util::Full<bytes::Bytes>>| async {
///         Ok::<_, std::convert::Infallible>(http::Response::new(http_body_util::Full::<bytes::Bytes>::from("never")))
///     });
/// let response = service.oneshot(http::Request::new(Default::default())).await?;
/// assert_eq!(response.status(), 401);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RequireLayer(pub(crate) Arc<Route>);

impl RequireLayer {
    /// Enforces a requirement.
    ///
    /// # Errors
    ///
    /// [`RouteError`] when no request could meet the requirement as it is meant, and when it is
    /// [bound](Requirement::bound): that takes a [`BoundLayer`](crate::BoundLayer).
    pub fn new(enforcer: &Enforcer, requirement: Requirement) -> Result<Self, RouteError> {
        if requirement.is_bound() {
            return Err(RouteError::NotBindable);
        }
        Ok(Self(Arc::new(Route::new(enforcer.clone(), requirement)?)))
    }

    /// Runs a handler behind the requirement: `run` is called for an admitted request alone.
    ///
    /// It is for adapters of frameworks whose handlers are always ready: there is no service to wrap, to clone
    /// and to ask first.
    pub fn run<B, A, F>(
        &self,
        request: Request<B>,
        run: impl FnOnce(Request<B>) -> F + Send + 'static,
    ) -> ResponseFuture<F, A, Infallible>
    where
        F: Future<Output = Result<Response<A>, Infallible>> + Send,
        B: Body + From<Bytes> + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        A: From<Vec<u8>>,
    {
        let (mut parts, body) = request.into_parts();
        match self.0.enter(&mut parts) {
            Entered::Admitted => ResponseFuture::inner(run(Request::from_parts(parts, body))),
            Entered::Answered(response) => ResponseFuture::ready(response),
            Entered::Waiting(begun) => {
                let route = self.0.clone();
                ResponseFuture::deciding(async move {
                    match finish(&route, begun, parts, body).await {
                        Ok(request) => run(request).await,
                        Err(refused) => Ok(refused.response(&route)),
                    }
                })
            }
        }
    }
}

/// How far a request came without anything being awaited.
enum Entered<A> {
    /// Its permit is in the extensions.
    Admitted,
    /// With a refusal, or as a probe is.
    Answered(Response<A>),
    Waiting(Begun),
}

impl Route {
    #[inline]
    fn enter<A: From<Vec<u8>>>(&self, parts: &mut Parts) -> Entered<A> {
        if self.is_probed(parts) {
            return Entered::Answered(probed());
        }
        match self.begin(parts) {
            Begun::Admitted => Entered::Admitted,
            Begun::Rejected(denial) => Entered::Answered(self.response(denial, parts)),
            begun @ (Begun::Unknown | Begun::Waiting(_)) => Entered::Waiting(begun),
        }
    }
}

/// A request that was refused when all was known.
struct Refused {
    denial: Denial,
    parts: Parts,
}

impl Refused {
    fn response<A: From<Vec<u8>>>(mut self, route: &Route) -> Response<A> {
        route.response(self.denial, &mut self.parts)
    }
}

/// Awaits what the decision needs, and gives the request for the handler.
async fn finish<B>(
    route: &Route,
    begun: Begun,
    mut parts: Parts,
    body: B,
) -> Result<Request<B>, Box<Refused>>
where
    B: Body + From<Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut body = Lazy::new(body);
    match route.finish(begun, &mut parts, &mut body).await {
        Ok(()) => {
            let body = body.into_body().unwrap_or_else(|| B::from(Bytes::new()));
            Ok(Request::from_parts(parts, body))
        }
        Err(denial) => Err(Box::new(Refused { denial, parts })),
    }
}

impl<S> Layer<S> for RequireLayer {
    type Service = Require<S>;

    fn layer(&self, inner: S) -> Require<S> {
        Require {
            route: self.0.clone(),
            inner,
        }
    }
}

/// A service behind its requirement; made by [`RequireLayer`].
#[derive(Clone, Debug)]
pub struct Require<S> {
    route: Arc<Route>,
    inner: S,
}

impl<S, B, A> Service<Request<B>> for Require<S>
where
    S: Service<Request<B>, Response = Response<A>> + Clone + Send + 'static,
    S::Future: Send,
    B: Body + From<Bytes> + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    A: From<Vec<u8>>,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, A, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        match self.route.enter(&mut parts) {
            Entered::Admitted => {
                ResponseFuture::inner(self.inner.call(Request::from_parts(parts, body)))
            }
            Entered::Answered(response) => ResponseFuture::ready(response),
            Entered::Waiting(begun) => {
                // The service that was polled ready is the one to call; its clone stays behind, not ready yet.
                let clone = self.inner.clone();
                let mut ready = std::mem::replace(&mut self.inner, clone);
                let route = self.route.clone();
                ResponseFuture::deciding(async move {
                    match finish(&route, begun, parts, body).await {
                        Ok(request) => ready.call(request).await,
                        Err(refused) => Ok(refused.response(&route)),
                    }
                })
            }
        }
    }
}
