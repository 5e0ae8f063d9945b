//! What each observer costs a decision, beside none.
//!
//! A column decides and tells one observer. Before each round all that waits to be written is waited for, so a round,
//! which is shorter than what may wait, never meets a full queue, and shares its time with the thread of its own
//! sink alone.

mod sinks;

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use gatepost::{
    Evaluation, Mode, NamedOrg, Next, Org, OrgId, Owner, PolicyText, Requirement, Snapshot,
    Subject, SubjectId,
};
use gatepost_enforce::{Decided, Observer, Verdict};
use gatepost_observe::{DecisionLog, DecisionLogBuilder, JsonLines, Metrics, StoreSink};
use gatepost_store::PolicyStore;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use tokio::runtime::Handle;

use crate::allocations;
use crate::options::Options;
use crate::race::{Outcome, median, sorted};
use crate::table::Table;
use sinks::Forgets;

pub(crate) const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"))
    .owner(Owner::Subject);
/// Fewer than may wait.
const ROUND: usize = 2000;
/// Over so many allocations are counted.
const COUNTED: u32 = 1000;
const LONG: Duration = Duration::from_mins(1);
/// More than there are.
const ALL: u32 = 1_000_000_000;

/// One observer, or none.
struct Column {
    name: &'static str,
    observer: Option<Box<dyn Observer>>,
    /// What is waited for before each round.
    log: Option<DecisionLog>,
    times: Vec<f64>,
}

/// Runs the bench.
///
/// # Errors
///
/// When a decision is not what it should be, a sink takes too long, or the figures cannot be written.
pub fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let folder = tempfile::tempdir()?;
    let store = sinks::store(&runtime, folder.path())?;
    let recorder = PrometheusBuilder::new()
        .set_buckets(gatepost_observe::SECONDS)?
        .build_recorder();
    let facts = PolicyText::toml(POLICY).compile(1)?;
    let mut table = Table::new("observe", options);
    for (case, org) in [("a denial", "globex"), ("an allow", "acme")] {
        let asked = asked(org)?;
        let path = folder.path().join(org);
        let mut columns = columns(&path, &store, runtime.handle(), &recorder)?;
        race(options, &mut columns, &asked, &facts, &recorder)?;
        table.race(case, outcomes(columns, &asked, &facts));
    }
    sinks::run(options, &runtime, folder.path(), &store, &facts, &mut table)?;
    table.finish()?;
    println!(
        "A decision: a request is cloned and decided; beside `none`, an observer is told. Each time is the median of \
         rounds in which all columns took turns; in brackets the quickest and the slowest. `every line` is a log that \
         passes over nothing."
    );
    Ok(())
}

const POLICY: &str = r#"
version = 1
[resources]
chat = ["create"]
[site.gates.chat]
switch = "on"
access = "everyone"
foreground.switch = "on"
[org_roles.member]
level = 10
grants = ["chat:create"]
[orgs.acme.members.alice]
roles = ["member"]
[orgs.globex]
"#;

pub(crate) fn asked(org: &str) -> Result<Evaluation, Box<dyn Error>> {
    let alice = Subject::new(SubjectId::new("alice")?);
    let mut asked = Evaluation::new(&CREATE, "chat", Some(alice));
    asked.org(NamedOrg::Named(OrgId::new(org)?));
    Ok(asked)
}

fn columns(
    path: &Path,
    store: &PolicyStore,
    runtime: &Handle,
    recorder: &PrometheusRecorder,
) -> Result<Vec<Column>, Box<dyn Error>> {
    let metrics = metrics::with_local_recorder(recorder, Metrics::new);
    let paced = DecisionLog::builder("web").sink("forgets", Forgets);
    let forgets = every_line().sink("forgets", Forgets);
    let file = every_line().sink("file", JsonLines::open(path)?);
    let in_store = StoreSink::new(store.clone(), runtime.clone());
    let in_store = every_line().sink("store", in_store);
    let mut columns = vec![
        Column::new("none", None, None),
        Column::new("metrics", Some(Box::new(metrics)), None),
    ];
    for (name, builder) in [
        ("log, as it is by default", paced),
        ("log, every line, to nowhere", forgets),
        ("log, every line, to a file", file),
        ("log, every line, to SQLite", in_store),
    ] {
        let log = builder.build()?;
        columns.push(Column::new(name, Some(Box::new(log.clone())), Some(log)));
    }
    Ok(columns)
}

