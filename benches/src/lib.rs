//! What the benches share: a counting allocator, a harness that races columns
//! in alternating rounds, what one column costs more than another, a table that
//! is also written as JSON, a synthetic population, and the hand-written store
//! that everything is compared with.

pub mod allocations;
pub mod capabilities;
pub mod extra;
pub mod observe;
pub mod options;
pub mod permission;
pub mod permits;
pub mod population;
pub mod propagate;
pub mod race;
pub mod reload;
pub mod report;
pub mod requests;
pub mod scale;
pub mod table;
pub mod yardstick;
