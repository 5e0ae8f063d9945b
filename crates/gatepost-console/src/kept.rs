//! What the console's handlers work on.

use std::sync::Arc;

use gatepost::{Gate, Inventory};
use gatepost_store::PolicyStore;

use crate::base::Base;
use crate::fault::Fault;
use crate::identity::Identity;
use crate::ops::{Counting, Proofs};

/// What the console's handlers work on.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Where the policy is read and changed.
    pub(crate) store: PolicyStore,
    /// By what the console itself is guarded, and what lists and questions are answered by.
    pub(crate) gate: Gate,
    /// Where the console stands.
    pub(crate) base: Base,
    /// Who asks.
    pub(crate) identity: Identity,
    /// The routes of services, as far as they were given by hand.
    pub(crate) services: Arc<[(String, Inventory)]>,
    /// The policy as it was last compiled to count by.
    pub(crate) counting: Arc<Counting>,
    /// The proofs that are waited for.
    pub(crate) proofs: Proofs,
    /// The OpenAPI document, as JSON.
    pub(crate) openapi: Arc<str>,
}

impl Kept {
    /// What a client is told of what the store said; `resource` is what was asked for.
    pub(crate) fn fault(
        &self,
        resource: &'static str,
    ) -> impl Fn(gatepost_store::StoreError) -> Fault {
        let place = self.store.url().to_string();
        move |error| Fault::of_store(&error, &place, resource)
    }
}
