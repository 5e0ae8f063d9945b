//! The console of Gatepost: pages for site and org admins, an admin API, and AuthZEN, as a router to mount.
//!
//! It is a guest of Gatepost like any service: each route has its requirement, about the built-in resources
//! `gatepost-site`, `gatepost-org` and `gatepost-audit`.

#[cfg(feature = "actix")]
pub mod actix;
mod api;
mod around;
mod ask;
mod asker;
mod authzen;
mod base;
mod body;
mod console;
mod cookies;
mod csrf;
mod denials;
mod fault;
mod identity;
mod kept;
mod ops;
mod pages;
mod precondition;
mod require;
mod same_origin;
#[cfg(test)]
mod tests;
mod views;

pub use axum::Router;
pub use console::{Console, ConsoleError};
pub use denials::{DenialLayer, DenialSample, DenialStatistics};
