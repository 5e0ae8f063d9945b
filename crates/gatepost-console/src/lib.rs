//! The console of Gatepost: pages for site and org admins, an admin API, and AuthZEN, as a router to mount.
//!
//! It is a guest of Gatepost like any service: each route has its requirement, about the built-in resources
//! `gatepost-site`, `gatepost-org` and `gatepost-audit`.

mod api;
mod authzen;
mod console;
mod denials;
mod kept;
mod pages;
mod require;

pub use console::Console;
pub use denials::{DenialLayer, DenialSample, DenialStatistics};
