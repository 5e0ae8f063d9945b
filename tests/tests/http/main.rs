//! Attacks on a service over real sockets: what a client can put on the wire, and what must come of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

mod attacks;
mod bound;
mod calls;
mod cancelled;
mod capabilities;
mod claims;
mod cors;
mod cost;
mod effects;
mod floods;
mod followed;
mod framing;
mod guards;
mod ids;
mod leaks;
mod logs;
mod methods;
mod observed;
mod open_streams;
mod paths;
mod policies;
mod report_only;
mod served;
mod service;
mod streams;
mod table;
mod timing;
mod upgrade;
mod wire;
