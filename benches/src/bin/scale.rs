//! Decisions, memory, loading and changes at ten thousand to ten million memberships; with a plot.
//!
//! `--publish` also puts the plot where the documentation shows it, `--up-to N` leaves larger sites out.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    gatepost_benches::scale::run(std::env::args().skip(1))
}
