//! The middleware that goes around a handler, a resource or a scope.

use std::fmt;
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use futures_util::future::LocalBoxFuture;
use gatepost_enforce::{Begun, Bond};
use pin_project_lite::pin_project;

use crate::bound::{Inside, within};
use crate::route::{Enforced, lazy};
use crate::watched;

/// Puts a requirement around a resource or a scope; made by [`Gated::require`](crate::Gated::require).
#[derive(Clone, Debug)]
pub struct Require {
    enforced: Arc<Enforced>,
    inside: Inside,
}

impl Require {
    pub(crate) fn new(enforced: Arc<Enforced>, inside: Inside) -> Self {
        Self { enforced, inside }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Require
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = RequireService<S, Either>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(RequireService::new(
            self.enforced.clone(),
            self.inside,
            service,
        )))
    }
}

/// [`Require`] around one handler, whose body is a boxed one already.
pub(crate) struct RequireHandler(pub(crate) Arc<Enforced>);

impl<S> Transform<S, ServiceRequest> for RequireHandler
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error> + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Transform = RequireService<S, Boxed>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(RequireService::new(
            self.0.clone(),
            Inside::Handler,
            service,
        )))
    }
}

/// How the bodies of answers and refusals become one type.
pub trait Bodies<B>: 'static {
    /// That type.
    type Body: MessageBody + 'static;

    /// The answer of the service inside.
    fn answer(inner: ServiceResponse<B>) -> ServiceResponse<Self::Body>;

    /// A refusal.
    fn refusal(refusal: ServiceResponse) -> ServiceResponse<Self::Body>;

    /// Either.
    fn either(either: ServiceResponse<EitherBody<B>>) -> ServiceResponse<Self::Body>;
}

/// Keeps the type of the service inside beside that of refusals.
#[derive(Debug)]
pub struct Either(());

impl<B: MessageBody + 'static> Bodies<B> for Either {
    type Body = EitherBody<B>;

    fn answer(inner: ServiceResponse<B>) -> ServiceResponse<EitherBody<B>> {
        inner.map_into_left_body()
    }

    fn refusal(refusal: ServiceResponse) -> ServiceResponse<EitherBody<B>> {
        refusal.map_into_right_body()
    }

    fn either(either: ServiceResponse<EitherBody<B>>) -> ServiceResponse<EitherBody<B>> {
        either
    }
}

/// Both are boxed.
#[derive(Debug)]
pub(crate) struct Boxed(());

impl Bodies<BoxBody> for Boxed {
    type Body = BoxBody;

    fn answer(inner: ServiceResponse) -> ServiceResponse {
        inner
    }

    fn refusal(refusal: ServiceResponse) -> ServiceResponse {
        refusal
    }

    fn either(either: ServiceResponse<EitherBody<BoxBody>>) -> ServiceResponse {
        either.map_body(|_, (EitherBody::Left { body } | EitherBody::Right { body })| body)
    }
}

/// A service behind its requirement.
pub struct RequireService<S, F> {
    enforced: Arc<Enforced>,
    inside: Inside,
    service: Rc<S>,
    bodies: PhantomData<fn() -> F>,
}

impl<S, F> RequireService<S, F> {
    fn new(enforced: Arc<Enforced>, inside: Inside, service: S) -> Self {
        Self {
            enforced,
            inside,
            service: Rc::new(service),
            bodies: PhantomData,
        }
    }
}

impl<S, F> fmt::Debug for RequireService<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireService").finish_non_exhaustive()
    }
}

impl<S, B, F> Service<ServiceRequest> for RequireService<S, F>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
    F: Bodies<B>,
{
    type Response = ServiceResponse<F::Body>;
    type Error = Error;
    type Future = ResponseFuture<S::Future, B, F>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        if self.enforced.meet(request.request()) {
            let answer = match self.inside {
                Inside::Handler => watched::answer(request),
                Inside::Routes => watched::answer_around(request),
            };
            return ResponseFuture {
                state: State::Ready {
                    response: Some(F::refusal(answer)),
                },
                answers: PhantomData,
            };
        }
        let state = match self.enforced.begin(request.request()) {
            Begun::Admitted => match self.enforced.bond(request.request()) {
                Ok(None) => State::Inner {
                    future: self.service.call(request),
                },
                Err(denial) => {
                    let response = self.enforced.response(denial, request.request());
                    let refusal = F::refusal(request.into_response(response));
                    State::Ready {
                        response: Some(refusal),
                    }
                }
                Ok(Some(bond)) => State::Awaited {
                    future: Box::pin(bound::<_, _, F>(
                        bond,
                        request,
                        self.inside,
                        self.service.clone(),
                    )),
                },
            },
            Begun::Rejected(denial) => {
                let response = self.enforced.response(denial, request.request());
                let response = F::refusal(request.into_response(response));
                State::Ready {
                    response: Some(response),
                }
            }
            begun @ (Begun::Unknown | Begun::Waiting(_)) => {
                let (enforced, service) = (self.enforced.clone(), self.service.clone());
                let inside = self.inside;
                let future = async move {
                    let mut body = lazy(&mut request);
                    let decided = enforced.finish(begun, request.request(), &mut body);
                    match decided.await {
                        Ok(()) => {
                            request.set_payload(body.into_payload());
                            match enforced.bond(request.request()) {
                                Ok(None) => service.call(request).await.map(F::answer),
                                Ok(Some(bond)) => {
                                    bound::<_, _, F>(bond, request, inside, service).await
                                }
                                Err(denial) => {
                                    let response = enforced.response(denial, request.request());
                                    Ok(F::refusal(request.into_response(response)))
                                }
                            }
                        }
                        Err(denial) => {
                            let response = enforced.response(denial, request.request());
                            // What was not read of the payload goes with it, as after a handler that did not.
                            drop(body);
                            Ok(F::refusal(request.into_response(response)))
                        }
                    }
                };
                State::Awaited {
                    future: Box::pin(future),
                }
            }
        };
        ResponseFuture {
            state,
            answers: PhantomData,
        }
    }
}

async fn bound<S, B, F>(
    bond: Bond,
    request: ServiceRequest,
    inside: Inside,
    service: Rc<S>,
) -> Result<ServiceResponse<F::Body>, Error>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
    F: Bodies<B>,
{
    let response = within(bond, request, inside, |request| service.call(request));
    response.await.map(F::either)
}

pin_project! {
    /// The response of a service, or of the gate in front of it.
    ///
    /// A request that is decided without awaiting anything, and is not bound, costs no allocation here.
    pub struct ResponseFuture<S, B, F>
    where
        F: Bodies<B>,
    {
        #[pin]
        state: State<S, ServiceResponse<F::Body>>,
        answers: PhantomData<fn() -> B>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, R> {
        Inner { #[pin] future: S },
        Ready { response: Option<R> },
        Awaited { future: LocalBoxFuture<'static, Result<R, Error>> },
    }
}

impl<S, B, F> Future for ResponseFuture<S, B, F>
where
    S: Future<Output = Result<ServiceResponse<B>, Error>>,
    F: Bodies<B>,
{
    type Output = Result<ServiceResponse<F::Body>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Inner { future } => future.poll(context).map_ok(F::answer),
            // Polled again after its end, a future may do as it likes; this one waits for ever.
            StateProjection::Ready { response } => response
                .take()
                .map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            StateProjection::Awaited { future } => future.as_mut().poll(context),
        }
    }
}

impl<S, B, F: Bodies<B>> fmt::Debug for ResponseFuture<S, B, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
