//! A service, said once and served by every adapter: its routes, its objects, and what it notes of each run.

pub(crate) mod actix;
pub(crate) mod axum;
mod canary;
mod chats;
pub(crate) mod identity;
mod polls;
mod route;

use std::net::SocketAddr;

use gatepost::Gate;
use serde::Deserialize;

pub(crate) use canary::{Canary, Ran, Run};
pub(crate) use chats::{Chat, Chats};
pub(crate) use polls::Polls;
pub(crate) use route::{Route, Takes, Verb, gated, loaded, public};

/// A framework that has an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Adapter {
    Axum,
    Actix,
}

/// A service; clones of it share what they note.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    pub(crate) gate: Gate,
    pub(crate) routes: Vec<Route>,
    pub(crate) canary: Canary,
    pub(crate) chats: Chats,
    /// Whether there is an authentication in front of the gate.
    pub(crate) authenticates: bool,
    /// Counts how the bodies of requests are read, where it is there.
    pub(crate) polls: Option<Polls>,
}

impl Served {
    pub(crate) fn new(gate: Gate, routes: Vec<Route>) -> Self {
        Self {
            gate,
            routes,
            canary: Canary::default(),
            chats: Chats::default(),
            authenticates: true,
            polls: None,
        }
    }

    /// Serves HTTP/1.1, and HTTP/2 with prior knowledge, on a free port of the loopback address.
    pub(crate) async fn on(self, adapter: Adapter) -> SocketAddr {
        match adapter {
            Adapter::Axum => axum::serve(self).await,
            Adapter::Actix => actix::serve(self),
        }
    }
}
