//! The commands and their arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use gatepost::Timestamp;

use crate::console::ConsoleCommand;
use crate::edit::{
    MemberCommand, OrgCommand, ResourceCommand, RoleCommand, SiteCommand, SubjectCommand,
};
use crate::impact::ImpactArgs;
use crate::log::LogArgs;
use crate::matrix::{By, Format};
use crate::records::RecordArgs;
use crate::request::RequestArgs;
use crate::routes::RoutesArgs;
use crate::serve::ServeArgs;
use crate::source::Source;
use crate::store::StoreCommand;
use crate::token::TokenCommand;

/// Asks a Gatepost policy what it allows, why, and whether it says what was meant.
#[derive(Debug, Parser)]
#[command(name = "gatepost", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Lint(LintArgs),
    Check(CheckArgs),
    Explain(ExplainArgs),
    Test(TestArgs),
    Matrix(MatrixArgs),
    Routes(RoutesArgs),
    Impact(ImpactArgs),
    Log(LogArgs),
    /// Print the JSON Schema of the policy document
    ///
    /// For editors that complete and check while typing, TOML or JSON. The schema says what may
    /// stand where; what the names mean to each other is checked by `gatepost lint`.
    Schema,
    #[command(subcommand)]
    Store(StoreCommand),
    Serve(ServeArgs),
    #[command(subcommand)]
    Console(ConsoleCommand),
    #[command(subcommand)]
    Token(TokenCommand),
    #[command(subcommand)]
    Site(SiteCommand),
    #[command(subcommand)]
    Org(OrgCommand),
    #[command(subcommand)]
    Member(MemberCommand),
    #[command(subcommand)]
    Subject(SubjectCommand),
    #[command(subcommand)]
    Role(RoleCommand),
    #[command(subcommand)]
    Resource(ResourceCommand),
}

/// Find everything wrong or suspicious in a policy document
///
/// Prints one line for each finding: `file:line  path  message`. A document that would be refused
/// at load yields each of its problems; one that loads yields what does not do what it seems to
/// say: a role that nothing defines, a floor that nobody reaches, a grant that never matches.
///
/// With --routes, also what the policy and the routes of a service have to say to each other: a
/// requirement that the policy does not declare, that is off, or that no role meets, and a grant that
/// no route uses.
///
/// With --json, prints an array of objects with `file`, `line`, `path`, `kind`, `severity`
/// (`error`: refused at load; `warning`: it loads) and `message`.
#[derive(Debug, Args)]
#[command(after_long_help = crate::lint::after_help())]
pub(crate) struct LintArgs {
    /// The policy document, as with --policy
    #[arg(value_name = "POLICY", conflicts_with_all = ["policy", "store"])]
    pub(crate) document: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: Source,
    /// Find what it and these routes have to say to each other as well: an inventory, `-` for standard
    /// input; may be given more than once
    #[arg(long, value_name = "FILE")]
    pub(crate) routes: Vec<PathBuf>,
    /// Report nothing of this kind; may be given more than once
    #[arg(long, value_name = "KIND", value_parser = crate::lint::kind())]
    pub(crate) allow: Vec<gatepost::FindingKind>,
    /// The moment by which a membership is over or not [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
    /// Print the findings as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Decide a request, or a file of them
///
/// Prints `allow`, or `deny CODE (TIER)`: the first of the fifteen checks that failed, and the
/// tier it belongs to. `gatepost explain` with the same arguments shows them all.
#[derive(Debug, Args)]
#[command(after_long_help = CHECK_HELP)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// What is asked for: a resource and an action, such as `chat:create`
    #[arg(
        value_name = "RESOURCE:ACTION",
        required_unless_present = "batch",
        conflicts_with = "batch"
    )]
    pub(crate) what: Option<String>,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    /// Decide every line of this file, `-` for standard input, and print one JSON object a line
    ///
    /// Each line holds one request as a JSON object with the keys `subject`, `kind`, `org`,
    /// `org_rule`, `resource`, `action`, `mode`, `owner`, `scopes`, `acting_for` and `at`; all but
    /// `resource` and `action` may be absent. The answers come in the order of the lines.
    #[arg(long, value_name = "REQUESTS.jsonl", conflicts_with_all = ["request", "json"])]
    pub(crate) batch: Option<PathBuf>,
    /// Print the answer as a JSON object, as --batch does for each line
    #[arg(long)]
    pub(crate) json: bool,
}

const CHECK_HELP: &str = "\
Examples:
  gatepost check --policy policy.toml --subject alice --org acme --mode foreground chat:create
  gatepost check --policy policy.toml --subject planner --kind agent --acting-for alice \\
      --scope 'chat:*' --org acme --owner alice --mode background chat:update
  gatepost check --policy policy.toml --batch requests.jsonl > answers.jsonl

