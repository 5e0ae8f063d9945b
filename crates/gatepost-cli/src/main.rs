//! The command line of Gatepost.

mod answer;
mod args;
mod batch;
mod check;
mod console;
mod credential;
mod edit;
mod explain;
mod fault;
mod impact;
mod lint;
mod listing;
mod log;
mod matrix;
mod records;
mod request;
mod routes;
mod runtime;
mod schema;
mod serve;
mod source;
mod store;
mod test;
mod token;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command};
use fault::Fault;

/// How a command ended, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// 0: allowed, clean, all passed.
    Good,
    /// 1: denied, findings, failures.
    Bad,
    /// 2: no answer could be given.
    Unable,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Good => 0,
            Exit::Bad => 1,
            Exit::Unable => 2,
        })
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let exit = run(cli.command).unwrap_or_else(|fault| {
        // A reader that has gone away wants no more lines, and no complaint.
        let _ = fault.report(&mut io::stderr().lock());
        fault.exit()
    });
    exit.into()
}

fn run(command: Command) -> Result<Exit, Fault> {
    let out = anstream::AutoStream::auto(io::stdout().lock());
    let mut out = io::BufWriter::with_capacity(64 * 1024, out);
    let exit = match command {
        Command::Lint(args) => lint::run(&args, &mut out),
        Command::Check(args) => check::run(&args, &mut out),
        Command::Explain(args) => explain::run(&args, &mut out),
        Command::Test(args) => test::run(&args, &mut out),
        Command::Matrix(args) => matrix::run(&args, &mut out),
        Command::Routes(args) => routes::run(&args, &mut out),
        Command::Impact(args) => impact::run(&args, &mut out),
        Command::Log(args) => log::run(&args, &mut out),
        Command::Schema => schema::run(&mut out),
        Command::Store(command) => store::run(command, &mut out),
        Command::Serve(args) => serve::run(&args, &mut out),
        Command::Console(command) => console::run(command, &mut out),
        Command::Token(command) => token::run(command, &mut out),
        Command::Site(command) => edit::run(command.into(), &mut out),
        Command::Org(command) => edit::run(command.into(), &mut out),
        Command::Member(command) => edit::run(command.into(), &mut out),
        Command::Subject(command) => edit::run(command.into(), &mut out),
        Command::Role(command) => edit::run(command.into(), &mut out),
        Command::Resource(command) => edit::run(command.into(), &mut out),
    };
    // What was answered before a fault is not lost.
    let flushed = out.flush();
    let exit = exit?;
    flushed?;
    Ok(exit)
}
