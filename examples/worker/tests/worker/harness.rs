//! A store, a queue, and workers on them.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use chats::{ListedRun, PolicyArgs, RUN_AGENT, Runs, Secret, resource_of};
use clap::Parser;
use gatepost::{
    Evaluation, Gate, Kind, Mode, NamedOrg, Next, OrgId, Permit, SiteSwitch, Subject, SubjectId,
};
use gatepost_store::{Author, Change, Command as PolicyCommand, PolicyStore};
use jiff::Timestamp;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

/// Of one word, so that it can be one of several.
pub(crate) const SECRET: &str = "a-secret-of-the-tests-of-32-bytes-and-more";
/// What the worker prints last before it works.
const LAST_LINE: &str = "What waits, and why";

/// What services and workers share, and the gate of a service.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) store: PolicyStore,
    pub(crate) runs: Runs,
    pub(crate) gate: Gate,
}

/// The same options as those of a service.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    policy: PolicyArgs,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("chats.db").display());
        let options = Options::parse_from(["test", "--store", &url]);
        let gate = options.policy.gate("test").await.unwrap();
        gate.set_ticket_keys(Secret::new(SECRET).unwrap().ticket_keys().unwrap());
        Self {
            store: PolicyStore::open(&url.parse().unwrap()).await.unwrap(),
            runs: Runs::open(&folder.path().join("runs.db")).await.unwrap(),
            gate,
            folder,
        }
    }

    /// What a service gets for `alice` or `planner-bot for alice` who would have an agent run.
    pub(crate) fn permit(&self, who: &str, org: &str, agent: &str, mode: Mode) -> Permit {
        let id = |id: &str| SubjectId::new(id).unwrap();
        let subject = match who.split_once(" for ") {
            Some((agent, human)) => Subject::new(id(agent))
                .kind(Kind::Agent)
                .acting_for(id(human)),
            None => Subject::new(id(who)),
        };
        let mut asked = Evaluation::new(RUN_AGENT.kept(), resource_of(agent), Some(subject));
        asked.org(NamedOrg::Named(OrgId::new(org).unwrap()));
        asked.mode(mode);
        match self.gate.read(|facts| asked.next(facts)).unwrap() {
            Next::Admit(permit) => permit,
            refused => panic!("{who} {org} {agent}: {refused:?}"),
        }
    }

    /// Queues a run as a service does, and says its id.
    pub(crate) async fn queue(&self, who: &str, org: &str, agent: &str) -> String {
        let permit = self.permit(who, org, agent, Mode::Background);
        self.runs.add(&permit, agent, "").await.unwrap()
    }

    /// A run, as it is listed.
    pub(crate) async fn run(&self, id: &str) -> ListedRun {
        let all = self.runs.list().await.unwrap();
        all.into_iter().find(|run| run.id == id).unwrap()
    }

    /// Waits until a run is in this state, by this code.
    pub(crate) async fn until(&self, id: &str, state: &str, code: Option<&str>) -> ListedRun {
        let begun = Instant::now();
        loop {
            let run = self.run(id).await;
            if run.state == state && run.code.as_deref() == code {
                return run;
            }
            let waited = begun.elapsed();
            assert!(
                waited < Duration::from_secs(20),
                "{run:?}, not {state} {code:?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn switch(&self, resource: &str, to: SiteSwitch) {
        let resource = resource.to_owned();
        self.write(PolicyCommand::SiteSwitch {
            resource,
            mode: None,
            to,
        })
        .await;
    }

    pub(crate) async fn write(&self, command: PolicyCommand) {
        let change = Change::new(command, author(), "a test");
        self.store.write(&change).await.unwrap();
    }

    /// The queue's file, for those who edit it.
    pub(crate) async fn pool(&self) -> SqlitePool {
        let file = self.folder.path().join("runs.db");
        let options = SqliteConnectOptions::new().filename(file);
        SqlitePool::connect_with(options).await.unwrap()
    }

    /// Edits the queue's file, and says how many rows that changed.
    pub(crate) async fn edit(&self, sql: &'static str, values: &[&str]) -> u64 {
        let mut query = sqlx::query(sql);
        for value in values {
            query = query.bind((*value).to_owned());
        }
        let edited = query.execute(&self.pool().await).await;
        edited.unwrap().rows_affected()
    }

    pub(crate) fn worker(&self, args: &[&str]) -> Worker {
        self.worker_with(args, |_| {})
    }

    pub(crate) fn worker_with(&self, args: &[&str], change: impl FnOnce(&mut Command)) -> Worker {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_worker")));
        command.args(args).env("RUST_LOG", "warn,worker=debug");
        change(&mut command);
        Worker(Process::start(command, LAST_LINE))
    }

    /// What `worker list` prints.
    pub(crate) fn listed(&self) -> String {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_worker")));
        let Output { status, stdout, .. } = command.arg("list").output().unwrap();
        assert!(status.success());
        String::from_utf8(stdout).unwrap()
    }

    /// A binary, with nothing of the tester's own environment that it would go by.
    pub(crate) fn command(&self, binary: &Path) -> Command {
        let mut command = Command::new(binary);
        command
            .current_dir(self.folder.path())
            .env("AXUM_CHATS_SECRET", SECRET)
            .env_remove("AXUM_CHATS_OTHER_SECRETS")
            .env_remove("RUST_LOG");
        command
    }
}

pub(crate) fn author() -> Author {
    let name = "ines".to_owned();
    Author::Operator { name }
}

/// A binary of another package, built beside the worker.
pub(crate) fn beside(name: &str) -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_worker")).with_file_name(name);
    assert!(binary.exists(), "cargo build -p {name} comes first");
    binary
}

