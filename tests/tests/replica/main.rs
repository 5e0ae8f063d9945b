//! Replicas of real stores, and what may become of these.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

mod follow;
mod look_through;
mod permits;
mod poison;
mod proof;
mod rig;
mod torn;
