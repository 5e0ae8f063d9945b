//! Servers that are asked over sockets: bare ones, ones that only tell who asks, and ones that decide.

mod client;
mod contestants;
mod figures;
mod identity;
mod instructions;
mod login;
mod machine;
mod memory;
mod on_actix;
mod on_axum;
mod rounds;
mod server;

use std::error::Error;

use figures::{Options, Table};

/// Does what the command line asks for: the whole bench, or one server.
///
/// # Errors
///
/// When a server cannot be started, or answers what it should not.
pub(super) fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    let first = arguments.next();
    if first.as_deref() == Some(server::SERVE) {
        let name = arguments.next().ok_or("which server?")?;
        return server::run(&name, arguments.next());
    }
    let options = Options::of(first.into_iter().chain(arguments))?;
    machine::has_wrk()?;
    let mut table = Table::default();
    for part in [rounds::measure, instructions::measure, memory::measure] {
        for goal in part(options, &mut table)? {
            println!("{goal}");
        }
    }
    table.finish(options)
}

const fn verdict(holds: bool) -> &'static str {
    if holds { "held" } else { "NOT HELD" }
}
