//! The console as its clients meet it.

#[cfg(feature = "actix")]
mod actix;
mod admins;
mod attacks;
mod document;
mod exports;
mod forms;
mod impact;
mod pages;
mod questions;
mod rig;
mod table;
mod writes;
