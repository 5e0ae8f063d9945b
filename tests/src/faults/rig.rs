//! A store, its replicas, whoever changes the policy, and what is known of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::history::{BACK_WITHIN, Heal, Healthy, History, MS, Summary, check};
use super::policy::policy;
use super::replicas::{ReplicaProcess, Start};
use super::scale::Scale;
use super::store::Store;
use super::writer::{Book, Writer, now};
use crate::postgres::wait_for;

/// How long replicas may take to begin: many of them, on a machine that is busy.
const BEGIN: Duration = Duration::from_mins(1);

/// A folder in memory, where there is one: replicas that waited for a disk to write down what they decided would be
/// slow for a reason of the test's own.
///
/// # Panics
///
/// If there is no folder to be had.
pub fn memory() -> TempDir {
    let named = tempfile::Builder::new()
        .prefix("gatepost-faults-")
        .tempdir_in("/dev/shm");
    let folder = named.or_else(|_| tempfile::tempdir());
    folder.unwrap_or_else(|why| panic!("{why}"))
}

/// One run.
#[derive(Debug)]
pub struct Rig {
    name: String,
    folder: TempDir,
    start: Start,
    /// How much is run.
    pub scale: Scale,
    /// What was committed.
    pub book: Arc<Book>,
    /// The replicas.
    pub replicas: Vec<ReplicaProcess>,
    writer: Option<Writer>,
    well_since: Option<u64>,
    healthy: Vec<Healthy>,
    heals: Vec<Heal>,
    /// Those of which nothing is expected any more.
    given_up: Vec<String>,
    /// Since when the versions count that the book knows.
    era: u64,
}

impl Rig {
    /// A store that is made and given a policy at this URL, and nobody who follows it.
    ///
    /// # Panics
    ///
    /// If the store cannot be made.
    pub fn new(name: &str, url: &str, mut start: Start) -> Self {
        let scale = Scale::of_this_run();
        start.lease = scale.lease();
        start.every = scale.every();
        let store = Store::make(url, &policy());
        let last = store.version().unwrap_or_else(|why| panic!("{why}"));
        let folder = memory();
        // Replicas of another account write there as well.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        let _ = std::fs::set_permissions(folder.path(), open);
        Self {
            name: name.to_owned(),
            folder,
            start,
            scale,
            book: Arc::new(Book::new(store, last)),
            replicas: Vec::new(),
            writer: None,
            well_since: None,
            healthy: Vec::new(),
            heals: Vec::new(),
            given_up: Vec::new(),
            era: 0,
        }
    }

    /// Starts replicas, waits until each decides, and begins to change the policy.
    ///
    /// # Panics
    ///
    /// If one of them does not begin.
    pub fn begin(&mut self, replicas: usize) {
        for _ in 0..replicas {
            let name = format!("r{}", self.replicas.len());
            let process = ReplicaProcess::start(&self.start, &name, self.folder.path());
            self.replicas.push(process);
        }
        self.await_newest(BEGIN);
        self.write_again();
        self.well_since = Some(now());
    }

    /// How replicas are started.
    pub fn start(&mut self) -> &mut Start {
        &mut self.start
    }

    /// The store, as replicas are told of it.
    pub fn url(&self) -> &str {
        &self.start.store
    }

    /// A path that is this run's own.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Lets all be well for a while.
    pub fn calm(&self) {
        std::thread::sleep(self.scale.calm());
    }

    /// Stops changing the policy.
    pub fn write_no_more(&mut self) {
        if let Some(writer) = self.writer.take() {
            writer.end();
        }
    }

    /// Changes the policy from here on.
    pub fn write_again(&mut self) {
        let every = Duration::from_millis(self.scale.either(25, 100));
        self.writer
            .get_or_insert_with(|| Writer::start(&self.book, every));
    }

    /// Says that from here on something is broken for everyone.
    pub fn broken(&mut self) {
        let to = now();
        if let Some(from) = self.well_since.take() {
            let replica = None;
            self.healthy.push(Healthy { replica, from, to });
        }
    }

    /// Says that from here on something is broken for one replica.
    pub fn broken_for(&mut self, broken: &str) {
        let (from, to) = (self.well_since.take(), now());
        for replica in &self.replicas {
            let replica = Some(replica.name().to_owned());
            self.healthy
                .extend(from.map(|from| Healthy { replica, from, to }));
        }
        let whole = self.replicas.iter().map(ReplicaProcess::name);
        for replica in whole.filter(|name| *name != broken) {
            self.healthy.push(Healthy {
                replica: Some(replica.to_owned()),
                from: to,
                to: u64::MAX,
            });
        }
    }

    /// Says that everything is whole again, and waits until every replica has seen that.
    pub fn healed(&mut self) {
        let at = now();
        self.healed_at(at);
    }