/// A process, killed where it is dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) printed: Vec<String>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Process {
    /// Starts it, and waits until it has printed a line that begins so.
    pub(crate) fn start(mut command: Command, last_line: &str) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let written = log.clone();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                written.lock().unwrap().push(line);
            }
        });
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut started = Self {
            child,
            printed: Vec::new(),
            log,
        };
        for line in stdout.lines().map_while(Result::ok) {
            let is_last = line.starts_with(last_line);
            started.printed.push(line);
            if is_last {
                return started;
            }
        }
        panic!("it did not start: {:?}", started.log.lock().unwrap());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Worker(Process);

/// A line of a worker's log.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    pub(crate) text: String,
}

impl Event {
    /// Whether it says this.
    pub(crate) fn says(&self, what: &str) -> bool {
        self.text.contains(what)
    }

    /// The value of a field.
    pub(crate) fn field(&self, name: &str) -> &str {
        let (_, value) = self.text.split_once(&format!(" {name}=\"")).unwrap();
        value.split_once('"').unwrap().0
    }
}

impl Worker {
    /// What it has logged that says this.
    pub(crate) fn events(&self, what: &str) -> Vec<Event> {
        let log = self.0.log.lock().unwrap();
        let lines = log.iter().filter(|line| line.contains(what));
        let parsed = lines.map(|line| {
            let (at, text) = line.split_once(' ').unwrap();
            Event {
                at: at.parse().unwrap_or_else(|_| panic!("{line}")),
                text: text.to_owned(),
            }
        });
        parsed.collect()
    }

    /// The steps that it has done of a run.
    pub(crate) fn did(&self, run: &str) -> Vec<String> {
        let done = self.events("did a step");
        let its = done.iter().filter(|event| event.field("run") == run);
        its.map(|event| event.field("step").to_owned()).collect()
    }

    /// Waits until it has logged this so often.
    pub(crate) async fn until(&self, what: &str, times: usize) {
        let begun = Instant::now();
        while self.events(what).len() < times {
            let waited = begun.elapsed();
            assert!(
                waited < Duration::from_secs(20),
                "{what}: {:?}",
                self.events("")
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.0.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Whether it ended well, once it has ended.
    pub(crate) fn ended(&mut self) -> bool {
        self.0.child.wait().unwrap().success()
    }
}
