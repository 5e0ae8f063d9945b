//! What a site of ten thousand to ten million memberships costs: to load, to keep, to ask, and to change while
//! it is asked.
//!
//! Each size is measured in a process of its own, so that none is measured in the memory that another has left.

mod ask;
mod change;
mod changes;
mod cores;
mod figures;
mod frame;
mod goals;
mod ids;
mod lines;
mod load;
mod memory;
mod parent;
mod plot;
mod reader;
mod site;
mod yardstick;

use std::error::Error;

use ids::Ids;
use site::Site;

use crate::options::{Options, take_up_to};
use figures::Figures;

/// What a run is asked for beside `--quick`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// Puts the plot where the documentation shows it.
    pub publish: bool,
    /// No larger site than this.
    pub up_to: Option<u32>,
}

/// Does what the command line asks for: the whole bench, or the part of it that one process measures.
///
/// # Errors
///
/// When a process fails, or answers what it should not.
pub fn run(arguments: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    let mut arguments = arguments.peekable();
    if let Some(part) = arguments.next_if(|argument| argument.starts_with("--part-")) {
        return run_part(&part, arguments);
    }
    let mut arguments: Vec<_> = arguments.collect();
    let up_to = take_up_to(&mut arguments)?;
    let all = arguments.len();
    arguments.retain(|argument| argument != "--publish");
    let publish = arguments.len() < all;
    let options = Options::asked_by_env().parse(arguments.into_iter())?;
    parent::run(options, Asked { publish, up_to })
}

/// One process: tells its figures on its output.
fn run_part(part: &str, mut arguments: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    if part == lines::PART {
        return lines::run(arguments.next().as_deref() == Some(lines::CONTROL));
    }
    let size = arguments.next().ok_or("no size")?.parse()?;
    let quick = arguments.next().as_deref() == Some("--quick");
    let options = Options { quick };
    let figures = match part {
        "--part-short" => measure(options, size, Ids::Short)?,
        "--part-uuid" => measure(options, size, Ids::Uuid)?,
        "--part-yardstick" => yardstick::measure(options, size)?,
        _ => return Err(format!("unknown argument `{part}`").into()),
    };
    figures.tell()?;
    Ok(())
}

fn measure(options: Options, size: u32, ids: Ids) -> Result<Figures, Box<dyn Error>> {
    let mut figures = Figures::default();
    let facts = Site::new(size, ids)?;
    let live = load::measure(&facts, &mut figures)?;
    ask::measure(options, &facts, &live.gate, &mut figures)?;
    if ids == Ids::Short {
        cores::measure(options, &facts, &live.gate, &mut figures)?;
        changes::measure(options, &facts, &live, &mut figures)?;
    }
    Ok(figures)
}