    /// As [`healed`](Self::healed), of a moment that is over.
    pub fn healed_at(&mut self, at: u64) {
        for healthy in &mut self.healthy {
            healthy.to = healthy.to.min(at);
        }
        let replicas = self
            .replicas
            .iter()
            .map(|replica| replica.name().to_owned());
        let expected = replicas.filter(|replica| !self.given_up.contains(replica));
        self.heals
            .extend(expected.map(|replica| Heal { replica, at }));
        let due = at.saturating_add(BACK_WITHIN);
        let left = due.saturating_sub(now());
        // A little more, so that what was begun in time is written down.
        std::thread::sleep(Duration::from_nanos(left) + Duration::from_millis(300));
        self.well_since = Some(due);
    }

    /// Expects nothing more of a replica.
    pub fn give_up(&mut self, replica: &str) {
        self.given_up.push(replica.to_owned());
    }

    /// Waits until every replica has answered everything by the last version that is known.
    ///
    /// # Panics
    ///
    /// If one of them does not in time.
    pub fn await_newest(&mut self, limit: Duration) {
        let newest = self.book.last();
        let requests = self.start.requests.len();
        let expected = self.replicas.iter_mut();
        for replica in
            expected.filter(|replica| !self.given_up.contains(&replica.name().to_owned()))
        {
            let newest_seen = wait_for(limit, || {
                let latest = replica.latest(requests);
                let there = |answer: &Option<super::history::Decision>| {
                    answer
                        .as_ref()
                        .is_some_and(|answer| answer.version >= Some(newest))
                };
                !replica.runs() || latest.iter().all(there)
            });
            assert!(
                replica.runs() && newest_seen,
                "{}: {} did not come to version {newest}: {:?}\n{}",
                self.name,
                replica.name(),
                replica.latest(requests),
                replica.said()
            );
        }
    }

    /// Whether the last answers of every replica to every request are errors.
    pub fn all_closed(&self) -> bool {
        let requests = self.start.requests.len();
        self.replicas.iter().all(|replica| {
            let latest = replica.latest(requests);
            let error =
                |answer: Option<super::history::Decision>| answer.is_some_and(|it| it.is_error());
            latest.into_iter().all(error)
        })
    }

    /// All that is known so far.
    pub fn history(&self) -> History {
        let decisions = self.replicas.iter().flat_map(ReplicaProcess::decisions);
        History {
            lease: u64::try_from(self.start.lease.as_nanos()).unwrap_or(u64::MAX),
            requests: self.start.requests.clone(),
            commits: self.book.commits(),
            decisions: decisions.filter(|it| it.begun >= self.era).collect(),
            healthy: self.healthy.clone(),
            heals: self.heals.clone(),
        }
    }

    /// Ends the run, and checks all of it.
    ///
    /// # Panics
    ///
    /// If anything was as it must not be.
    pub fn finish(mut self) -> Summary {
        self.write_no_more();
        self.broken();
        if let Err(why) = self.book.settle() {
            panic!("{}: what was committed is not known: {why}", self.name);
        }
        for replica in &mut self.replicas {
            let gone = self.given_up.contains(&replica.name().to_owned());
            assert!(
                gone || replica.runs(),
                "{} ended: {}",
                replica.name(),
                replica.said()
            );
        }
        self.check(&self.history())
    }

    /// Checks all so far, has an operator recover the store, and goes on with another history: that of a
    /// store which holds this policy from then on.
    ///
    /// # Panics
    ///
    /// If anything was as it must not be.
    pub fn recover(&mut self, store: Store, policy: Value) {
        // An answer that was begun before may be told after; all are closed, so there are none but errors.
        let cut = now().saturating_sub(100 * MS);
        let version = store
            .recover()
            .unwrap_or_else(|why| panic!("{}: {why}", self.name));
        let at = now();
        let mut history = self.history();
        history.decisions.retain(|decision| decision.begun < cut);
        self.check(&history);
        let last = self.book.last();
        assert!(
            version > last,
            "{}: version {version} was used before",
            self.name
        );
        (self.healthy, self.heals, self.era) = (Vec::new(), Vec::new(), cut);
        self.book = Arc::new(Book::of(store, version, policy));
        self.healed_at(at);
    }

    fn check(&self, history: &History) -> Summary {
        match check(history) {
            Ok(summary) => {
                eprintln!(
                    "{}: {summary}; {} writes failed",
                    self.name,
                    self.book.failures()
                );
                summary
            }
            Err(breaches) => {
                let told: Vec<String> = breaches.iter().map(ToString::to_string).collect();
                panic!("{}:\n{}\n{}", self.name, told.join("\n"), self.said());
            }
        }
    }

    /// What replicas said on their standard error, as far as it is worth telling.
    pub fn said(&self) -> String {
        let said = self.replicas.iter().take(3).map(|replica| {
            let said = replica.said();
            let end: Vec<&str> = said.lines().rev().take(12).collect();
            let end: Vec<&str> = end.into_iter().rev().collect();
            format!("{} said:\n{}", replica.name(), end.join("\n"))
        });
        said.collect::<Vec<_>>().join("\n")
    }
}
