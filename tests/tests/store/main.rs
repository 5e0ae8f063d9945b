//! What a store promises, on both of its backends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

mod commands;
mod contract;
mod place;
#[path = "../core/laws/policies.rs"]
#[allow(dead_code, reason = "the decision's laws use all of it")]
mod policies;
mod postgres;
mod sqlite;
mod texts;