Answers of --batch, one a line:
  {\"decision\":\"allow\"}
  {\"decision\":\"allow\",\"via\":\"all_orgs\"}     a site role with `all_orgs` opened the org
  {\"decision\":\"deny\",\"code\":\"org_off\",\"tier\":\"org\"}
  {\"decision\":\"error\",\"code\":\"bad_request\",\"detail\":\"...\"}
A line that cannot be read as a request (no JSON object, an unknown or repeated key, an ill-formed
name or id, not UTF-8, empty, longer than 1 MiB) is answered with the last, and the rest goes on.

Exit status:
  0  allowed; with --batch: every line was answered, whatever the answers
  1  denied
  2  an error: the arguments, the policy or the file of requests could not be read";

/// Show each of the fifteen checks, its outcome and its reason
///
/// Takes the arguments of `gatepost check`. The checks run in order, the first that fails is the
/// answer, and those behind it are not reached. With --acting-for, both must be allowed: the
/// subject first, then the one it acts for.
///
/// With --decision, it is a decision of the log: the request is asked again, by the policy of the
/// version that it was decided by, as a store tells it, and of the moment at which it was.
#[derive(Debug, Args)]
#[command(after_long_help = EXPLAIN_HELP)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// What is asked for: a resource and an action, such as `chat:create`
    #[arg(
        value_name = "RESOURCE:ACTION",
        required_unless_present = "decision",
        conflicts_with = "decision"
    )]
    pub(crate) what: Option<String>,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    /// A decision of the log, by its id, in place of a request
    #[arg(long, value_name = "ID", conflicts_with = "request")]
    pub(crate) decision: Option<String>,
    #[command(flatten)]
    pub(crate) log: RecordArgs,
    /// Show the checks that passed without a word to say about them as well
    #[arg(long)]
    pub(crate) all: bool,
    /// Print the explanation as JSON, every check included
    #[arg(long)]
    pub(crate) json: bool,
}

const EXPLAIN_HELP: &str = "\
Examples:
  gatepost explain --policy policy.toml --subject alice --org initech --mode background chat:create

  gatepost explain --store sqlite:policy.db --decision 8G3S9X34NSB6PHJY --log decisions.jsonl

Colours are left out where the output is no terminal or NO_COLOR is set.

Exit status:
  0  allowed
  1  denied
  2  an error: the arguments or the policy could not be read; with --decision also: something that
     the answer depends on is not in the record, or the answer is not the recorded one";

/// Run the unit tests of a policy
///
/// A test file holds a policy and cases: requests, each with the answer that is expected. A case
/// that gets another answer is shown with the explanation of the one it got.
#[derive(Debug, Args)]
#[command(after_long_help = TEST_HELP)]
pub(crate) struct TestArgs {
    /// The test files: JSON where the name ends in `.json`, else TOML
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}

const TEST_HELP: &str = "\
A test file in TOML; JSON has the same keys:
  policy = \"policy.toml\"        # relative to this file; or the policy itself, as a table
  [[cases]]
  name = \"alice may see what agents there are\"
  request = { subject = \"alice\", org = \"acme\", resource = \"agent\", action = \"read\" }
  expect = { decision = \"allow\" }
  [[cases]]
  name = \"initech has not opted in\"
  request = { subject = \"alice\", org = \"initech\", resource = \"chat\", action = \"create\" }
  expect = { decision = \"deny\", code = \"org_off\" }

A request has the keys of `gatepost check --batch`; one that cannot be read is answered with the
decision `error` and the code `bad_request`. `expect` has `decision` (allow, deny, error) and may
have `code`, `tier`, `via` (all_orgs), `whose` (subject, acting_for) and `required_role`; what it
leaves out is not compared. A case may have a `policy` of its own. Unknown keys are refused.

Exit status:
  0  every case passed
  1  some case failed
  2  some file or policy could not be read; the others have been run";

/// Print who may do what
///
/// One row for each subject, org, resource and action, with a column for each mode: `none` (a
/// request that only reads or edits records), `foreground` and `background`.
///
/// Without --org, a subject is asked in each org that it is a member of, and one that is a member
/// of none by the site alone: a request without an org, which shows as `-`. With --org, every
/// subject is asked in that org, members or not.
///
/// With --routes, what is asked is what the routes of a service ask, in the modes in which they can run,
/// and it is asked for roles in place of subjects: each site role and none, with each role of `org_roles`
/// and as a non-member, in orgs that have said nothing (`unset`), that have switched everything `off` or
/// `on`, that are `on` and public, and that are `on` and suspended. What is printed is a file to be kept
/// beside the routes; with --check, it is compared with that file.
#[derive(Debug, Args)]
#[command(after_long_help = MATRIX_HELP)]
pub(crate) struct MatrixArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Ask what the routes in this inventory ask; `-` for standard input, and may be given more than once
    #[arg(long, value_name = "FILE", conflicts_with_all = ["org", "console", "format"])]
    pub(crate) routes: Vec<PathBuf>,
    /// With --routes: for whom it is asked [default: roles]
    #[arg(long, value_enum, requires = "routes")]
    pub(crate) by: Option<By>,
    /// With --routes: compare with the matrix in this file, and print what is different
    #[arg(long, value_name = "FILE", requires = "routes")]
    pub(crate) check: Option<PathBuf>,
    /// Ask in this org alone
    #[arg(long, value_name = "ORG")]
    pub(crate) org: Option<String>,
    /// For whom agents are asked; without it each cell of theirs is `delegator_missing`
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) acting_for: Option<String>,
    /// The moment of the question, as RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
    /// Show the console's own resources, `gatepost-*`, as well
    #[arg(long)]
    pub(crate) console: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

const MATRIX_HELP: &str = "\
Cells:
  allow   whosever object it is
  own     objects that the subject owns; of an agent: that the one it acts for owns
  others  objects of others, but not one's own
  CODE    why not

Examples:
  gatepost matrix --policy policy.toml --org acme
  gatepost matrix --policy policy.toml --routes routes.json > matrix.txt
  gatepost matrix --policy policy.toml --routes routes.json --check matrix.txt

`(laxer)` stands behind a change that lets something through which was not let through before.

Exit status:
  0  the matrix was printed; with --check: nothing is different
  1  with --check: something is
  2  an error: the arguments, the policy, the routes or the matrix could not be read";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn every_command_is_one_that_can_be_read() {
        super::Cli::command().debug_assert();
    }
}
