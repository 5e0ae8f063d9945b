//! `gatepost log`: what services decided, searched.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use gatepost::{Mode, SubjectId, Timestamp};
use gatepost_observe::{LogReader, LogRecord, harmless};
use gatepost_store::{DecisionFilter, PolicyStore, StoreUrl};

use crate::Exit;
use crate::fault::Fault;
use crate::runtime::block_on;
use crate::source::STORE_VARIABLE;

/// Search the log of decisions
///
/// Prints the last decisions that all the conditions let through, the newest last: when, what came of it, what
/// was asked for, in which org, by whom, on which route, by which policy version, and the decision's id, which
/// is also in the answer that the client got.
#[derive(Debug, Args)]
#[command(after_long_help = LOG_HELP)]
pub(crate) struct LogArgs {
    #[command(flatten)]
    from: From,
    /// Decisions about this alone: a resource and an action, such as `chat:create`
    #[arg(value_name = "RESOURCE:ACTION")]
    what: Option<String>,
    /// The decision of this id
    #[arg(long, value_name = "ID")]
    decision: Option<String>,
    /// Decisions about this subject; of a log with hashes: its hash
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    /// Decisions in this org; of a log with hashes: its hash
    #[arg(long, value_name = "ORG")]
    org: Option<String>,
    /// Decisions with this code, such as `org_off`
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Decisions that came out so
    #[arg(long, value_enum)]
    outcome: Option<Outcome>,
    /// Decisions that were taken then or later, as RFC 3339
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Decisions that were taken before then, as RFC 3339
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// At most so many: the last ones
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: usize,
    /// Print the records, one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Where the log is: one of these.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct From {
    /// The file that a service writes; those that were rotated from it are read as well
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The store that services write to: `sqlite:PATH` or `postgres://NAME:PASSWORD@HOST/DATABASE`
    /// [default: what the environment has as `GATEPOST_STORE`]
    #[arg(long, value_name = "URL")]
    store: Option<String>,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Outcome {
    Allow,
    Deny,
    Error,
}

const LOG_HELP: &str = "\
Examples:
  gatepost log --file decisions.jsonl --org acme --code org_off
  gatepost log --store sqlite:policy.db --decision 01KAPX3V6M8Z0F2A --json
  gatepost log --file decisions.jsonl --since 2027-01-01T00:00:00Z --subject alice chat:create

`xN` behind an outcome: the line stands for N decisions, those of its code that have no line of their own
included. `(reported)`: the request went on, since its requirement only reports.

Exit status:
  0  something was found
  1  nothing was
  2  an error: the arguments or the log could not be read";

pub(crate) fn run(args: &LogArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    let what = args.what.as_deref().map(|what| {
        let asked = what.split_once(':');
        asked.ok_or_else(|| Fault::BadRequest(format!("`{what}` is no `resource:action`")))
    });
    let what = what.transpose()?;
    let (records, unread) = match (&args.from.file, &args.from.store) {
        (Some(file), _) => in_file(file, args, what)?,
        (None, Some(url)) => in_store(url, args, what)?,
        (None, None) => match std::env::var(STORE_VARIABLE) {
            Ok(url) => in_store(&url, args, what)?,
            Err(_) => {
                return Err(Fault::BadRequest(format!(
                    "where is the log? Give `--file FILE` or `--store URL`, or set `{STORE_VARIABLE}`"
                )));
            }
        },
    };
    if args.json {
        for record in &records {
            let line = record.to_line().map_err(std::io::Error::from)?;
            writeln!(out, "{line}")?;
        }
    } else {
        print(&records, out)?;
    }
    out.flush()?;
    if let Some(first) = &unread.first {
        let mut to = std::io::stderr().lock();
        writeln!(to, "{} of the lines are left out: {first}", unread.count)?;
    }
    Ok(if records.is_empty() {
        Exit::Bad
    } else {
        Exit::Good
    })
}

/// What was found, and why what is left out could not be read.
type Found = (VecDeque<LogRecord>, Unread);

/// Lines that could not be read.
#[derive(Debug, Default)]
struct Unread {
    count: u64,
    first: Option<String>,
}

impl Unread {
    fn add(&mut self, why: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| harmless(why).into_owned());
    }
}

fn in_file(file: &Path, args: &LogArgs, what: Option<(&str, &str)>) -> Result<Found, Fault> {
    let reader = LogReader::open(file).map_err(|error| Fault::unreadable(file, error))?;
    let mut found = VecDeque::new();
    let mut unread = Unread::default();
    for line in reader {
        match line {
            Ok(record) if args.lets_through(&record, what) => {
                if found.len() >= args.limit {
                    found.pop_front();
                }
                if args.limit > 0 {
                    found.push_back(record);
                }
            }
            Ok(_) => {}
            Err(error) => unread.add(&error.to_string()),
        }
    }
    Ok((found, unread))
}

