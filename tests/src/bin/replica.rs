//! A service that follows a store and decides one request again and again, for tests to
//! stop, cut off and kill.
//!
//! ```text
//! replica --store URL [--name N] [--lease MS] [--interval MS] [--every MS] [--changes]
//!         [--closed] [--log FILE] --request '{"subject":"alice","resource":"chat","action":"read"}'
//! ```
//!
//! It prints a JSON line for each decision, or with `--changes` for each that differs from the one
//! before: `{"replica","boot_ns","wall_ns","version","decision","code"}`, to the file or to its
//! output. It ends when its input does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a part of a test, which fails where it does"
)]

use std::fs::File;
use std::io::{Read as _, Write};
use std::time::{Duration, SystemTime};

use gatepost::{
    Clock as _, Decision, Gate, OrgId, OrgRule, Request, Step, Subject, SubjectId, decide,
};
use gatepost_store::{BootClock, Replica};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    subject: Option<String>,
    org: Option<String>,
    resource: String,
    action: String,
}

struct Args {
    store: String,
    name: String,
    lease: Duration,
    interval: Option<Duration>,
    every: Duration,
    changes: bool,
    closed: bool,
    log: Option<String>,
    request: Asked,
}

fn args() -> Args {
    let mut args = Args {
        store: String::new(),
        name: format!("replica-{}", std::process::id()),
        lease: Duration::from_secs(2),
        interval: None,
        every: Duration::from_millis(1),
        changes: false,
        closed: false,
        log: None,
        request: Asked {
            subject: Some("alice".into()),
            org: None,
            resource: "chat".into(),
            action: "read".into(),
        },
    };
    let mut given = std::env::args().skip(1);
    while let Some(option) = given.next() {
        let mut value = || given.next().expect("a value behind each option");
        let millis = |text: String| Duration::from_millis(text.parse().expect("milliseconds"));
        match option.as_str() {
            "--store" => args.store = value(),
            "--name" => args.name = value(),
            "--lease" => args.lease = millis(value()),
            "--interval" => args.interval = Some(millis(value())),
            "--every" => args.every = millis(value()),
            "--changes" => args.changes = true,
            "--closed" => args.closed = true,
            "--log" => args.log = Some(value()),
            "--request" => args.request = serde_json::from_str(&value()).expect("a request"),
            other => panic!("unknown option `{other}`"),
        }
    }
    args
}

/// What is decided: the version, the word, the code.
fn decided(gate: &Gate, asked: &Asked) -> (Option<u64>, &'static str, Option<&'static str>) {
    let subject = asked
        .subject
        .as_ref()
        .map(|id| Subject::new(SubjectId::new(id.clone()).unwrap()));
    let org = asked.org.as_ref().map(|id| OrgId::new(id.clone()).unwrap());
    let answer = gate.read(|facts| {
        let mut request = Request::new(&asked.resource, &asked.action);
        if let Some(subject) = &subject {
            request = request.subject(subject);
        }
        request = match &org {
            Some(org) => request.org(org),
            None => request.org_rule(OrgRule::None),
        };
        let version = Some(facts.version());
        match decide(facts, &request) {
            Step::Done(Decision::Allow(_)) => (version, "allow", None),
            Step::Done(Decision::Deny(denial)) => (version, "deny", Some(denial.code.as_str())),
            Step::Done(Decision::Error(code)) => (version, "error", Some(code.as_str())),
            _ => (version, "asks", None),
        }
    });
    answer.unwrap_or_else(|code| (None, "error", Some(code.as_str())))
}

fn main() {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let args = args();
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let url = args.store.parse().expect("the URL of a store");
    let mut options = Replica::options().lease(args.lease).name(&args.name);
    if let Some(interval) = args.interval {
        options = options.interval(interval);
    }
    if args.closed {
        options = options.start_closed();
    }
    let replica = runtime
        .block_on(options.open(&url))
        .unwrap_or_else(|error| {
            eprintln!("{error}");
            std::process::exit(1)
        });
    let gate = replica.gate();
    let mut out: Box<dyn Write> = match &args.log {
        Some(path) => Box::new(
            File::options()
                .create(true)
                .append(true)
                .open(path)
                .unwrap(),
        ),
        None => Box::new(std::io::stdout()),
    };
    let mut before = None;
    loop {
        let answer = decided(&gate, &args.request);
        // After the decision: it was taken by then.
        let boot = BootClock.now().as_nanos();
        if !args.changes || before != Some(answer) {
            before = Some(answer);
            let wall = SystemTime::UNIX_EPOCH
                .elapsed()
                .unwrap_or_default()
                .as_nanos();
            let (version, decision, code) = answer;
            let line = serde_json::json!({
                "replica": args.name,
                "boot_ns": u64::try_from(boot).unwrap_or(u64::MAX),
                "wall_ns": u64::try_from(wall).unwrap_or(u64::MAX),
                "version": version,
                "decision": decision,
                "code": code,
            });
            if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                return;
            }
        }
        std::thread::sleep(args.every);
    }
}
