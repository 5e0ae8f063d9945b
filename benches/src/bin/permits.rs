//! What permits cost that are waited for: memory, time, a change among many, the decisions beside.

use std::error::Error;

use gatepost_benches::options::Options;
use gatepost_benches::permits;

fn main() -> Result<(), Box<dyn Error>> {
    permits::run(Options::from_env()?)
}
