//! Replicas, each a process of its own, and what they wrote down.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::history::Decision;

/// A line of what a replica writes down.
#[derive(Debug, Deserialize)]
struct Line {
    replica: String,
    boot_ns: u64,
    version: Option<u64>,
    request: usize,
    decision: String,
    code: Option<String>,
}

/// How replicas are started.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Start {
    /// The program: the binary `replica` of this package.
    pub program: PathBuf,
    /// What the program is run by, as `ip netns exec NAME`; empty where nothing is.
    pub by: Vec<String>,
    /// The URL of the store.
    pub store: String,
    /// How long a replica decides by facts that it cannot renew.
    pub lease: Duration,
    /// How often the store is asked when no hint comes; `None` is what a replica does by itself.
    pub interval: Option<Duration>,
    /// How often every request is decided.
    pub every: Duration,
    /// Whether only answers are written down that differ from the one before.
    pub changes: bool,
    /// How many replicas one process holds.
    pub handles: usize,
    /// What is asked.
    pub requests: Vec<Value>,
    /// More in the environment.
    pub environment: Vec<(String, String)>,
}

impl Start {
    /// Replicas of a store, one a process.
    pub fn new(program: impl Into<PathBuf>, store: impl Into<String>) -> Self {
        Self {
            program: program.into(),
            by: Vec::new(),
            store: store.into(),
            lease: Duration::from_secs(2),
            interval: None,
            changes: false,
            every: Duration::from_millis(5),
            handles: 1,
            requests: super::policy::requests(),
            environment: Vec::new(),
        }
    }
}

/// A replica process, killed when it is dropped.
#[derive(Debug)]
pub struct ReplicaProcess {
    name: String,
    log: PathBuf,
    errors: PathBuf,
    child: Child,
}

impl ReplicaProcess {
    /// Starts one, which writes into a folder that is there.
    ///
    /// # Panics
    ///
    /// If the program cannot be run.
    pub fn start(start: &Start, name: &str, folder: &Path) -> Self {
        let log = folder.join(format!("{name}.jsonl"));
        let errors = folder.join(format!("{name}.stderr"));
        let mut words = start
            .by
            .iter()
            .map(OsStr::new)
            .chain([start.program.as_os_str()]);
        let first = words.next().unwrap_or_default();
        let mut command = Command::new(first);
        command.args(words);
        command.args(["--store", &start.store, "--name", name]);
        command.args(["--lease", &start.lease.as_millis().to_string()]);
        command.args(["--every", &start.every.as_millis().to_string()]);
        command.args(["--handles", &start.handles.to_string()]);
        if start.changes {
            command.arg("--changes");
        }
        if let Some(interval) = start.interval {
            command.args(["--interval", &interval.as_millis().to_string()]);
        }
        for request in &start.requests {
            command.args(["--request", &request.to_string()]);
        }
        command.arg("--log").arg(&log);
        command.envs(start.environment.iter().map(|(name, value)| (name, value)));
        let file =
            fs::File::create(&errors).unwrap_or_else(|why| panic!("{}: {why}", errors.display()));
        // It ends with its input, so it does not outlive a test that is killed.
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(file);
        let child = command.spawn();
        let child = child.unwrap_or_else(|why| panic!("{command:?}: {why}"));
        Self {
            name: name.to_owned(),
            log,
            errors,
            child,
        }
    }

    /// Its name, in the store and in what it writes down.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sends it a signal: `STOP`, `CONT`, `KILL`.
    pub fn signal(&self, signal: &str) {
        signal_process(self.child.id(), signal);
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What it said on its standard error.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.errors).unwrap_or_default()
    }

    /// What it did so far, as it last said: `connects`, `asks`, `hinted_asks`, `whole_reads`, `faults`.
    pub fn statistics(&self) -> Value {
        let said = fs::read_to_string(self.log.with_extension("statistics"));
        serde_json::from_str(&said.unwrap_or_default()).unwrap_or_default()
    }

    /// What it decided so far.
    ///
    /// # Panics
    ///
    /// At a line that is none.
    pub fn decisions(&self) -> Vec<Decision> {
        read(&self.log)
    }

    /// The last thing it decided of each request, in the order of the requests.
    pub fn latest(&self, requests: usize) -> Vec<Option<Decision>> {
        let mut latest = vec![None; requests];
        for decision in tail(&self.log) {
            if let Some(place) = latest.get_mut(decision.request) {
                *place = Some(decision);
            }
        }
        latest
    }
}

impl Drop for ReplicaProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process, which may have ended.
pub fn signal_process(pid: u32, signal: &str) {
    let mut kill = Command::new("kill");
    kill.arg(format!("-{signal}")).arg(pid.to_string());
    let _ = kill.stderr(Stdio::null()).status();
}

/// What a replica wrote down, whole.
fn read(log: &Path) -> Vec<Decision> {
    let bytes = fs::read(log).unwrap_or_default();
    lines(&String::from_utf8_lossy(&bytes))
}

/// The end of what a replica wrote down.
fn tail(log: &Path) -> Vec<Decision> {
    const ENOUGH: u64 = 16 * 1_024;
    let bytes = (|| {
        use std::io::{Read as _, Seek as _, SeekFrom};
        let mut file = fs::File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(ENOUGH)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        std::io::Result::Ok((bytes, length > ENOUGH))
    })();
    let Ok((bytes, cut)) = bytes else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&bytes);
    match text.split_once('\n') {
        Some((_, rest)) if cut => lines(rest),
        _ => lines(&text),
    }
}

/// Whole lines; the last may still be written.
fn lines(text: &str) -> Vec<Decision> {
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let read = whole.lines().map(|line| {
        let read: Line = serde_json::from_str(line).unwrap_or_else(|why| panic!("`{line}`: {why}"));
        Decision {
            replica: read.replica,
            begun: read.boot_ns,
            version: read.version,
            request: read.request,
            decision: read.decision,
            code: read.code,
        }
    });
    read.collect()
}
