//! The router.

use std::borrow::Cow;
use std::panic::Location;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter};

use gatepost::{Catalogue, Gate, Inventory, ProblemDocument, ReportOnly, Requirement};
use gatepost_enforce::{Registered, SetupError, inventory};
use gatepost_tower::{
    Enforcer, EntityLoader, FindSubject, Journal, LoadSubject, Observer, OwnBody,
};
use http::request::Parts;

use crate::mounted::Mounted;
use crate::params::{matched_path, path_params};
use crate::peer::{address, connection};
use crate::setup;

/// A router on which every route has a requirement, or says why it has none.
///
/// See the [crate's page](crate) for an example.
#[must_use = "a router serves nothing until `into_router` is called and served"]
pub struct Gated<S = ()> {
    enforcer: Enforcer,
    /// Those of the routers that it took over; its own is in front of them.
    others: Vec<Enforcer>,
    routes: Vec<Mounted<S>>,
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
                .matched_path(matched_path)
                .connection(connection),
            others: Vec::new(),
            routes: Vec::new(),
        }
    }

    /// Says how the objects of a resource are loaded, for requirements with
    /// [`Owner::Loaded`](gatepost::Owner::Loaded) or [`Org::entity`](gatepost::Org::entity), before or after the routes that need it.
    pub fn loader(mut self, resource: &'static str, loader: impl EntityLoader) -> Self {
        self.enforcer = self.enforcer.loader(resource, loader);
        self
    }

    /// Adds somebody who is told of each decision: a log, metrics, a policy that is tried out.
    pub fn observe(mut self, observer: impl Observer) -> Self {
        self.enforcer = self.enforcer.observe(observer);
        self
    }

    /// Sets where admissions are written down, for requirements that are [logged](Requirement::logged).
    pub fn journal(mut self, journal: impl Journal) -> Self {
        self.enforcer = self.enforcer.journal(journal);
        self
    }

    /// Has all routes about a resource only report, as [`Requirement::report_only`] has one: what they would refuse
    /// goes on, is logged and counted, and start-up says so. Their handlers take a [`Passage`](crate::Passage).
    ///
    /// Where a requirement says the same of itself, the earlier end of both holds.
    pub fn report_only(mut self, resource: &'static str, report_only: ReportOnly) -> Self {
        self.enforcer = self.enforcer.report_only(resource, report_only);
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
    #[track_caller]
    pub fn get<H, T>(self, path: &str, requirement: Requirement, handler: H) -> Self
    where
        H: GatedHandler<T, S>,
        T: 'static,
    {
        self.on(MethodFilter::GET, path, requirement, handler)
    }

    /// A `POST` route.
    #[track_caller]
    pub fn post<H, T>(self, path: &str, requirement: Requirement, handler: H) -> Self
    where
        H: GatedHandler<T, S>,
        T: 'static,
    {
        self.on(MethodFilter::POST, path, requirement, handler)
    }

    /// A `PUT` route.
    #[track_caller]
    pub fn put<H, T>(self, path: &str, requirement: Requirement, handler: H) -> Self
    where
        H: GatedHandler<T, S>,
        T: 'static,
    {
        self.on(MethodFilter::PUT, path, requirement, handler)
    }

    /// A `PATCH` route.
    #[track_caller]
    pub fn patch<H, T>(self, path: &str, requirement: Requirement, handler: H) -> Self
    where
        H: GatedHandler<T, S>,
        T: 'static,
    {
        self.on(MethodFilter::PATCH, path, requirement, handler)
    }

    /// A `DELETE` route.
    #[track_caller]
    pub fn delete<H, T>(self, path: &str, requirement: Requirement, handler: H) -> Self
    where
        H: GatedHandler<T, S>,
        T: 'static,
    {
        self.on(MethodFilter::DELETE, path, requirement, handler)
    }

    /// A route for the methods of a filter.
    #[track_caller]
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
        let source = Location::caller();
        let route = Mounted::gated(method, path, requirement, handler, source);
        self.routes.push(route);
        self
    }

    /// A route without a requirement, and why it needs none.
    #[track_caller]
    pub fn public(mut self, path: &str, route: MethodRouter<S>, why: &str) -> Self {
        let source = Location::caller();
        self.routes.push(Mounted::public(path, route, why, source));
        self
    }

    /// A `GET` route that answers whoever asks what he may do: `?org=acme` names the org.
    ///
    /// The answer has a row for every route of the router that is served, whichever router this one is nested
    /// in or merged into, each by its own requirement and gate.
    #[track_caller]
    pub fn capabilities(mut self, path: &str) -> Self {
        let source = Location::caller();
        self.routes.push(Mounted::capabilities(path, source));
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
        let groups_before = 1 + self.others.len();
        self.others.push(other.enforcer);
        self.others.extend(other.others);
        let adopted = other.routes.into_iter();
        let adopted = adopted.map(|route| route.adopted(prefix, groups_before));
        self.routes.extend(adopted);
    }

    /// A plain `route` has no requirement, so there is none here: this only says so.
    #[doc(hidden)]
    pub fn route<R: RouteNeedsRequirement>(self, path: &str, route: R) -> Self {
        let _ = (path, route);
        self
    }

    /// The routes, each with what it requires or why it is public, and where it was registered.
    ///
    /// A route has an entry for each of its methods; the `GET` entry is that of `HEAD` as well. A public route has
    /// one, whatever methods it answers: `*`.
    pub fn routes(&self) -> Inventory {
        let enforcers = std::iter::once(&self.enforcer).chain(&self.others);
        let enforcers: Vec<_> = enforcers.collect();
        let routes = self.routes.iter().flat_map(|route| {
            let enforcer = enforcers.get(route.group);
            let registered = route.registered.iter();
            registered.map(move |route| match enforcer {
                Some(enforcer) => route.enforced_by(enforcer.shared()),
                None => route.clone(),
            })
        });
        let routes: Vec<Registered> = routes.collect();
        inventory(&routes)
    }

    /// The axum router.
    ///
    /// # Errors
    ///
    /// [`SetupError`], with every mistake that is found, and where each route was registered: when there is no
    /// route at all; when one is there twice, or axum cannot tell it from another or serve it at all; when a
    /// public one does not say why; when a requirement is one that no request could meet as it is meant, asks
    /// for what the policy does not declare, or reads a path parameter that the path does not have.
    ///
    /// A path parameter of a prefix is known where the router was given to [`nest`](Self::nest), and not where
    /// axum nests what this returns.
    pub fn into_router(self) -> Result<Router<S>, SetupError> {
        let mut enforcers = vec![self.enforcer];
        enforcers.extend(self.others);
        setup::router(enforcers, self.routes)
    }
}

impl<S> std::fmt::Debug for Gated<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let routes = self.routes.iter().flat_map(|route| &route.registered);
        f.debug_struct("Gated")
            .field("enforcer", &self.enforcer)
            .field("routes", &routes.collect::<Vec<_>>())
            .finish_non_exhaustive()
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
