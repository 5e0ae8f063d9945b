//! A replica by itself: follows a store, decides the same requests over and over, and writes down each answer,
//! for tests to stop, cut off and kill.
//!
//! ```text
//! replica --store URL [--name N] [--lease MS] [--interval MS] [--every MS] [--changes] [--closed]
//!         [--handles N] [--log FILE] --request JSON..
//! ```
//!
//! A line of the log, or of the output without one, is an answer: `{"replica", "boot_ns", "wall_ns", "version",
//! "request", "decision", "code"}`. Both moments are those **before** the gate was asked, the first by the clock of
//! leases; `request` is the place of the request among those that were given. With `--changes` only what differs
//! from the answer before is written. A request with neither an org nor an org rule is one of the site.
//!
//! With more than one handle, each is a replica in the same process: `N.0`, `N.1`, and so on. What all of them did is
//! in `FILE` with the ending `statistics`, written anew every half second. It ends when its input does.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use gatepost::{Gate, decide};
use gatepost_store::{Replica, StoreUrl};
use gatepost_tests::faults::writer::now;
use gatepost_tests::question::Question;
use gatepost_tests::verdict::Verdict;
use serde_json::{Value, json};

/// How long the store may take to be there.
const PATIENCE: Duration = Duration::from_secs(30);
const STATISTICS: Duration = Duration::from_millis(500);

struct Arguments {
    store: String,
    name: String,
    lease: Duration,
    interval: Option<Duration>,
    every: Duration,
    changes: bool,
    closed: bool,
    handles: usize,
    log: Option<PathBuf>,
    requests: Vec<Question>,
}

/// What is decided, but for when.
type Answer = (Option<u64>, &'static str, Option<&'static str>);

