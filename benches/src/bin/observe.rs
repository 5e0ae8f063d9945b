//! What each observer costs a decision, beside none, and how many lines a second a sink takes.

use std::error::Error;

use gatepost_benches::observe;
use gatepost_benches::options::Options;

fn main() -> Result<(), Box<dyn Error>> {
    observe::run(Options::from_env()?)
}