fn in_store(url: &str, args: &LogArgs, what: Option<(&str, &str)>) -> Result<Found, Fault> {
    let url: StoreUrl = url.parse()?;
    let filter = args.filter(what);
    let notes = block_on(async { PolicyStore::open(&url).await?.decisions(&filter).await })??;
    let mut found = VecDeque::new();
    let mut unread = Unread::default();
    for note in notes.into_iter().rev() {
        match serde_json::from_str(&note.record) {
            Ok(record) => found.push_back(record),
            Err(error) => {
                let decision = note.decision;
                unread.add(&format!(
                    "the decision `{decision}` cannot be read: {error}"
                ));
            }
        }
    }
    Ok((found, unread))
}

impl LogArgs {
    fn filter(&self, what: Option<(&str, &str)>) -> DecisionFilter {
        let mut filter = DecisionFilter::default().limit(self.limit);
        if let Some((resource, action)) = what {
            filter = filter.resource(resource).action(action);
        }
        if let Some(decision) = &self.decision {
            filter = filter.decision(decision);
        }
        if let Some(subject) = &self.subject {
            filter = filter.subject(subject);
        }
        if let Some(org) = &self.org {
            filter = filter.org(org);
        }
        if let Some(code) = &self.code {
            filter = filter.code(code);
        }
        if let Some(outcome) = self.outcome {
            filter = filter.outcome(outcome.as_str());
        }
        if let Some(since) = self.since {
            filter = filter.since(since);
        }
        if let Some(until) = self.until {
            filter = filter.until(until);
        }
        filter
    }

    /// The same of a record.
    fn lets_through(&self, record: &LogRecord, what: Option<(&str, &str)>) -> bool {
        fn is(wanted: Option<&str>, there: Option<&str>) -> bool {
            wanted.is_none() || wanted == there
        }
        let subject = record.subject.as_ref().map(|subject| subject.id.as_str());
        let org = record.resource.properties.org.as_ref();
        // A store tells moments to the millisecond.
        let at = record.time.as_millis();
        is(self.decision.as_deref(), Some(&record.decision_id))
            && is(self.subject.as_deref(), subject)
            && is(self.org.as_deref(), org.map(gatepost::OrgId::as_str))
            && is(self.code.as_deref(), record.code.as_deref())
            && is(self.outcome.map(Outcome::as_str), Some(&record.outcome))
            && is(what.map(|it| it.0), Some(&record.resource.r#type))
            && is(what.map(|it| it.1), Some(&record.action.name))
            && self.since.is_none_or(|since| at >= since.as_millis())
            && self.until.is_none_or(|until| at < until.as_millis())
    }
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Error => "error",
        }
    }
}

/// Columns wider than this are left ragged rather than pushing everything else away.
const WIDEST: usize = 48;

fn print(records: &VecDeque<LogRecord>, out: &mut dyn Write) -> Result<(), Fault> {
    let rows: Vec<[String; 8]> = records.iter().map(row).collect();
    let mut widths = [0; 8];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            let own = cell.chars().count();
            if own <= WIDEST {
                *width = own.max(*width);
            }
        }
    }
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // Nothing is wrong with a text that is written to.
            let _ = write!(line, "{cell:width$}  ");
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The cells of a record; nothing in them steers a terminal.
fn row(record: &LogRecord) -> [String; 8] {
    let mut outcome = record.outcome.clone();
    if let Some(code) = &record.code {
        outcome = format!("{outcome} {code}");
    }
    if !record.enforced {
        outcome.push_str(" (reported)");
    }
    if record.revoked.is_some() {
        outcome.push_str(" (revoked)");
    }
    if record.times > 1 {
        outcome = format!("{outcome} x{}", record.times);
    }
    let mode = record.context.mode.map(Mode::as_str);
    let mode = mode.map_or(String::new(), |mode| format!("#{mode}"));
    let subject = record.subject.as_ref().map(|subject| {
        let acting_for = subject.properties.acting_for.as_ref();
        let acting_for = acting_for.map(SubjectId::as_str);
        acting_for.map_or(subject.id.to_string(), |whom| {
            format!("{} for {whom}", subject.id)
        })
    });
    let org = record.resource.properties.org.as_ref();
    let path = record.route.path.as_deref().unwrap_or_default();
    let none = || "-".to_owned();
    let route = format!("{} {path}", record.route.method);
    [
        record.time.to_string(),
        outcome,
        format!("{}:{}{mode}", record.resource.r#type, record.action.name),
        org.map_or_else(none, ToString::to_string),
        subject.unwrap_or_else(none),
        if route == " " { none() } else { route },
        record
            .version
            .map_or_else(none, |version| format!("v{version}")),
        record.decision_id.clone(),
    ]
    .map(|cell| harmless(&cell).trim().to_owned())
}
