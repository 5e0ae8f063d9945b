//! The console as its clients meet it.

#[cfg(feature = "actix")]
mod actix;
mod admins;
mod attacks;
mod counting;
mod document;
mod exports;
mod forms;
mod impact;
mod pages;
mod patience;
mod questions;
mod replicas;
mod rig;
mod routes;
mod table;
mod told;
mod writes;
