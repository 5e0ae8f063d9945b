//! What waits for one sink, and the thread that writes it.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::statistics::{SinkDrops, SinkStatistics};
use crate::redact::Redaction;
use crate::seen::Seen;
use crate::sink::{LogLine, Sink};

/// How many lines are written at once.
const BATCH: usize = 256;
/// How often it is tried to get a flush in, where too much waits.
const AGAIN: Duration = Duration::from_millis(5);

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) lines: usize,
    pub(super) bytes: usize,
}

/// What a request that waits for its line is told.
pub(super) type Answer = Result<(), String>;

/// One sink, from the side of the requests.
#[derive(Debug)]
pub(super) struct Lane {
    name: &'static str,
    send: SyncSender<Item>,
    most_bytes: usize,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    bytes: AtomicUsize,
    written: AtomicU64,
    full: AtomicU64,
    failed: AtomicU64,
    panicked: AtomicU64,
    ended: AtomicU64,
}

#[derive(Debug)]
enum Item {
    Seen {
        seen: Arc<Seen>,
        weight: usize,
        answer: Option<oneshot::Sender<Answer>>,
    },
    Flush(SyncSender<()>),
}

impl Lane {
    /// Begins the thread of a sink.
    pub(super) fn begin(
        name: &'static str,
        sink: Box<dyn Sink>,
        bounds: Bounds,
        service: &Arc<str>,
        redaction: &Arc<Redaction>,
    ) -> io::Result<Self> {
        let (send, take) = mpsc::sync_channel(bounds.lines.max(1));
        let state = Arc::<State>::default();
        let writer = Writer {
            name,
            sink,
            service: Arc::clone(service),
            redaction: Arc::clone(redaction),
            state: Arc::clone(&state),
            is_well: true,
        };
        let thread = std::thread::Builder::new().name(format!("gatepost-log-{name}"));
        thread.spawn(move || writer.run(&take))?;
        Ok(Self {
            name,
            send,
            most_bytes: bounds.bytes,
            state,
        })
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Leaves it to the thread, unless too much waits for it.
    pub(super) fn hand_over(&self, seen: &Arc<Seen>, weight: usize) {
        // That it was not taken is counted.
        let _ = self.put(seen, weight, None);
    }

    /// The same, for whoever waits for it; or why it is not taken.
    pub(super) fn journal(
        &self,
        seen: &Arc<Seen>,
        weight: usize,
    ) -> Result<oneshot::Receiver<Answer>, String> {
        let (answer, told) = oneshot::channel();
        match self.put(seen, weight, Some(answer)) {
            Ok(()) => Ok(told),
            Err(why) => Err(format!("`{}`: {why}", self.name)),
        }
    }

    fn put(
        &self,
        seen: &Arc<Seen>,
        weight: usize,
        answer: Option<oneshot::Sender<Answer>>,
    ) -> Result<(), &'static str> {
        let State {
            bytes, full, ended, ..
        } = &*self.state;
        let before = bytes.fetch_add(weight, Ordering::Relaxed);
        let sent = if before.saturating_add(weight) > self.most_bytes {
            Err((full, "too many bytes wait for it"))
        } else {
            let seen = Arc::clone(seen);
            let item = Item::Seen {
                seen,
                weight,
                answer,
            };
            self.send.try_send(item).map_err(|unsent| match unsent {
                TrySendError::Full(_) => (full, "too many lines wait for it"),
                TrySendError::Disconnected(_) => (ended, "it has ended"),
            })
        };
        sent.map_err(|(count, why)| {
            bytes.fetch_sub(weight, Ordering::Relaxed);
            count.fetch_add(1, Ordering::Relaxed);
            why
        })
    }

    /// Told once all that waits now is written or lost; none where it could not even be asked until the end.
    pub(super) fn flush(&self, end: Instant) -> Option<Receiver<()>> {
        let (answer, told) = mpsc::sync_channel(1);
        let mut item = Item::Flush(answer);
        loop {
            match self.send.try_send(item) {
                Ok(()) => return Some(told),
                Err(TrySendError::Disconnected(_)) => return None,
                Err(TrySendError::Full(unsent)) => item = unsent,
            }
            if Instant::now() >= end {
                return None;
            }
            std::thread::sleep(AGAIN);
        }
    }

