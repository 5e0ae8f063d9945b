//! The service as its clients meet it, by the tests that all example services have.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states its assumptions by failing on them"
)]

#[path = "../../chats/tests/service/mod.rs"]
mod service;

/// How much of a body axum reads for a handler.
const BODY_LIMIT: usize = 2 * 1024 * 1024;
const NAME: &str = env!("CARGO_PKG_NAME");
const BINARY: &str = env!("CARGO_BIN_EXE_axum-chats");
