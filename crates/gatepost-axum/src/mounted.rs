//! A route as it was registered, until its router is built.

use std::panic::Location;

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use gatepost::Requirement;
use gatepost_enforce::{Capabilities, Registered, RouteError};
use gatepost_tower::{BoundLayer, Enforcer, RequireLayer};

use crate::handler::{Behind, Bound};

/// A route that waits for its enforcer to be complete: so the order of calls decides nothing.
pub(crate) struct Mounted<S> {
    /// An entry for each method.
    pub(crate) registered: Vec<Registered>,
    /// Which of the router's enforcers is its own.
    pub(crate) group: usize,
    pub(crate) what: What<S>,
}

/// What answers on it.
pub(crate) enum What<S> {
    Gated(Box<dyn FnOnce(&Enforcer) -> Result<MethodRouter<S>, RouteError> + Send>),
    Public(Box<MethodRouter<S>>),
    Capabilities,
}

impl<S> Mounted<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// A handler behind a requirement.
    pub(crate) fn gated<H, T>(
        method: MethodFilter,
        path: &str,
        requirement: Requirement,
        handler: H,
        source: &'static Location<'static>,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let what = move |enforcer: &Enforcer| {
            if requirement.is_bound() {
                let bind = BoundLayer::new(enforcer, requirement)?;
                Ok(on(method, Bound { bind, handler }))
            } else {
                let require = RequireLayer::new(enforcer, requirement)?;
                Ok(on(method, Behind::new(require, handler)))
            }
        };
        let registered = names(method).map(|method| Registered {
            method: method.to_owned(),
            path: path.to_owned(),
            requirement: Ok(requirement),
            source,
        });
        Self {
            registered: registered.collect(),
            group: 0,
            what: What::Gated(Box::new(what)),
        }
    }

    /// A route without a requirement.
    pub(crate) fn public(
        path: &str,
        route: MethodRouter<S>,
        why: &str,
        source: &'static Location<'static>,
    ) -> Self {
        Self::open("*", path, why, source, What::Public(Box::new(route)))
    }

    /// The route that tells a subject what it may do.
    pub(crate) fn capabilities(path: &str, source: &'static Location<'static>) -> Self {
        let why = Capabilities::WHY;
        Self::open("GET", path, why, source, What::Capabilities)
    }

    fn open(
        method: &str,
        path: &str,
        why: &str,
        source: &'static Location<'static>,
        what: What<S>,
    ) -> Self {
        let registered = Registered {
            method: method.to_owned(),
            path: path.to_owned(),
            requirement: Err(why.to_owned()),
            source,
        };
        Self {
            registered: vec![registered],
            group: 0,
            what,
        }
    }
}

impl<S> Mounted<S> {
    /// Puts it under a prefix, into a router in which its enforcer has another place.
    pub(crate) fn adopted(mut self, prefix: &str, groups_before: usize) -> Self {
        for route in &mut self.registered {
            route.path = match (prefix, &*route.path) {
                ("", path) => path.to_owned(),
                (prefix, "/") => prefix.to_owned(),
                (prefix, path) => format!("{prefix}{path}"),
            };
        }
        self.group += groups_before;
        self
    }
}

fn names(method: MethodFilter) -> impl Iterator<Item = &'static str> {
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
    // A filter that two methods share is the union of theirs.
    let named = all
        .into_iter()
        .filter(move |(one, _)| method.or(*one) == method);
    named.map(|(_, name)| name)
}
