//! The router.

use std::borrow::Cow;
use std::collections::HashSet;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use gatepost::{Catalogue, Gate, ProblemDocument, Requirement};
use gatepost_enforce::{SetupError, SetupProblem};
use gatepost_tower::{
    BoundLayer, Enforcer, EntityLoader, FindSubject, LoadSubject, OwnBody, RequireLayer,
};
use http::request::Parts;

use crate::extract::forget_permit;
use crate::handler::{Behind, Bound};
use crate::params::path_params;
use crate::peer::{address, connection};

/// A router on which every route has a requirement, or says why it has none.
///
/// See the [crate's page](crate) for an example.
#[must_use = "a router serves nothing until `into_router` is called and served"]
pub struct Gated<S = ()> {
    enforcer: Enforcer,
    routes: Vec<Mounted<S>>,
}

/// A route that waits for the enforcer to be complete: so the order of calls decides nothing.
struct Mounted<S> {
    route: GatedRoute,
    mount: Box<dyn FnOnce(Router<S>, &Enforcer, &str) -> Result<Router<S>, String> + Send>,
}

/// What a router was told of one of its routes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GatedRoute {
    /// The method; none for a public route, which may have several.
    pub method: Option<String>,
    /// The path, with the prefixes it is nested under.
    pub path: String,
    /// What it requires, or why it is public.
    pub requirement: Result<Requirement, String>,
}

