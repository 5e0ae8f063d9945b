//! What the router promises: no handler runs undecided, however routers are put together and however
//! they are asked.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

mod allocations;
mod capabilities;
mod composition;
mod extract;
mod fallback;
mod fixture;
mod inventory;
mod layers;
mod logged;
mod look_through;
mod methods;
mod mutations;
mod nest;
mod only_decided;
mod probe;
mod redispatch;
mod setup;
mod ui;
mod unguarded;
