//! What it costs that permits are waited for: each of them, a change that finds many, and the decisions beside.

mod beside;
mod changes;
mod each;
mod site;

use std::error::Error;

use crate::options::Options;
use crate::table::Table;
use site::Site;

/// What the rows say, by what their names begin with.
const MEANING: &[(&str, &str)] = &[
    (
        "memory",
        "bytes asked of the allocator for each permit that is waited for; ids of up to 15 bytes take no place of \
         their own. What is left when all are dropped is 0 where everything is given back",
    ),
    (
        "one permit",
        "one operation, on a thread of its own; times are beside those of a decision from the beginning. To begin to \
         wait includes to stop again",
    ),
    (
        "a change",
        "one call of `publish_changes`, with facts that are compiled already, beside the same call where nobody waits. \
         When it returns, everyone concerned was asked again, and woken where it is over; a waker that counts is all \
         that is woken",
    ),
    (
        "a decision",
        "one decision on one thread while others wait, beside one where nobody does. Changes are published by \
         another thread, to the gate that decides; how many, is the last row",
    ),
];

/// Runs the bench.
///
/// # Errors
///
/// When somebody is refused who was to wait, or the figures cannot be written.
pub fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let mut table = Table::new("permits", options);
    let site = Site::new(options.pick(100_000, 100))?;
    each::run(options, &site, &mut table)?;
    changes::run(options, &site, &mut table)?;
    beside::run(options, &site, &mut table)?;
    table.finish()?;
    for (row, meaning) in MEANING {
        println!("{row}: {meaning}.");
    }
    println!(
        "Each time is the median of rounds in which all columns took turns; in brackets the quickest and the slowest."
    );
    Ok(())
}
