//! How many lines a second a sink takes, and how long a request waits for its line.

use std::error::Error;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use gatepost::{Evaluation, Next, PolicyDocument, Snapshot};
use gatepost_enforce::{Decided, Journal, Verdict};
use gatepost_observe::{DecisionLog, JsonLines, LogLine, Sink, StoreSink};
use gatepost_store::{Author, PolicyStore, StoreUrl};
use tokio::runtime::Runtime;

use super::{CREATE, LONG, asked, decide, every_line};
use crate::options::Options;
use crate::race::{median, sorted};
use crate::table::Table;

/// A sink that has written everything.
#[derive(Debug)]
pub(super) struct Forgets;

impl Sink for Forgets {
    fn write(&mut self, _: &[LogLine]) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A store in a file, with a policy.
pub(super) fn store(runtime: &Runtime, folder: &Path) -> Result<PolicyStore, Box<dyn Error>> {
    let url = StoreUrl::sqlite(folder.join("policy.db"));
    let document: PolicyDocument = serde_json::from_str(r#"{ "version": 1 }"#)?;
    let author = Author::Operator {
        name: "bench".to_owned(),
    };
    let seeded = PolicyStore::open_or_seed(&url, &document, author, "a bench");
    Ok(runtime.block_on(seeded)?)
}

pub(super) fn run(
    options: Options,
    runtime: &Runtime,
    folder: &Path,
    store: &PolicyStore,
    facts: &Snapshot,
    table: &mut Table,
) -> Result<(), Box<dyn Error>> {
    let asked = asked("acme")?;
    for name in ["nowhere", "a file", "SQLite"] {
        let log = || -> Result<DecisionLog, Box<dyn Error>> {
            let lines = options.pick(200_000, 200);
            let builder = every_line().waiting(lines, 1 << 30).journal_wait(LONG);
            let builder = match name {
                "a file" => builder.sink("file", JsonLines::open(folder.join("lines"))?),
                "SQLite" => {
                    let sink = StoreSink::new(store.clone(), runtime.handle().clone());
                    builder.sink("store", sink)
                }
                _ => builder.sink("forgets", Forgets),
            };
            Ok(builder.build()?)
        };
        let lines = options.pick(if name == "SQLite" { 20_000 } else { 200_000 }, 200);
        let a_second = lines_a_second(&log()?, lines, &asked, facts)?;
        table.row(format!("lines to {name}"), a_second, "a second");
        let waits = waits(&log()?, options.pick(500, 5), runtime, &asked, facts)?;
        table.row(format!("no line, no allow: a line to {name}"), waits, "us");
    }
    Ok(())
}

fn lines_a_second(
    log: &DecisionLog,
    lines: u32,
    asked: &Evaluation,
    facts: &Snapshot,
) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    for _ in 0..lines {
        decide(asked, facts, Some(log));
    }
    if !log.flush(LONG) {
        return Err("the lines were not written in time".into());
    }
    let time = start.elapsed();
    let told = log.statistics();
    let written: u64 = told.sinks.iter().map(|sink| sink.written).sum();
    if written != u64::from(lines) {
        return Err(format!("{written} of {lines} lines were written").into());
    }
    Ok(f64::from(lines) / time.as_secs_f64())
}

/// How long a request waits, in microseconds: the median.
fn waits(
    log: &DecisionLog,
    times: u32,
    runtime: &Runtime,
    asked: &Evaluation,
    facts: &Snapshot,
) -> Result<f64, Box<dyn Error>> {
    let mut took = Vec::new();
    for _ in 0..times {
        let Next::Admit(permit) = asked.clone().next(facts) else {
            return Err("alice may".into());
        };
        let told = Decided::new(Verdict::Allow(&permit), Some(asked), &CREATE);
        let start = Instant::now();
        runtime.block_on(Journal::write(log, &told))?;
        took.push(micros(start.elapsed()));
    }
    Ok(median(&sorted(took)))
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