    pub(super) fn statistics(&self) -> SinkStatistics {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        SinkStatistics {
            name: self.name,
            written: read(&self.state.written),
            waiting_bytes: self.state.bytes.load(Ordering::Relaxed),
            drops: SinkDrops {
                full: read(&self.state.full),
                failed: read(&self.state.failed),
                panicked: read(&self.state.panicked),
                ended: read(&self.state.ended),
            },
        }
    }
}

/// One sink, from the side of its thread.
struct Writer {
    name: &'static str,
    sink: Box<dyn Sink>,
    service: Arc<str>,
    redaction: Arc<Redaction>,
    state: Arc<State>,
    /// Whether the last lines were written.
    is_well: bool,
}

/// Why lines were not written.
enum Lost {
    Failed(String),
    Panicked,
}

impl Writer {
    fn run(mut self, take: &Receiver<Item>) {
        let mut batch = Vec::new();
        while let Ok(first) = take.recv() {
            batch.push(first);
            while batch.len() < BATCH
                && let Ok(next) = take.try_recv()
            {
                batch.push(next);
            }
            self.write(&mut batch);
        }
    }

    /// Writes what was taken, and tells whoever waits.
    fn write(&mut self, batch: &mut Vec<Item>) {
        let mut lines = Vec::with_capacity(batch.len());
        let mut weights = 0;
        let mut answers = Vec::new();
        let mut flushes = Vec::new();
        for item in batch.drain(..) {
            match item {
                Item::Seen {
                    seen,
                    weight,
                    answer,
                } => {
                    weights += weight;
                    answers.extend(answer);
                    lines.push(seen);
                }
                Item::Flush(answer) => flushes.push(answer),
            }
        }
        let count = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        let is_durable = !answers.is_empty();
        let written = caught(|| self.try_write(&lines, is_durable));
        drop(lines);
        self.state.bytes.fetch_sub(weights, Ordering::Relaxed);
        let (counter, answer) = match &written {
            Ok(()) => (&self.state.written, Ok(())),
            Err(Lost::Failed(why)) => (&self.state.failed, Err(why.clone())),
            Err(Lost::Panicked) => (&self.state.panicked, Err("it panicked".to_owned())),
        };
        counter.fetch_add(count, Ordering::Relaxed);
        for waiting in answers {
            // Whoever has waited may be gone.
            let _ = waiting.send(answer.clone());
        }
        self.tell(answer);
        for flushed in flushes {
            let _ = flushed.try_send(());
        }
    }

    fn try_write(&mut self, seen: &[Arc<Seen>], is_durable: bool) -> Result<(), Lost> {
        let failed = |why: io::Error| Lost::Failed(why.to_string());
        let lines: Result<Vec<LogLine>, _> = seen.iter().map(|seen| self.line(seen)).collect();
        let lines = lines.map_err(|why| Lost::Failed(why.to_string()))?;
        if lines.is_empty() {
            return Ok(());
        }
        self.sink.write(&lines).map_err(failed)?;
        if is_durable {
            self.sink.sync().map_err(failed)?;
        }
        Ok(())
    }

    fn line(&self, seen: &Seen) -> Result<LogLine, serde_json::Error> {
        let mut record = seen.record(&self.service);
        self.redaction.apply(&mut record);
        let text = record.to_line()?;
        Ok(LogLine { record, text })
    }

    /// Says once that lines are lost, and again when it has been well in between.
    fn tell(&mut self, written: Answer) {
        let Err(why) = written else {
            self.is_well = true;
            return;
        };
        if std::mem::replace(&mut self.is_well, false) {
            let sink = self.name;
            let told = caught(|| {
                tracing::error!(target: "gatepost::log", sink, why, "lines of the decision log are lost");
                Ok(())
            });
            drop(told);
        }
    }
}

/// Runs what may panic; what a panic says has been printed by then.
fn caught(run: impl FnOnce() -> Result<(), Lost>) -> Result<(), Lost> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload: Box<dyn Any + Send>| {
        // What it carries may panic as it is dropped.
        std::mem::forget(payload);
        Err(Lost::Panicked)
    })
}
