//! What one writes by hand for one service: who asks, out of the extensions; a role, out of a map.
//!
//! It knows one org: the path is not looked at.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::future::Either;
use tower_layer::Layer;
use tower_service::Service;

use super::{create, user};
use crate::contest::{Contestant, Failure};
use crate::scene::{ROUTE, Role, Scene, UserId};

pub(super) fn contestant(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    let layer = GuardLayer(Arc::new(scene.roles()));
    let app = Router::new().route(ROUTE, post(create).layer(layer));
    super::contestant(name, scene, app, user(scene))
}

#[derive(Clone)]
struct GuardLayer(Arc<HashMap<String, Role>>);

#[derive(Clone)]
struct Guard<S> {
    roles: Arc<HashMap<String, Role>>,
    inner: S,
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        let roles = self.0.clone();
        Guard { roles, inner }
    }
}

impl<S: Service<Request, Response = Response>> Service<Request> for Guard<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<Response, S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let role = match request.extensions().get::<UserId>() {
            Some(UserId(id)) => self.roles.get(id),
            None => return Either::Right(ready(Ok(StatusCode::UNAUTHORIZED.into_response()))),
        };
        match role {
            Some(Role::Developer) => Either::Left(self.inner.call(request)),
            _ => Either::Right(ready(Ok(StatusCode::FORBIDDEN.into_response()))),
        }
    }
}
