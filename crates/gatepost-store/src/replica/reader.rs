//! Reads the memberships of a subject, for a replica that does not mirror them.
//!
//! A few threads with a connection each, so that neither a service's runtime that is busy or gone nor a slow
//! read of one request keeps another waiting for longer than its own time.

mod judge;

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gatepost::{Clock, LoadedMemberships, SubjectId};
use tokio::sync::{mpsc, oneshot};

use super::elsewhere::{Followed, Point, Told};
use super::source::{Fault, Held, Source};
use super::statistics::Counters;
use crate::clock::BootClock;
use crate::error::{StoreError, StoreErrorKind};
use crate::look_through::{LookThrough, LookThroughOptions, MembershipReader};
use crate::url::StoreUrl;

/// Fits the 15 bytes that Linux keeps of a thread's name.
const THREAD_NAME: &str = "gatepost-look";
/// How long an attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(1);
/// After one that failed there is none for so long: a store that comes back is not run over.
const PAUSE: Duration = Duration::from_millis(100);

/// Reads from the store that a replica follows.
#[derive(Debug)]
pub(super) struct StoreReader {
    place: Arc<str>,
    followed: Arc<Followed>,
    jobs: mpsc::Sender<Job>,
}

/// A read that somebody waits for.
#[derive(Debug)]
struct Job {
    subject: SubjectId,
    /// What the store must still hold.
    followed: Arc<Point>,
    told: oneshot::Sender<Result<LoadedMemberships, StoreError>>,
}

/// Starts the threads, which end with the cache.
pub(super) fn start<S: Source + 'static>(
    url: &StoreUrl,
    options: LookThroughOptions,
    source: impl Fn() -> Result<S, StoreError>,
    counters: &Arc<Counters>,
) -> Result<(Arc<LookThrough<StoreReader>>, Told), StoreError> {
    let place: Arc<str> = url.to_string().into();
    let threads = options.most_reads.max(1);
    let (jobs, queue) = mpsc::channel(threads);
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..threads {
        let worker = Worker {
            source: source()?,
            place: Arc::clone(&place),
            counters: Arc::clone(counters),
            connected: false,
            failed: None,
        };
        let queue = Arc::clone(&queue);
        std::thread::Builder::new()
            .name(THREAD_NAME.to_owned())
            .spawn(move || worker.run(&queue))
            .map_err(|why| StoreError::new(StoreErrorKind::Unreachable, url, why))?;
    }
    let followed = Arc::new(Followed::default());
    let reader = StoreReader {
        place,
        followed: Arc::clone(&followed),
        jobs,
    };
    let cache = Arc::new(LookThrough::new(reader, options));
    let told = Told {
        cache: Arc::clone(&cache),
        followed,
    };
    Ok((cache, told))
}

impl StoreReader {
    fn error(&self, why: &str) -> StoreError {
        StoreError::new(StoreErrorKind::Unreachable, &self.place, why)
    }
}

impl MembershipReader for StoreReader {
    async fn read(
        &self,
        subject: &SubjectId,
    ) -> Result<LoadedMemberships, Box<dyn Error + Send + Sync>> {
        // Before the read: what is live by then must be in what was read.
        let followed = self.followed.get();
        let followed = followed.ok_or_else(|| self.error("nothing of it was read yet"))?;
        let (told, answer) = oneshot::channel();
        let job = Job {
            subject: subject.clone(),
            followed,
            told,
        };
        let ended = || self.error("nobody reads memberships any more");
        self.jobs.send(job).await.map_err(|_| ended())?;
        Ok(answer.await.map_err(|_| ended())??)
    }
}

/// One of the threads.
struct Worker<S> {
    source: S,
    place: Arc<str>,
    counters: Arc<Counters>,
    connected: bool,
    /// The last attempt to connect, where it failed.
    failed: Option<(Duration, Fault)>,
}

impl<S: Source> Worker<S> {
    fn run(mut self, queue: &Mutex<mpsc::Receiver<Job>>) {
        loop {
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(job) = queue.blocking_recv() else {
                break;
            };
            drop(queue);
            // Whoever asked may have given up in the meantime.
            if !job.told.is_closed() {
                let read = self.answer(&job);
                let _ = job.told.send(read);
            }
        }
        let _ = catch_unwind(AssertUnwindSafe(|| self.source.disconnect()));
    }

    fn answer(&mut self, job: &Job) -> Result<LoadedMemberships, StoreError> {
        self.counters.membership_reads.count();
        let read = catch_unwind(AssertUnwindSafe(|| self.read(job)));
        let read = read.unwrap_or_else(|_| {
            self.drop_connection();
            Err(Fault::unsound("reading memberships panicked"))
        });
        let judged = read.and_then(|held| judge::judge(&job.subject, &job.followed, held));
        judged.map_err(|fault| StoreError::new(fault.kind, &self.place, fault.why))
    }

    fn read(&mut self, job: &Job) -> Result<Held, Fault> {
        let was_connected = self.connected;
        let read = self.read_once(job);
        match read {
            // The connection may have broken while nobody used it.
            Err(fault) if !fault.answered && was_connected && !job.told.is_closed() => {
                self.read_once(job)
            }
            read => read,
        }
    }

    fn read_once(&mut self, job: &Job) -> Result<Held, Fault> {
        self.connect()?;
        let Job {
            subject, followed, ..
        } = job;
        let read = self
            .source
            .memberships(subject.as_str(), followed.commit.version);
        if read.is_err() {
            self.drop_connection();
        }
        read
    }

    fn connect(&mut self) -> Result<(), Fault> {
        if self.connected {
            return Ok(());
        }
        if let Some((at, fault)) = &self.failed
            && BootClock.now().saturating_sub(*at) < PAUSE
        {
            return Err(fault.clone());
        }
        let connected = self.source.connect(CONNECT);
        self.connected = connected.is_ok();
        self.failed = connected
            .as_ref()
            .err()
            .map(|why| (BootClock.now(), why.clone()));
        connected
    }

    fn drop_connection(&mut self) {
        self.connected = false;
        let _ = catch_unwind(AssertUnwindSafe(|| self.source.disconnect()));
    }
}
