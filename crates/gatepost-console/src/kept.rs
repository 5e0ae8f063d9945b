//! What the console's handlers work on.

use gatepost::{Gate, Inventory};
use gatepost_store::PolicyStore;

/// What the console's handlers work on.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Where the policy is read and changed.
    pub(crate) store: PolicyStore,
    /// By what the console itself is guarded, and what lists and questions are answered by.
    pub(crate) gate: Gate,
    /// The path that everything stands behind: `/console`, or nothing.
    pub(crate) base: String,
    /// The routes of services, as far as they were given by hand.
    pub(crate) services: Vec<(String, Inventory)>,
}
