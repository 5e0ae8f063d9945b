//! Attacks on a service over real sockets: what a client can put on the wire, and what must come of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

mod cancelled;
mod claims;
mod cost;
mod framing;
mod ids;
mod leaks;
mod methods;
mod paths;
mod service;
mod table;
mod upgrade;
mod wire;