pub(crate) fn every_line() -> DecisionLogBuilder {
    DecisionLog::builder("web")
        .one_allow_in(1)
        .lines_a_second(ALL, ALL)
        .allows_a_second(ALL, ALL)
}

fn race(
    options: Options,
    columns: &mut [Column],
    asked: &Evaluation,
    facts: &Snapshot,
    recorder: &PrometheusRecorder,
) -> Result<(), Box<dyn Error>> {
    let round = options.pick(ROUND, 20);
    for number in 0..options.pick(101, 3) {
        for at in 0..columns.len() {
            for column in columns.iter() {
                if column.log.as_ref().is_some_and(|log| !log.flush(LONG)) {
                    return Err(format!("`{}` does not keep up", column.name).into());
                }
            }
            recorder.handle().run_upkeep();
            let Some(column) = columns.get_mut(at) else {
                continue;
            };
            let observer = column.observer.as_deref();
            let time = metrics::with_local_recorder(recorder, || {
                let start = Instant::now();
                for _ in 0..round {
                    decide(asked, facts, observer);
                }
                start.elapsed()
            });
            // The first warms up.
            if number > 0 {
                let times = f64::from(u32::try_from(round)?);
                column.times.push(time.as_secs_f64() * 1e9 / times);
            }
        }
    }
    Ok(())
}

/// Decides a request, and tells what came of it.
fn decide(asked: &Evaluation, facts: &Snapshot, observer: Option<&dyn Observer>) {
    let mut asking = asked.clone();
    let next = asking.next(facts);
    if let Some(observer) = observer {
        // An adapter clones what is asked where somebody observes.
        let asked = asked.clone();
        let verdict = match &next {
            Next::Admit(permit) => Verdict::Allow(permit),
            Next::Reject(denial) => Verdict::Refuse(denial),
            _ => return,
        };
        let mut told = Decided::new(verdict, Some(&asked), &CREATE);
        told.method = "POST";
        told.path = Some("/orgs/{org}/chats");
        told.latency = Duration::from_micros(1);
        observer.decided(&told);
    }
    black_box(next);
}

fn outcomes(columns: Vec<Column>, asked: &Evaluation, facts: &Snapshot) -> Vec<Outcome> {
    let base = columns.first().map(|first| first.times.clone());
    let base = base.unwrap_or_default();
    let outcomes = columns.into_iter().enumerate().map(|(place, column)| {
        let observer = column.observer.as_deref();
        if let Some(log) = &column.log {
            log.flush(LONG);
        }
        let ((), seen) = allocations::counted(|| {
            for _ in 0..COUNTED {
                decide(asked, facts, observer);
            }
        });
        let pairs = column.times.iter().zip(&base);
        let ratios = pairs.map(|(own, base)| own / base).collect();
        let times = sorted(column.times.clone());
        Outcome {
            name: column.name,
            min: times.first().copied().unwrap_or_default(),
            median: median(&times),
            max: times.last().copied().unwrap_or_default(),
            ratio: (place > 0).then(|| median(&sorted(ratios))),
            allocations: f64::from(u32::try_from(seen.count).unwrap_or(u32::MAX))
                / f64::from(COUNTED),
            rounds: column.times,
        }
    });
    outcomes.collect()
}

impl Column {
    fn new(
        name: &'static str,
        observer: Option<Box<dyn Observer>>,
        log: Option<DecisionLog>,
    ) -> Self {
        Self {
            name,
            observer,
            log,
            times: Vec::new(),
        }
    }
}
