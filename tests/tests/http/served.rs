//! A service, said once and served by every adapter: its routes, its objects, and what it notes of each run.

pub(crate) mod actix;
pub(crate) mod axum;
mod canary;
mod chats;
pub(crate) mod identity;
mod polls;
mod route;
mod told;

use std::net::SocketAddr;
use std::sync::Arc;

use gatepost::{Gate, ReportOnly, Requirement};
use gatepost_axum::{Journal, Observer};
use serde::Deserialize;

pub(crate) use canary::{Canary, Ran, Run};
pub(crate) use chats::{Chat, Chats};
pub(crate) use polls::Polls;
pub(crate) use route::{Route, Takes, Verb, gated, loaded, public};
pub(crate) use told::{Line, Told};

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
    /// Who is told of each decision.
    pub(crate) observers: Vec<Arc<dyn Observer>>,
    pub(crate) journal: Option<Arc<dyn Journal>>,
    pub(crate) reports: Reports,
}

/// What of a service only reports.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reports {
    /// Whether handlers take a passage in place of a permit.
    pub(crate) passes: bool,
    /// What each requirement says of itself.
    pub(crate) own: Option<ReportOnly>,
    /// The resources whose requirements only report.
    pub(crate) resources: Vec<&'static str>,
    /// Whether admissions are written down first.
    pub(crate) logged: bool,
}

impl Reports {
    /// A requirement, as the service says it.
    pub(crate) fn of(&self, requirement: Requirement) -> Requirement {
        let requirement = if self.logged {
            requirement.logged()
        } else {
            requirement
        };
        match self.own {
            Some(report_only) => requirement.report_only(report_only),
            None => requirement,
        }
    }

    fn takes(&self, takes: &Takes) -> Takes {
        match *takes {
            Takes::Nothing => Takes::Nothing,
            Takes::Permit(it) if self.passes => Takes::Passage(self.of(it)),
            Takes::Entity(it) if self.passes => Takes::EntityInPassing(self.of(it)),
            Takes::Permit(it) => Takes::Permit(self.of(it)),
            Takes::Entity(it) => Takes::Entity(self.of(it)),
            Takes::Passage(it) => Takes::Passage(self.of(it)),
            Takes::EntityInPassing(it) => Takes::EntityInPassing(self.of(it)),
            Takes::AnotherPermit(it) => Takes::AnotherPermit(self.of(it)),
        }
    }
}

/// Gives a gated router or service of any framework what it observes and reports with.
macro_rules! equipped {
    ($gated:expr, $served:expr) => {{
        let observers = $served.observers.iter().cloned();
        let gated = observers.fold($gated, |gated, observer| gated.observe(observer));
        let gated = match &$served.journal {
            Some(journal) => gated.journal(journal.clone()),
            None => gated,
        };
        let resources = $served.reports.resources.iter();
        resources.fold(gated, |gated, resource| {
            gated.report_only(resource, gatepost::ReportOnly::ALWAYS)
        })
    }};
}
pub(crate) use equipped;

impl Served {
    pub(crate) fn new(gate: Gate, routes: Vec<Route>) -> Self {
        Self {
            gate,
            routes,
            canary: Canary::default(),
            chats: Chats::default(),
            authenticates: true,
            polls: None,
            observers: Vec::new(),
            journal: None,
            reports: Reports::default(),
        }
    }

    /// Its routes, as they are registered.
    fn registered(&self) -> Vec<Route> {
        let routes = self.routes.iter().map(|route| Route {
            takes: self.reports.takes(&route.takes),
            ..*route
        });
        routes.collect()
    }

    /// Serves HTTP/1.1, and HTTP/2 with prior knowledge, on a free port of the loopback address.
    pub(crate) async fn on(self, adapter: Adapter) -> SocketAddr {
        match adapter {
            Adapter::Axum => axum::serve(self).await,
            Adapter::Actix => actix::serve(self),
        }
    }
}
