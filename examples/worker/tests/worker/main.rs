//! The worker as it ships, on a real store and a real queue.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

mod harness;
mod kills;
mod many;
mod service;
mod stops;
mod tickets;
