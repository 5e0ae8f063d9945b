//! What the gated service promises: no method runs undecided, and who is refused learns why.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

mod bodies;
mod denials;
mod fixture;
mod methods;
mod permits;
mod setup;
mod streams;
