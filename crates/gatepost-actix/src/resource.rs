//! A path, and its methods behind their requirements.

use std::fmt;

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::Method;
use actix_web::{FromRequest, Handler, Resource, Responder, web};
use gatepost::Requirement;

use crate::gated::Gated;

/// A path, and its methods behind their requirements; made by [`Gated::resource`].
///
/// It is a service for [`App::service`](actix_web::App::service) and its like. A method that it does not
/// have is answered 405, as by any resource of actix. It takes no route that has neither a requirement nor
/// says why it is public:
///
/// ```compile_fail
/// # use actix_web::{App, web};
/// # use gatepost_actix::Gated;
/// # async fn plain() -> &'static str { "plain" }
/// # fn mount(gate: &Gated) {
/// let app = App::new().service(gate.resource("/chats").route(web::get().to(plain)));
/// # }
/// ```
///
/// ```
/// # use actix_web::{App, http::Method};
/// # use gatepost_actix::Gated;
/// # async fn plain() -> &'static str { "plain" }
/// # fn mount(gate: &Gated) {
/// let app = App::new().service(gate.resource("/chats").public(Method::GET, "for everybody", plain));
/// # }
/// ```
#[must_use = "a resource serves nothing until it is given to `.service(..)`"]
pub struct GatedResource {
    gated: Gated,
    path: String,
    resource: Resource,
}

impl GatedResource {
    pub(crate) fn new(gated: Gated, path: &str) -> Self {
        Self {
            gated,
            path: path.to_owned(),
            resource: web::resource(path),
        }
    }

    /// A name, for [`HttpRequest::url_for`](actix_web::HttpRequest::url_for).
    pub fn name(mut self, name: &str) -> Self {
        self.resource = self.resource.name(name);
        self
    }

    /// A `GET` route; it answers `HEAD` as well, by the same requirement.
    #[track_caller]
    pub fn get<F, Args>(self, requirement: Requirement, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::GET, requirement, handler)
    }

    /// A `POST` route.
    #[track_caller]
    pub fn post<F, Args>(self, requirement: Requirement, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::POST, requirement, handler)
    }

    /// A `PUT` route.
    #[track_caller]
    pub fn put<F, Args>(self, requirement: Requirement, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::PUT, requirement, handler)
    }

    /// A `PATCH` route.
    #[track_caller]
    pub fn patch<F, Args>(self, requirement: Requirement, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::PATCH, requirement, handler)
    }

    /// A `DELETE` route.
    #[track_caller]
    pub fn delete<F, Args>(self, requirement: Requirement, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::DELETE, requirement, handler)
    }

    /// A route for a method.
    #[track_caller]
    pub fn on<F, Args>(mut self, method: Method, requirement: Requirement, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = self.gated.sealed(method, requirement, handler);
        self.resource = self.resource.route(route);
        self
    }

    /// A route without a requirement, and why it needs none.
    ///
    /// Its handler sees no permit, not even that of a scope around it.
    #[track_caller]
    pub fn public<F, Args>(mut self, method: Method, why: &str, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = self.gated.public(method, why, handler);
        self.resource = self.resource.route(route);
        self
    }
}

impl HttpServiceFactory for GatedResource {
    fn register(self, config: &mut AppService) {
        self.resource.register(config);
    }
}

impl fmt::Debug for GatedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatedResource")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
