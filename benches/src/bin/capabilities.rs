//! What it costs to answer a subject what it may do on 1,000 routes, in milliseconds and decisions.

use std::error::Error;

use gatepost_benches::capabilities;
use gatepost_benches::options::Options;

fn main() -> Result<(), Box<dyn Error>> {
    capabilities::run(Options::from_env()?)
}
