//! The middleware around a scope that is public.

use std::future::{Ready, ready};

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use futures_util::FutureExt;
use futures_util::future::{Either, Map};
use gatepost_enforce::Met;

use crate::route::Passed;
use crate::watched;

/// Lets everything through, and says that this is meant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Public;

/// A service that is public.
#[derive(Debug)]
pub(crate) struct PublicService<S> {
    service: S,
}

impl<S, B> Transform<S, ServiceRequest> for Public
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Transform = PublicService<S>;
    type InitError = ();
    type Future = Ready<Result<PublicService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(PublicService { service }))
    }
}

type Answered<B> = Result<ServiceResponse<B>, Error>;

impl<S, B> Service<ServiceRequest> for PublicService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future =
        Either<Map<S::Future, fn(Answered<B>) -> Answered<BoxBody>>, Ready<Answered<BoxBody>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        // Nor does a handler here see the permit of a scope around it.
        Passed::forget(request.request());
        if watched::meet(request.request(), Met::Public) {
            return Either::Right(ready(Ok(watched::answer_around(request))));
        }
        let boxed: fn(Answered<B>) -> Answered<BoxBody> =
            |answered| Ok(answered?.map_into_boxed_body());
        Either::Left(self.service.call(request).map(boxed))
    }
}
