//! What a service refused, sampled into the store, for the console's audit pages.

mod record;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gatepost::Code;
use gatepost_enforce::Pace;
use gatepost_store::{DenialNote, PolicyStore};
use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use record::Record;

/// The events of decisions.
const TARGET: &str = "gatepost::decision";
/// How many denials wait to be written at most; what comes then is dropped, and counted.
const WAITING: usize = 1024;
/// How many of each code a second are kept, and how many at once.
const A_SECOND: u32 = 5;
const AT_ONCE: u32 = 50;
/// How often what waits is written.
const EVERY: Duration = Duration::from_secs(1);
/// How many are written at once.
const BATCH: usize = 256;

/// A sample of what this service refuses, for the console's audit pages.
///
/// It listens to the events that every adapter gives through `tracing`, so it is a layer of the service's
/// subscriber and needs nothing else of the service. Of each code it keeps five a second, after the first
/// fifty: so a flood of one code hides no other. It takes no lock and never waits: where the store is slow or
/// away, a thousand wait in memory, and what comes then is dropped and counted.
///
/// What a route [only reports](gatepost::Requirement::report_only) was not refused, and is not in it: the log and the
/// metrics have that.
///
/// What a client named is cut at 256 bytes. Only a subscriber that lets `gatepost::decision` through at `INFO`
/// has anything to sample.
///
/// ```
/// use gatepost_console::DenialSample;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let (layer, sample) = DenialSample::new("web");
/// let subscriber = tracing_subscriber::registry().with(layer);
/// tracing::subscriber::with_default(subscriber, || {
///     tracing::info!(target: "gatepost::decision", outcome = "deny", code = "org_off", org = "acme", "rejected");
/// });
/// // And in the background: `tokio::spawn(sample.keep_in(store))`.
/// assert_eq!(sample.statistics().kept, 1);
/// ```
#[derive(Debug)]
pub struct DenialSample {
    waiting: Receiver<DenialNote>,
    counts: Arc<Counts>,
}

/// The layer that listens; see [`DenialSample`].
#[derive(Clone, Debug)]
pub struct DenialLayer {
    service: Arc<str>,
    send: Sender<DenialNote>,
    counts: Arc<Counts>,
    begun: Instant,
    codes: Arc<[OfCode]>,
}

/// The denials of one code.
#[derive(Debug)]
struct OfCode {
    code: Code,
    pace: Pace,
    /// How many were passed over since the last that was kept.
    passed_over: AtomicU64,
}

/// What became of the denials so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DenialStatistics {
    /// How many were taken into the sample.
    pub kept: u64,
    /// How many were passed over, since there were many of their code.
    pub passed_over: u64,
    /// How many of the sample were dropped, since too many waited for the store.
    pub dropped: u64,
    /// How many of the sample the store did not take.
    pub lost: u64,
}

#[derive(Debug, Default)]
struct Counts {
    kept: AtomicU64,
    passed_over: AtomicU64,
    dropped: AtomicU64,
    lost: AtomicU64,
}

impl DenialSample {
    /// A sample of what the service of this name refuses, and the layer that takes it.
    #[must_use]
    pub fn new(service: &str) -> (DenialLayer, Self) {
        let (send, waiting) = channel(WAITING);
        let counts = Arc::<Counts>::default();
        let layer = DenialLayer {
            service: record::cut(service).into(),
            send,
            counts: Arc::clone(&counts),
            begun: Instant::now(),
            codes: Code::ALL.iter().map(|code| OfCode::new(*code)).collect(),
        };
        (layer, Self { waiting, counts })
    }

    /// Writes the sample to a store, once a second, until the layer is gone.
    ///
    /// What the store does not take is lost, counted, and told in the log.
    pub async fn keep_in(mut self, store: PolicyStore) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut is_well = true;
        while self.waiting.recv_many(&mut batch, BATCH).await > 0 {
            match store.note_denials(&batch).await {
                Ok(()) => is_well = true,
                Err(error) => {
                    let lost = u64::try_from(batch.len()).unwrap_or(u64::MAX);
                    self.counts.lost.fetch_add(lost, Ordering::Relaxed);
                    // Once, and again when it has been well in between.
                    if std::mem::replace(&mut is_well, false) {
                        tracing::warn!(%error, "denials cannot be written to the store: their sample is lost");
                    }
                }
            }
            batch.clear();
            tokio::time::sleep(EVERY).await;
        }
    }

    /// What became of the denials so far.
    pub fn statistics(&self) -> DenialStatistics {
        self.counts.read()
    }
}

impl DenialLayer {
    /// What became of the denials so far.
    pub fn statistics(&self) -> DenialStatistics {
        self.counts.read()
    }

    fn take(&self, record: Record) {
        let of_code = self.codes.iter().find(|it| record.is_refused_by(it.code));
        let Some(of_code) = of_code else {
            return;
        };
        let count = |count: &AtomicU64| count.fetch_add(1, Ordering::Relaxed);
        if !of_code.pace.admits(self.begun.elapsed()) {
            count(&of_code.passed_over);
            count(&self.counts.passed_over);
            return;
        }
        let passed_over = of_code.passed_over.swap(0, Ordering::Relaxed);
        let note = record.into_note(of_code.code, &self.service, passed_over.saturating_add(1));
        match self.send.try_send(note) {
            Ok(()) => count(&self.counts.kept),
            // Too many wait, or nobody keeps them any more.
            Err(TrySendError::Full(_) | TrySendError::Closed(_)) => count(&self.counts.dropped),
        };
    }
}

impl OfCode {
    fn new(code: Code) -> Self {
        Self {
            code,
            pace: Pace::new(A_SECOND, AT_ONCE),
            passed_over: AtomicU64::new(0),
        }
    }
}

impl Counts {
    fn read(&self) -> DenialStatistics {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        DenialStatistics {
            kept: read(&self.kept),
            passed_over: read(&self.passed_over),
            dropped: read(&self.dropped),
            lost: read(&self.lost),
        }
    }
}

impl<S: Subscriber> Layer<S> for DenialLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target() == TARGET && *metadata.level() <= Level::INFO {
            self.take(Record::read(event));
        }
    }
}

#[cfg(test)]
mod tests;