fn main() -> ExitCode {
    let subscriber = tracing_subscriber::fmt();
    subscriber
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    match Arguments::read().and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("replica: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let replicas = open(arguments)?;
    let mut out: Box<dyn Write> = match &arguments.log {
        Some(log) => Box::new(appended(log)?),
        None => Box::new(std::io::stdout()),
    };
    let asked = replicas.iter().flat_map(|(name, replica)| {
        let requests = arguments.requests.iter().enumerate();
        requests.map(move |(place, question)| (name.as_str(), replica.gate(), place, question))
    });
    let mut asked: Vec<_> = asked.map(|asked| (asked, None)).collect();
    let mut told = Instant::now();
    loop {
        let round = Instant::now();
        for ((name, gate, place, question), before) in &mut asked {
            let begun = (now(), SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default());
            let answer = answer(gate, question);
            if arguments.changes && *before == Some(answer) {
                continue;
            }
            *before = Some(answer);
            // At once and as one, so that nothing is lost when this process is killed.
            let line = line(name, *place, begun, answer);
            let written = out.write_all(line.as_bytes()).and_then(|()| out.flush());
            written.map_err(|why| format!("the log: {why}"))?;
        }
        if told.elapsed() >= STATISTICS {
            told = Instant::now();
            tell(arguments, &replicas)?;
        }
        std::thread::sleep(arguments.every.saturating_sub(round.elapsed()));
    }
}

fn open(arguments: &Arguments) -> Result<Vec<(String, Replica)>, String> {
    let url: StoreUrl = arguments.store.parse().map_err(|why| format!("{why}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|why| why.to_string())?;
    let many = arguments.handles > 1;
    let opened = (0..arguments.handles).map(|number| {
        let name = if many {
            format!("{}.{number}", arguments.name)
        } else {
            arguments.name.clone()
        };
        let mut options = Replica::options().name(&name).lease(arguments.lease);
        if let Some(interval) = arguments.interval {
            options = options.interval(interval);
        }
        let options = if many || arguments.closed {
            // Many, one after the other, would take as long as all of them.
            options.start_closed()
        } else {
            options.patience(PATIENCE)
        };
        let replica = runtime.block_on(options.open(&url));
        Ok((name, replica.map_err(|why| why.to_string())?))
    });
    opened.collect()
}

fn appended(log: &PathBuf) -> Result<File, String> {
    let opened = OpenOptions::new().create(true).append(true).open(log);
    opened.map_err(|why| format!("{}: {why}", log.display()))
}

fn answer(gate: &Gate, question: &Question) -> Answer {
    let answer = gate.read(|facts| {
        let step = decide(facts, &question.engine.as_request());
        (
            facts.version(),
            Verdict::of_step(step, question.acts_for_another()),
        )
    });
    match answer {
        Ok((version, verdict)) => (Some(version), verdict.decision, verdict.code),
        Err(code) => (None, "error", Some(code.as_str())),
    }
}

fn line(name: &str, place: usize, (boot, wall): (u64, Duration), answer: Answer) -> String {
    let (version, decision, code) = answer;
    let line = json!({
        "replica": name,
        "boot_ns": boot,
        "wall_ns": u64::try_from(wall.as_nanos()).unwrap_or(u64::MAX),
        "version": version,
        "request": place,
        "decision": decision,
        "code": code,
    });
    format!("{line}\n")
}

fn tell(arguments: &Arguments, replicas: &[(String, Replica)]) -> Result<(), String> {
    let Some(log) = &arguments.log else {
        return Ok(());
    };
    let (mut connects, mut asks, mut hinted, mut whole, mut faults) = (0, 0, 0, 0, 0);
    for (_, replica) in replicas {
        let did = replica.statistics();
        connects += did.connects;
        asks += did.asks;
        hinted += did.hinted_asks;
        whole += did.whole_reads;
        faults += did.faults;
    }
    let told = json!({
        "boot_ns": now(),
        "connects": connects,
        "asks": asks,
        "hinted_asks": hinted,
        "whole_reads": whole,
        "faults": faults,
    });
    let new = log.with_extension("statistics.new");
    std::fs::write(&new, told.to_string())
        .and_then(|()| std::fs::rename(&new, log.with_extension("statistics")))
        .map_err(|why| format!("{}: {why}", new.display()))
}

/// A request as JSON; one that says nothing of an org falls in none.
fn request(text: &str) -> Result<Question, String> {
    let mut request: Value = serde_json::from_str(text).map_err(|why| format!("{text}: {why}"))?;
    let says_org = ["org", "org_rule"]
        .iter()
        .any(|member| request.get(member).is_some());
    if let (false, Some(members)) = (says_org, request.as_object_mut()) {
        members.insert("org_rule".to_owned(), json!("none"));
    }
    Question::read(&request)
}

impl Arguments {
    fn read() -> Result<Self, String> {
        let mut read = Self {
            store: String::new(),
            name: format!("replica-{}", std::process::id()),
            lease: Duration::from_secs(2),
            interval: None,
            every: Duration::from_millis(5),
            changes: false,
            closed: false,
            handles: 1,
            log: None,
            requests: Vec::new(),
        };
        let mut words = std::env::args().skip(1);
        while let Some(option) = words.next() {
            match option.as_str() {
                "--changes" => read.changes = true,
                "--closed" => read.closed = true,
                _ => read.take(&option, words.next())?,
            }
        }
        match (read.store.is_empty(), read.requests.is_empty()) {
            (true, _) => Err("--store is missing".to_owned()),
            (false, true) => Err("--request is missing".to_owned()),
            (false, false) => Ok(read),
        }
    }

    fn take(&mut self, option: &str, value: Option<String>) -> Result<(), String> {
        let value = value.ok_or_else(|| format!("{option}: needs a value"))?;
        let number = || {
            value
                .parse()
                .map_err(|why| format!("{option} {value}: {why}"))
        };
        match option {
            "--lease" => self.lease = Duration::from_millis(number()?),
            "--interval" => self.interval = Some(Duration::from_millis(number()?)),
            "--every" => self.every = Duration::from_millis(number()?),
            "--handles" => self.handles = usize::try_from(number()?).unwrap_or(usize::MAX),
            "--request" => self.requests.push(request(&value)?),
            "--log" => self.log = Some(PathBuf::from(value)),
            "--store" => self.store = value,
            "--name" => self.name = value,
            _ => return Err(format!("{option}: is no option")),
        }
        Ok(())
    }
}