impl<S> Gated<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// A router by a gate, for subjects that `subject` finds.
    pub fn new(gate: Gate, subject: impl FindSubject<Parts>) -> Self {
        Self::with_enforcer(Enforcer::new(gate, subject))
    }

    /// A router by a gate, for subjects that `subject` loads.
    pub fn with_loaded_subject(gate: Gate, subject: impl LoadSubject) -> Self {
        Self::with_enforcer(Enforcer::with_loaded_subject(gate, subject))
    }

    fn with_enforcer(enforcer: Enforcer) -> Self {
        Self {
            enforcer: enforcer
                .path_params(path_params)
                .peer(address)
                .connection(connection),
            routes: Vec::new(),
        }
    }

    /// Says how the objects of a resource are loaded, for requirements with
    /// [`Owner::Loaded`](gatepost::Owner::Loaded) or [`Org::entity`](gatepost::Org::entity), before or after the routes that need it.
    pub fn loader(mut self, resource: &'static str, loader: impl EntityLoader) -> Self {
        self.enforcer = self.enforcer.loader(resource, loader);
        self
    }

    /// Sets the `WWW-Authenticate` challenge of a 401; `Bearer` unless told otherwise.
    ///
    /// # Panics
    ///
    /// When it cannot stand in a header.
    pub fn challenge(mut self, challenge: impl Into<Cow<'static, str>>) -> Self {
        self.enforcer = self.enforcer.challenge(challenge);
        self
    }

    /// Sets the languages that refusals are worded in, for whoever asks for one with `Accept-Language`;
    /// English and German unless told otherwise.
    pub fn languages(mut self, catalogue: Catalogue) -> Self {
        self.enforcer = self.enforcer.languages(catalogue);
        self
    }

    /// Sets the service's own body for refusals; where it returns `None`, the problem document is sent.
    ///
    /// It is given what the client may know and no more. It cannot make a refusal an answer: a status of
    /// another class is not taken.
    pub fn own_body(
        mut self,
        body: impl Fn(&ProblemDocument<'_>) -> Option<OwnBody> + Send + Sync + 'static,
    ) -> Self {
        self.enforcer = self.enforcer.own_body(body);
        self
    }

    /// A `GET` route; it answers `HEAD` as well, by the same requirement.
    pub fn get<H, T>(self, path: &str, requirement: Requirement, handler: H) -> Self
    where
        H: GatedHandler<T, S>,
        T: 'static,
    {
        self.on(MethodFilter::GET, path, requirement, handler)
    }

    /// A `POST` route.
    pub fn post<H, T>(self, path: &str, requirement: Requirement, handler: H) -> Self
    where
        H: GatedHandler<T, S>,
        T: 'static,
    {
        self.on(MethodFilter::POST, path, requirement, handler)
    }

    /// A `PUT` route.
    pub fn put<H, T>(self, path: &str, requirement: Requirement, handler: H) -> Self
    where
        H: GatedHandler<T, S>,
        T: 'static,
    {
        self.on(MethodFilter::PUT, path, requirement, handler)
    }

    /// A `PATCH` route.
    pub fn patch<H, T>(self, path: &str, requirement: Requirement, handler: H) -> Self
    where
        H: GatedHandler<T, S>,
        T: 'static,
    {
        self.on(MethodFilter::PATCH, path, requirement, handler)
    }

    /// A `DELETE` route.
    pub fn delete<H, T>(self, path: &str, requirement: Requirement, handler: H) -> Self
    where
        H: GatedHandler<T, S>,
        T: 'static,
    {
        self.on(MethodFilter::DELETE, path, requirement, handler)
    }

    /// A route for the methods of a filter.
    pub fn on<H, T>(
        mut self,
        method: MethodFilter,
        path: &str,
        requirement: Requirement,
        handler: H,
    ) -> Self
    where
        H: GatedHandler<T, S>,
        T: 'static,
    {
        let route = GatedRoute {
            method: Some(name(method)),
            path: path.to_owned(),
            requirement: Ok(requirement),
        };
        let mount = move |router: Router<S>, enforcer: &Enforcer, path: &str| {
            let route = if requirement.is_bound() {
                let bind = BoundLayer::new(enforcer, requirement);
                let bind = bind.map_err(|error| error.to_string())?;
                on(method, Bound { bind, handler })
            } else {
                let require = RequireLayer::new(enforcer, requirement);
                let require = require.map_err(|error| error.to_string())?;
                on(method, Behind { require, handler })
            };
            Ok(router.route(path, route))
        };
        self.routes.push(Mounted {
            route,
            mount: Box::new(mount),
        });
        self
    }

    /// A route without a requirement, and why it needs none.
    pub fn public(mut self, path: &str, route: MethodRouter<S>, why: &str) -> Self {
        let told = GatedRoute {
            method: None,
            path: path.to_owned(),
            requirement: Err(why.to_owned()),
        };
        let mount = move |router: Router<S>, _: &Enforcer, path: &str| {
            Ok(router.route(
                path,
                route.layer(axum::middleware::map_request(forget_permit)),
            ))
        };
        self.routes.push(Mounted {
            route: told,
            mount: Box::new(mount),
        });
        self
    }

    /// The routes of another router, each by its own gate and requirement, under a prefix.
    pub fn nest(mut self, prefix: &str, inner: Gated<S>) -> Self {
        self.adopt(prefix.trim_end_matches('/'), inner);
        self
    }

    /// The routes of another router, each by its own gate and requirement.
    pub fn merge(mut self, other: Gated<S>) -> Self {
        self.adopt("", other);
        self
    }

    fn adopt(&mut self, prefix: &str, other: Gated<S>) {
        let enforcer = other.enforcer;
        self.routes.extend(
            other
                .routes
                .into_iter()
                .map(|Mounted { mut route, mount }| {
                    route.path = match (prefix, &*route.path) {
                        ("", path) => path.to_owned(),
                        (prefix, "/") => prefix.to_owned(),
                        (prefix, path) => format!("{prefix}{path}"),
                    };
                    let own = enforcer.clone();
                    let mount = move |router: Router<S>, _: &Enforcer, path: &str| {
                        mount(router, &own, path)
                    };
                    Mounted {
                        route,
                        mount: Box::new(mount) as Box<_>,
                    }
                }),
        );
    }

    /// A plain `route` has no requirement, so there is none here: this only says so.
    #[doc(hidden)]
    pub fn route<R: RouteNeedsRequirement>(self, path: &str, route: R) -> Self {
        let _ = (path, route);
        self
    }

    /// What the router was told of its routes, in the order of registration.
    pub fn routes(&self) -> impl Iterator<Item = &GatedRoute> {
        self.routes.iter().map(|mounted| &mounted.route)
    }

    /// The axum router.
    ///
    /// # Errors
    ///
    /// [`SetupError`] when there is no route at all, when a route is there twice, when a public one
    /// does not say why, or when a requirement is one that no request could meet as it is meant.
    ///
    /// # Panics
    ///
    /// As [`Router::route`] does, for a path that axum does not take, and for a public route that has
    /// a method of another one on its path.
    pub fn into_router(self) -> Result<Router<S>, SetupError> {
        let mut problems = Vec::new();
        if self.routes.is_empty() {
            problems.push(SetupProblem::no_route());
        }
        let mut seen = HashSet::new();
        let mut router = Router::new();
        for Mounted { route, mount } in self.routes {
            let methods = route.method.as_deref().unwrap_or("*");
            let shown = format!("{methods} {}", route.path);
            // A route of several methods must share none of them with another.
            let twice = methods.split('|').fold(None, |twice, method| {
                let is_new = seen.insert(format!("{method} {}", route.path));
                twice.or((!is_new).then_some(method))
            });
            let problem = match &route.requirement {
                Err(why) if why.trim().is_empty() => {
                    Some("is public and does not say why".to_owned())
                }
                _ if !route.path.starts_with('/') => {
                    Some("has a path that does not begin with `/`".to_owned())
                }
                _ => twice.map(|method| format!("is there twice for `{method}`")),
            };
            if let Some(message) = problem {
                problems.push(SetupProblem::new(shown, message));
                continue;
            }
            // What was built so far is of no use once there is a problem.
            match mount(std::mem::take(&mut router), &self.enforcer, &route.path) {
                Ok(mounted) => router = mounted,
                Err(message) => problems.push(SetupProblem::new(shown, message)),
            }
        }
        SetupError::unless_none(problems)?;
        Ok(router)
    }
}

