//! How long a replica takes to read a large policy, to read it again beside the old one, and to take in one change.

use std::error::Error;

use gatepost_benches::options::Options;
use gatepost_benches::reload;

/// In a full run; `--members N` asks for another number.
const MEMBERS: u64 = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, url] = arguments.as_slice()
        && first == "--replica"
    {
        return reload::replica(url);
    }
    let mut members = None;
    if let Some(at) = arguments.iter().position(|word| word == "--members") {
        let asked: Vec<String> = arguments.drain(at..(at + 2).min(arguments.len())).collect();
        members = Some(
            asked
                .get(1)
                .ok_or("`--members` without a number")?
                .parse()?,
        );
    }
    let options = Options::asked_by_env().parse(arguments.into_iter())?;
    let members = members.unwrap_or(options.pick(MEMBERS, 2_000));
    reload::run(options, members)
}
