//! The middleware that goes around a handler, a resource or a scope.

use std::fmt;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use futures_util::future::LocalBoxFuture;
use pin_project_lite::pin_project;

use crate::route::{Enforced, Start, lazy};

/// Puts a requirement around a resource or a scope; made by [`Gated::require`](crate::Gated::require).
#[derive(Clone, Debug)]
pub struct Require(pub(crate) Arc<Enforced>);

impl<S, B> Transform<S, ServiceRequest> for Require
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = RequireService<S>;
    type InitError = ();
    type Future = Ready<Result<RequireService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(RequireService {
            enforced: self.0.clone(),
            service: Rc::new(service),
        }))
    }
}

/// A service behind its requirement.
pub struct RequireService<S> {
    enforced: Arc<Enforced>,
    service: Rc<S>,
}

impl<S> fmt::Debug for RequireService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireService").finish_non_exhaustive()
    }
}

impl<S, B> Service<ServiceRequest> for RequireService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future, B>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let state = match self.enforced.begin(request.request()) {
            Start::Admitted => State::Inner {
                future: self.service.call(request),
            },
            Start::Rejected(denial) => {
                let response = self.enforced.response(*denial, request.request());
                let response = request.into_response(response).map_into_right_body();
                State::Ready {
                    response: Some(response),
                }
            }
            start @ (Start::Unknown | Start::Waiting(_)) => {
                let (enforced, service) = (self.enforced.clone(), self.service.clone());
                let future = async move {
                    let mut body = lazy(&mut request);
                    let decided = enforced.finish(start, request.request(), &mut body);
                    match decided.await {
                        Ok(()) => {
                            request.set_payload(body.into_payload());
                            let response = service.call(request).await?;
                            Ok(response.map_into_left_body())
                        }
                        Err(denial) => {
                            let response = enforced.response(denial, request.request());
                            // What was not read of the payload goes with it, as after a handler that did not.
                            drop(body);
                            Ok(request.into_response(response).map_into_right_body())
                        }
                    }
                };
                State::Deciding {
                    future: Box::pin(future),
                }
            }
        };
        ResponseFuture { state }
    }
}

pin_project! {
    /// The response of a service, or of the gate in front of it.
    ///
    /// A request that is decided without awaiting anything costs no allocation here.
    pub struct ResponseFuture<F, B> {
        #[pin]
        state: State<F, B>,
    }
}

type Decided<B> = Result<ServiceResponse<EitherBody<B>>, Error>;

pin_project! {
    #[project = StateProjection]
    enum State<F, B> {
        Inner { #[pin] future: F },
        Ready { response: Option<ServiceResponse<EitherBody<B>>> },
        Deciding { future: LocalBoxFuture<'static, Decided<B>> },
    }
}

impl<F, B> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = Decided<B>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Inner { future } => future
                .poll(context)
                .map_ok(ServiceResponse::map_into_left_body),
            // Polled again after its end, a future may do as it likes; this one waits for ever.
            StateProjection::Ready { response } => response
                .take()
                .map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            StateProjection::Deciding { future } => future.as_mut().poll(context),
        }
    }
}

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
