//! The whole bench: a process for each size, then the table, the goals and the plot.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::figures::{Figures, Unit};
use super::ids::Ids;
use super::{Asked, goals, lines, plot};
use crate::options::Options;
use crate::table::{Row, Table};

/// Where the documentation shows the plot.
const PUBLISHED: &str = "docs/bench/scale.svg";

/// What was measured of one size.
#[derive(Debug)]
pub(super) struct Size {
    pub(super) memberships: u32,
    pub(super) short: Figures,
    pub(super) uuid: Figures,
    pub(super) yardstick: Figures,
}

pub(super) fn run(options: Options, asked: Asked) -> Result<(), Box<dyn Error>> {
    let sizes = options.pick(
        &[10_000, 100_000, 1_000_000, 10_000_000][..],
        &[1_000, 2_000],
    );
    let mut all = Vec::new();
    for memberships in sizes.iter().copied() {
        if asked.up_to.is_some_and(|up_to| memberships > up_to) {
            continue;
        }
        eprintln!("{} memberships", grouped(memberships));
        all.push(Size {
            memberships,
            short: part("--part-short", memberships, options)?,
            uuid: part("--part-uuid", memberships, options)?,
            yardstick: part("--part-yardstick", memberships, options)?,
        });
    }
    let mut table = Table::new("scale", options);
    for size in &all {
        rows(size, &mut table);
    }
    let found = (lines::look(false)?, lines::look(true)?);
    if let (Some(found), Some(control)) = found {
        let shared = "written by one deciding thread, touched by another";
        table.row(shared, found.shared, Unit::Lines.as_str());
        table.row(
            format!("{shared}; with a counter"),
            control.shared,
            Unit::Lines.as_str(),
        );
        table.row(
            "stores of one decision",
            found.stores,
            Unit::PerDecision.as_str(),
        );
    } else {
        println!("valgrind is not installed: what deciding threads write was not looked at");
    }
    let json = table.finish()?;
    for ids in Ids::ALL {
        println!("{}: {}", ids.name(), ids.told());
    }
    for goal in goals::all(&all, found.0.zip(found.1)) {
        println!("{goal}");
    }
    let drawn = json.with_extension("svg");
    fs::write(&drawn, plot::draw(&all))?;
    println!("drawn to {}", drawn.display());
    if asked.publish {
        if let Some(folder) = Path::new(PUBLISHED).parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&drawn, PUBLISHED)?;
        println!("published as {PUBLISHED}");
    }
    Ok(())
}

/// Measures in a process of its own.
fn part(name: &str, memberships: u32, options: Options) -> Result<Figures, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .args([name, &memberships.to_string()])
        .args(options.quick.then_some("--quick"))
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("`{name} {memberships}` has failed").into());
    }
    Ok(Figures::read(&output.stdout)?)
}

fn rows(size: &Size, table: &mut Table) {
    let parts = [
        (Ids::Short.name(), &size.short),
        (Ids::Uuid.name(), &size.uuid),
        ("the yardstick's population", &size.yardstick),
    ];
    for (name, figures) in parts {
        for figure in figures.iter() {
            table.push(Row {
                name: format!("{}, {name}: {}", grouped(size.memberships), figure.what),
                value: figure.value,
                unit: Unit::of(&figure.unit),
                ratio: figure.ratio,
                range: None,
            });
        }
    }
}

/// A number as people read it: `10 k`, `1 M`.
pub(super) fn grouped(number: u32) -> String {
    match number {
        1_000_000.. => format!("{} M", number / 1_000_000),
        1_000.. => format!("{} k", number / 1_000),
        _ => number.to_string(),
    }
}
