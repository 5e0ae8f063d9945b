//! What the core promises: the decision, the protocol by which it asks, and the loader.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

mod bad_documents;
mod bad_requests;
mod conformance;
mod exhaustive;
mod large;
mod laws;
mod look_through;
mod pending;
mod poison;
mod purity;
