//! What gated routes promise on actix-web: no handler runs undecided, however an application is put
//! together and however it is asked.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

mod allocations;
mod bodies;
mod bound;
mod capabilities;
mod choice;
mod claims;
#[cfg(feature = "testing")]
mod decided;
mod encodings;
mod fixture;
mod front;
mod guards;
mod inventory;
mod late;
mod leaks;
mod methods;
mod middleware;
mod mutations;
mod panics;
mod pending;
mod refusals;
mod scopes;
mod setup;
mod sockets;
#[cfg(feature = "testing")]
mod unguarded;
