//! How long a change takes from its commit to the last replica process that decides by it.
//!
//! PostgreSQL, a server of the bench's own, with 64 replica processes; beside it, in the same
//! processes and between the same toggles, a bare NOTIFY to as many bare LISTENs. SQLite with
//! 8 processes on one file. A toggle counts as arrived in a process when its gate gives the
//! other answer, and the last process counts.

use std::error::Error;
use std::process::ExitCode;

use gatepost_benches::options::Options;
use gatepost_benches::propagate::{child, parent};

fn main() -> ExitCode {
    let done = match child::asked_for(std::env::args().skip(1)) {
        Some(asked) => child::run(&asked),
        None => bench(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<(), Box<dyn Error>> {
    parent::run(Options::from_env()?)
}
