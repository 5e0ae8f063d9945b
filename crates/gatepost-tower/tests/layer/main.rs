//! What the layer promises to the service inside it, to the one outside it, and to the client.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

mod body;
mod bound;
mod entity;
mod events;
mod extensions;
mod fixture;
mod only_decided;
mod readiness;
mod refusal;
mod stages;
mod subject;
mod version;
