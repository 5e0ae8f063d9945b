//! The console, before it is a router.

use axum::Router;
use gatepost::{Gate, Inventory};
use gatepost_axum::{FindSubject, Gated, SetupError};
use gatepost_store::PolicyStore;
use http::request::Parts;

use crate::kept::Kept;
use crate::{api, authzen, pages};

/// A console over a store, guarded by the gate of a replica of it.
#[derive(Debug)]
#[must_use = "a console serves nothing until `into_router` is called and served"]
pub struct Console {
    kept: Kept,
}

impl Console {
    /// A console below `/console`.
    pub fn new(store: PolicyStore, gate: Gate) -> Self {
        Self {
            kept: Kept {
                store,
                gate,
                base: "/console".to_owned(),
                services: Vec::new(),
            },
        }
    }

    /// The routes of a service, for the page that shows them.
    pub fn routes(mut self, service: impl Into<String>, routes: Inventory) -> Self {
        self.kept.services.push((service.into(), routes));
        self
    }

    /// The router, with all of its paths.
    ///
    /// # Errors
    ///
    /// [`SetupError`] when a route of it cannot stand as it does.
    pub fn into_router(self, who: impl FindSubject<Parts> + Clone) -> Result<Router, SetupError> {
        let gated = || Gated::new(self.kept.gate.clone(), who.clone());
        let behind = pages::routes(gated())
            .merge(api::routes(gated()))
            .merge(authzen::routes(gated()));
        let all: Gated<Kept> = Gated::new(self.kept.gate.clone(), who.clone());
        let all = all.nest(&self.kept.base, behind);
        Ok(all.into_router()?.with_state(self.kept))
    }
}
