//! The middleware that says who asks before routes are chosen.

use std::fmt;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{Error, HttpMessage};
use futures_util::future::LocalBoxFuture;
use gatepost::{Denial, Subject};
use gatepost_enforce::{find_subject, load_subject};

use crate::head::Head;
use crate::source::SubjectSource;

/// Finds the subject of each request for the guards below it; made by [`Gated::identify`](crate::Gated::identify).
#[derive(Clone, Debug)]
pub struct Identify(pub(crate) SubjectSource);

/// Who asks, as guards find it in the request.
#[derive(Clone, Debug)]
pub(crate) struct Identified(pub(crate) Result<Option<Subject>, Arc<Denial>>);

impl<S, B> Transform<S, ServiceRequest> for Identify
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = IdentifyService<S>;
    type InitError = ();
    type Future = Ready<Result<IdentifyService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(IdentifyService {
            source: self.0.clone(),
            service: Rc::new(service),
        }))
    }
}

/// A service whose requests have been asked who sends them.
pub struct IdentifyService<S> {
    source: SubjectSource,
    service: Rc<S>,
}

impl<S> fmt::Debug for IdentifyService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentifyService").finish_non_exhaustive()
    }
}

impl<S, B> Service<ServiceRequest> for IdentifyService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<ServiceResponse<B>, Error>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (source, service) = (self.source.clone(), self.service.clone());
        Box::pin(async move {
            let asking = request.request();
            let subject = match &source {
                SubjectSource::Find(source) => find_subject(&**source, asking, &Head(asking)),
                SubjectSource::Load(source) => {
                    load_subject(async { source.load(asking).await }).await
                }
            };
            let identified = Identified(subject.map_err(|error| Arc::new(error.into_denial())));
            request.extensions_mut().insert(identified);
            service.call(request).await
        })
    }
}
