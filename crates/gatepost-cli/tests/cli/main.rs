//! The commands as a person or a script runs them: arguments and files in, text and exit status out.

mod batch;
mod check;
mod explain;
mod lint;
mod matrix;
mod policy_tests;
mod schema;
mod support;
