//! `gatepost routes`: what the routes of a service require.

use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use gatepost::{Inventory, InventoryChanges};

use crate::Exit;
use crate::fault::Fault;
use crate::listing::printable;

/// Print what the routes of a service require, or what has changed about them
///
/// Reads an inventory of routes, as a service prints it or keeps it in a file, and prints a line for
/// each route: what it requires, or why it is public.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub(crate) struct RoutesArgs {
    /// The inventory; `-` for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    routes: PathBuf,
    /// Compare with the inventory in this file, and print what is different: those that are laxer first
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    check: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

const HELP: &str = "\
Examples:
  gatepost routes routes.json
  my-service --print-routes | gatepost routes --format json > routes.json
  my-service --print-routes | gatepost routes --check routes.json

`(laxer)` stands behind a change that lets more through whatever the policy says: a route that is
public now, that is no longer in an org, whose denials are no longer hidden, or whose requests no
longer end with their permits. Whether another resource or action is laxer is for the policy to say:
`gatepost matrix --routes`.

Exit status:
  0  the routes were printed; with --check: nothing is different
  1  with --check: something is
  2  an inventory could not be read";

/// How an inventory is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Columns for a person
    Table,
    /// The inventory as it is kept in a file: without where its routes were registered
    Json,
    /// A table of Markdown
    Markdown,
}

pub(crate) fn run(args: &RoutesArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    if let Some(check) = &args.check {
        stdin_once([check, &args.routes])?;
        let (kept, routes) = (read(check)?, read(&args.routes)?);
        let changes = kept.changes(&routes);
        let is_same = kept.without_sources() == routes.without_sources();
        return print_changes(&changes, is_same, out);
    }
    let routes = read(&args.routes)?;
    match args.format {
        Format::Table => print_lines(&routes.to_table(), out)?,
        Format::Json => out.write_all(routes.without_sources().to_json().as_bytes())?,
        Format::Markdown => print_lines(&routes.to_markdown(), out)?,
    }
    Ok(Exit::Good)
}

fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

/// Refuses to read standard input for two files: the second would be empty.
pub(crate) fn stdin_once<'f>(files: impl IntoIterator<Item = &'f PathBuf>) -> Result<(), Fault> {
    if files.into_iter().filter(|file| is_stdin(file)).count() > 1 {
        let why = "standard input is one file: name another for what else is read";
        return Err(Fault::BadRequest(why.to_owned()));
    }
    Ok(())
}

/// Reads an inventory from a file or from standard input.
pub(crate) fn read(file: &Path) -> Result<Inventory, Fault> {
    let text = read_text(file)?;
    if text.trim().is_empty() {
        let why = "the file is no inventory of routes: it is empty";
        return Err(Fault::refused_file(file, why));
    }
    Inventory::from_json(&text).map_err(|error| Fault::refused_file(file, &error))
}

/// The routes of all of these together.
pub(crate) fn read_all(files: &[PathBuf]) -> Result<Inventory, Fault> {
    stdin_once(files)?;
    let mut all = Inventory::default();
    for file in files {
        all = all.and(read(file)?);
    }
    Ok(all)
}

/// The text of a file, or what standard input gives, without the mark that some editors put before it.
pub(crate) fn read_text(file: &Path) -> Result<String, Fault> {
    let mut text = String::new();
    let read = if is_stdin(file) {
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    let mut text = read.map_err(|error| Fault::unreadable(file, error))?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

fn print_changes(
    changes: &InventoryChanges,
    is_same: bool,
    out: &mut dyn Write,
) -> Result<Exit, Fault> {
    for change in changes.laxer_first() {
        writeln!(out, "{}", printable(change))?;
    }
    compared(changes.is_empty(), is_same, out)
}

/// How a comparison ends, behind the changes that were told: whatever is different is 1, told or not.
pub(crate) fn compared(is_untold: bool, is_same: bool, out: &mut dyn Write) -> Result<Exit, Fault> {
    if is_untold && is_same {
        return Ok(Exit::Good);
    }
    if is_untold {
        writeln!(out, "the files differ, in what cannot be told in words")?;
    }
    Ok(Exit::Bad)
}

/// Prints what an inventory says with whatever could steer a terminal written as an escape.
pub(crate) fn print_lines(text: &str, out: &mut dyn Write) -> io::Result<()> {
    text.lines()
        .try_for_each(|line| writeln!(out, "{}", printable(line)))
}
