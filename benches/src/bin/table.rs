//! Writes the figures of target/bench into the tables of BENCHMARKS.md; with --quick shows those of quick runs.

use std::error::Error;
use std::fs;
use std::path::Path;

use gatepost_benches::options::Options;
use gatepost_benches::report::filled_in;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../BENCHMARKS.md");

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::from_env()?;
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let bench = Path::new(&target).join("bench");
    let document = fs::read_to_string(DOCUMENT)?;
    let filled = filled_in(&document, &bench, options.quick)?;
    if options.quick {
        // Figures that measure nothing are shown, and never kept.
        println!("{filled}");
    } else {
        fs::write(DOCUMENT, filled)?;
        println!("written to BENCHMARKS.md");
    }
    Ok(())
}
