//! `gatepost impact`: whose answers a change would flip.

mod change;
mod orgs;
mod print;
mod replayed;
mod told;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use gatepost::{Impact, Inventory, PolicyDocument, Snapshot, Timestamp};
use gatepost_store::{Command, Preview};

use crate::Exit;
use crate::fault::Fault;
use crate::records::RecordArgs;
use crate::routes::{read_all, stdin_once};
use crate::source::{Policy, Source};
use orgs::ByOrg;
use print::{By, Counted};
use replayed::Replayed;

/// Print whose answers a change would flip, without making it
///
/// Asks for every member of every org, on every route and in every mode, by the policy as it is and as it would
/// be: counted exactly, never sampled. Nothing is written.
///
/// With --log, the requests of a decision log are asked again by both policies as well: how many that people
/// really made would be answered otherwise.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub(crate) struct ImpactArgs {
    #[command(flatten)]
    source: Source,
    /// The change, as `gatepost` takes it: `org switch acme chat off`; may be given more than once, and each is
    /// made to what the ones before it leave
    #[arg(
        long = "change",
        value_name = "COMMAND",
        required_unless_present = "candidate",
        conflicts_with = "candidate",
        value_parser = change::read
    )]
    changes: Vec<Command>,
    /// A policy document in the place of the whole policy
    #[arg(long, value_name = "FILE")]
    candidate: Option<PathBuf>,
    /// Ask what the routes in this inventory ask, `-` for standard input; may be given more than once
    /// [default: every action that is declared, in every mode]
    #[arg(long, value_name = "FILE")]
    routes: Vec<PathBuf>,
    /// The moment of the question, as RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// List every member whose answers flip, before they are counted
    #[arg(long)]
    members: bool,
    #[command(flatten)]
    log: RecordArgs,
    /// Print a JSON object; with --members, one a line for each of them, and that behind them
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Examples:
  gatepost impact --store sqlite:policy.db --change 'org switch acme chat off'
  gatepost impact --policy policy.toml --candidate next.toml --routes routes.json --members
  gatepost impact --store sqlite:policy.db --change 'site floor chat background developer' \\
      --log decisions.jsonl

A member is a subject in an org; by itself is a subject where no org is named. Who is not counted,
though the change may concern them, is told: whoever is no member of a public org, subjects with a
site role for all orgs outside of memberships, and whom agents act for.

A line of --members: `loses` or `gains`, the subject, the org or `-`, the route, what it asks, and
what is answered and would be: `allow`, `own` (with one's own objects), `others` (with those of
others), or a code.

Exit status:
  0  nobody's answers flip, nor does any of the log
  1  some do
  2  an error: the arguments, the policy, the change, the routes or the log could not be read";

/// What is so and what would be.
pub(crate) struct Sides {
    pub(crate) before: Snapshot,
    pub(crate) after: Snapshot,
}

pub(crate) fn run(args: &ImpactArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    stdin_once(args.routes.iter().chain(args.log.files()))?;
    let policy = args.source.open()?;
    // With its lines, where it is refused.
    let before = policy.compile()?;
    let (after, summary) = match &args.candidate {
        Some(file) => (Policy::read(file)?.compile()?, Vec::new()),
        None => changed(&policy, &args.changes, before.version())?,
    };
    let sides = Sides { before, after };
    let (routes, by) = if args.routes.is_empty() {
        let actions = Inventory::of_actions(&sides.before);
        (
            actions.and(Inventory::of_actions(&sides.after)),
            By::Actions,
        )
    } else {
        (read_all(&args.routes)?, By::Routes)
    };
    let at = args.at.unwrap_or_else(Timestamp::now);
    let replayed = Replayed::of(&args.log, &sides)?;

    let mut by_org = ByOrg::default();
    let mut printed = Ok(());
    let impact = Impact::listed_at(
        &sides.before,
        &sides.after,
        &routes,
        at,
        usize::MAX,
        |member| {
            by_org.add(member);
            if args.members && printed.is_ok() {
                printed = told::member(member, by, args.json, out);
            }
        },
    );
    printed?;
    let impact = impact.map_err(|why| Fault::BadRequest(why.to_string()))?;
    let is_nothing = impact.is_nothing() && replayed.as_ref().is_none_or(Replayed::is_nothing);
    let counted = Counted {
        version: sides.before.version(),
        by,
        summary,
        impact,
        by_org,
        replayed,
    };
    if args.json {
        counted.print_json(args.members, out)?;
    } else {
        if args.members && !counted.impact.is_nothing() {
            writeln!(out)?;
        }
        counted.print(out)?;
    }
    Ok(if is_nothing { Exit::Good } else { Exit::Bad })
}

/// The policy as it would be, and what changes of it.
fn changed(
    policy: &Policy,
    changes: &[Command],
    version: u64,
) -> Result<(Snapshot, Vec<String>), Fault> {
    let document: PolicyDocument = policy.document()?;
    let preview = Preview::of_commands(changes, &document, version);
    // That a change is refused is no impact.
    let preview = preview.map_err(|why| Fault::BadRequest(why.to_string()))?;
    let after = preview.apply(&document)?;
    drop(document);
    let after = Snapshot::compile(&after, version);
    let after = after.map_err(|error| Fault::refused(policy.place(), &error))?;
    Ok((after, preview.summary))
}
