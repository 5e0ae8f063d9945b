//! The commands as a person or a script runs them: arguments and files in, text and exit status out.

#![allow(clippy::unwrap_used, reason = "what a test runs with must be there")]

mod batch;
mod check;
mod console;
mod decision;
mod explain;
mod impact;
mod lint;
mod log;
mod matrix;
mod policy_tests;
mod routes;
mod schema;
mod stores;
mod support;