impl<S> std::fmt::Debug for Gated<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let routes = self.routes.iter().map(|mounted| &mounted.route);
        f.debug_struct("Gated")
            .field("enforcer", &self.enforcer)
            .field("routes", &routes.collect::<Vec<_>>())
            .finish()
    }
}

/// An axum handler that can stand behind a requirement: every [`Handler`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no handler that can stand behind a requirement",
    note = "a gated route takes path, requirement and an async function: `.post(\"/orgs/{{org}}/chats\", CREATE_CHAT, create_chat)`",
    note = "what the function takes must be extractors, and what it returns a response: `#[axum::debug_handler]` on it says which is none"
)]
pub trait GatedHandler<T, S>: Handler<T, S> {}

impl<H, T, S> GatedHandler<T, S> for H where H: Handler<T, S> {}

/// Nothing has this: a route on a gated router takes a requirement.
#[diagnostic::on_unimplemented(
    message = "a route on a `Gated` router takes a requirement",
    note = "use `.get(path, REQUIREMENT, handler)`, `.post(..)` and so on",
    note = "or `.public(path, get(handler), \"why it is public\")`"
)]
pub trait RouteNeedsRequirement {}

fn name(method: MethodFilter) -> String {
    let all = [
        (MethodFilter::GET, "GET"),
        (MethodFilter::POST, "POST"),
        (MethodFilter::PUT, "PUT"),
        (MethodFilter::PATCH, "PATCH"),
        (MethodFilter::DELETE, "DELETE"),
        (MethodFilter::HEAD, "HEAD"),
        (MethodFilter::OPTIONS, "OPTIONS"),
        (MethodFilter::TRACE, "TRACE"),
        (MethodFilter::CONNECT, "CONNECT"),
    ];
    // A filter that two methods share is the union of theirs: each is named.
    let named = all
        .into_iter()
        .filter(|(one, _)| method.or(*one) == method)
        .map(|(_, name)| name);
    named.collect::<Vec<_>>().join("|")
}
