//! What one writes by hand for one service: who asks, out of the extensions; a role, out of a map.
//!
//! It knows one org: the path is not looked at.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::error::{ErrorForbidden, ErrorUnauthorized};
use actix_web::test::init_service;
use actix_web::{App, Error, HttpMessage};
use futures_util::future::Either;

use super::resource;
use crate::contest::{Contestant, Failure, now};
use crate::scene::{Role, Scene, UserId};

pub(super) fn contestant(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    let guarded = resource().wrap(Guard(Rc::new(scene.roles())));
    let app = now(init_service(App::new().service(guarded)))?;
    super::contestant(name, scene, app, scene.user())
}

struct Guard(Rc<HashMap<String, Role>>);

struct GuardService<S> {
    roles: Rc<HashMap<String, Role>>,
    inner: S,
}

impl<S, B> Transform<S, ServiceRequest> for Guard
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = GuardService<S>;
    type InitError = ();
    type Future = Ready<Result<GuardService<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let roles = self.0.clone();
        ready(Ok(GuardService { roles, inner }))
    }
}

impl<S, B> Service<ServiceRequest> for GuardService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = Either<S::Future, Ready<Result<ServiceResponse<B>, Error>>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let role = match request.extensions().get::<UserId>() {
            Some(UserId(id)) => self.roles.get(id).copied(),
            None => return Either::Right(ready(Err(ErrorUnauthorized("who asks?")))),
        };
        match role {
            Some(Role::Developer) => Either::Left(self.inner.call(request)),
            _ => Either::Right(ready(Err(ErrorForbidden("not a developer")))),
        }
    }
}
