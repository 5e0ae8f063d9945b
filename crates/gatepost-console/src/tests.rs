//! The console as its clients meet it.

#[cfg(feature = "actix")]
mod actix;
mod attacks;
mod document;
mod exports;
mod forms;
mod impact;
mod questions;
mod rig;
mod table;
mod writes;
