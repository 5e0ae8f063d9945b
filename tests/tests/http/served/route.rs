//! A route, as each adapter's server registers it.

use gatepost::{Org, Owner, Requirement};

/// A route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    /// What its handler answers by.
    pub(crate) name: &'static str,
    pub(crate) method: Verb,
    pub(crate) path: &'static str,
    pub(crate) takes: Takes,
}

/// The methods that the routes have; `GET` answers `HEAD` as well.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verb {
    Get,
    Post,
    Put,
    Delete,
    Connect,
}

/// What stands before the handler, and what it takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Takes {
    /// A public route.
    Nothing,
    /// The permit of the route's requirement.
    Permit(Requirement),
    /// The permit, and the chat that was decided on.
    Entity(Requirement),
    /// The passage, be it a permit or not.
    Passage(Requirement),
    /// The passage, and the chat that was decided on.
    EntityInPassing(Requirement),
    /// The permit of [`MISTAKEN`] on a route with another requirement.
    AnotherPermit(Requirement),
}

/// What a handler asks for that stands on the wrong route.
pub(crate) const MISTAKEN: Requirement = Requirement::new("note", "read")
    .org(Org::path("org"))
    .owner(Owner::Subject);

pub(crate) const fn public(name: &'static str, method: Verb, path: &'static str) -> Route {
    Route {
        name,
        method,
        path,
        takes: Takes::Nothing,
    }
}

pub(crate) const fn gated(
    name: &'static str,
    method: Verb,
    path: &'static str,
    requirement: Requirement,
) -> Route {
    Route {
        name,
        method,
        path,
        takes: Takes::Permit(requirement),
    }
}

pub(crate) const fn loaded(
    name: &'static str,
    method: Verb,
    path: &'static str,
    requirement: Requirement,
) -> Route {
    Route {
        name,
        method,
        path,
        takes: Takes::Entity(requirement.owner(Owner::Loaded)),
    }
}
