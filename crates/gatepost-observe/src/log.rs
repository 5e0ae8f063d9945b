//! The log of decisions.

mod builder;
mod lane;
mod statistics;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use gatepost::{Code, Denial, Permit};
use gatepost_enforce::{Decided, Journal, NotWritten, Observer, Verdict};

pub use builder::DecisionLogBuilder;
use lane::Lane;
pub use statistics::{LogStatistics, SinkDrops, SinkStatistics};

use crate::seen::Seen;
use gatepost_enforce::Pace;

/// The log of decisions: an [`Observer`] that writes a line for each denial and error, and for some allows.
///
/// A line is a [`LogRecord`](crate::LogRecord). It is handed over in the request's path, and put into words and
/// written by a thread for each [`Sink`](crate::Sink). What waits is bounded by count and by bytes; what comes behind
/// that is dropped and counted, and no request waits. A sink that blocks, fails or panics takes nothing from the
/// others.
///
/// Of each code at most so many lines a second are written, so a flood of one hides no other and fills no disk; the
/// next line of that code says in `times` for how many it stands.
///
/// It is a [`Journal`] as well, for requirements that admit nobody without a line: each sink has to have it, on the
/// disk or committed, within a bound.
///
/// It may be cloned freely; what waits is written when the last clone is gone, or by [`flush`](Self::flush).
///
/// ```
/// use std::time::Duration;
///
/// use gatepost::{Evaluation, Next, Org, PolicyText, Requirement, Subject, SubjectId};
/// use gatepost_enforce::{Decided, Observer, Verdict};
/// use gatepost_observe::{DecisionLog, JsonLines, LogReader};
///
/// const READ: Requirement = Requirement::new("chat", "read").org(Org::none());
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("decisions.jsonl");
/// let log = DecisionLog::builder("web").sink("file", JsonLines::open(&path)?).build()?;
///
/// // What an adapter does, of which a service is told by `Gated::observe(log)`.
/// let facts = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n").compile(1)?;
/// let mut asked = Evaluation::new(&READ, "chat", Some(Subject::new(SubjectId::new("olga")?)));
/// let Next::Reject(denial) = asked.next(&facts) else { panic!("chat has no gate") };
/// log.decided(&Decided::new(Verdict::Refuse(&denial), Some(&asked), &READ));
///
/// assert!(log.flush(Duration::from_secs(5)));
/// let record = LogReader::open(&path)?.next().unwrap()?;
/// assert_eq!(record.code.as_deref(), Some("site_off"));
/// assert_eq!(record.decision_id, denial.decision().to_string());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct DecisionLog(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lanes: Vec<Lane>,
    begun: Instant,
    /// One of so many allows; none at all for 0.
    one_allow_in: u32,
    allows: Class,
    /// In the order of [`Code::ALL`].
    codes: Vec<Class>,
    journal_wait: Duration,
    /// Whether admissions were written by it before they were given: then they are in it already.
    is_journal: AtomicBool,
}

/// Decisions that are alike as far as their number goes.
#[derive(Debug)]
struct Class {
    pace: Pace,
    /// How many were passed over since the last that was taken.
    since: AtomicU64,
    passed_over: AtomicU64,
}

impl DecisionLog {
    /// The log of the service of this name, to be given its sinks.
    pub fn builder(service: &str) -> DecisionLogBuilder {
        DecisionLogBuilder::new(service)
    }

    /// Waits until all that was handed over so far is written, or was lost; whether that was so within the time.
    ///
    /// It blocks, and is for the end of a service.
    pub fn flush(&self, within: Duration) -> bool {
        let end = Instant::now() + within;
        // All at once: one that blocks takes the others' time otherwise.
        let waiting: Vec<_> = self.0.lanes.iter().map(|lane| lane.flush(end)).collect();
        let mut is_flushed = true;
        for flushed in waiting {
            let left = end.saturating_duration_since(Instant::now());
            is_flushed &= flushed.is_some_and(|it| it.recv_timeout(left).is_ok());
        }
        is_flushed
    }

    /// What became of the decisions so far.
    pub fn statistics(&self) -> LogStatistics {
        let codes = self.0.codes.iter().chain([&self.0.allows]);
        LogStatistics {
            passed_over: codes.map(|it| it.passed_over.load(Ordering::Relaxed)).sum(),
            sinks: self.0.lanes.iter().map(Lane::statistics).collect(),
        }
    }

    fn hand_over(&self, seen: Seen) {
        let weight = seen.weight();
        let seen = Arc::new(seen);
        for lane in &self.0.lanes {
            lane.hand_over(&seen, weight);
        }
    }

    fn is_due(&self, class: &Class) -> bool {
        class.pace.admits(self.0.begun.elapsed())
    }

    fn class(&self, code: Code) -> &Class {
        let place = Code::ALL.iter().position(|other| *other == code);
        let class = place.and_then(|place| self.0.codes.get(place));
        class.unwrap_or(&self.0.allows)
    }
}

impl Class {
    fn pass_over(&self) {
        self.since.fetch_add(1, Ordering::Relaxed);
        self.passed_over.fetch_add(1, Ordering::Relaxed);
    }

    /// For how many one stands that is taken now.
    fn times(&self) -> u64 {
        self.since.swap(0, Ordering::Relaxed).saturating_add(1)
    }
}

impl Observer for DecisionLog {
    fn decided(&self, decided: &Decided<'_>) {
        let (class, is_taken) = match decided.verdict {
            Verdict::Allow(_)
                if decided.requirement.is_logged() && self.0.is_journal.load(Ordering::Relaxed) =>
            {
                return;
            }
            Verdict::Allow(_) => {
                let of = self.0.one_allow_in;
                let class = &self.0.allows;
                if of == 0 {
                    return;
                }
                // By chance: each nth of requests that come in a rhythm is always the same one.
                let is_drawn = of == 1 || fastrand::u32(..of) == 0;
                (class, is_drawn && self.is_due(class))
            }
            Verdict::Refuse(denial) | Verdict::Report(denial) => {
                let class = self.class(denial.code());
                (class, self.is_due(class))
            }
        };
        if !is_taken {
            class.pass_over();
            return;
        }
        let mut seen = Seen::of(decided);
        seen.times = class.times();
        self.hand_over(seen);
    }

    fn revoked(&self, permit: &Permit, denial: &Denial) {
        let class = self.class(denial.code());
        if self.is_due(class) {
            let mut seen = Seen::revoked(permit, denial);
            seen.times = class.times();
            self.hand_over(seen);
        } else {
            class.pass_over();
        }
    }
}

#[async_trait]
impl Journal for DecisionLog {
    /// Neither sampled nor paced. It needs a Tokio runtime with time.
    ///
    /// Where the wait is over first, or the request is given up, the line may still come to be written: it tells what
    /// was decided, and not that the handler ran.
    async fn write(&self, decided: &Decided<'_>) -> Result<(), NotWritten> {
        self.0.is_journal.store(true, Ordering::Relaxed);
        let seen = Seen::of(decided);
        let weight = seen.weight();
        let seen = Arc::new(seen);
        let mut answers = Vec::with_capacity(self.0.lanes.len());
        for lane in &self.0.lanes {
            let answer = lane.journal(&seen, weight).map_err(NotWritten::new)?;
            answers.push((lane.name(), answer));
        }
        let all = async {
            for (name, answer) in answers {
                match answer.await {
                    Ok(Ok(())) => {}
                    Ok(Err(why)) => return Err(NotWritten::new(format!("`{name}`: {why}"))),
                    Err(_) => return Err(NotWritten::new(format!("`{name}` has ended"))),
                }
            }
            Ok(())
        };
        let wait = self.0.journal_wait;
        match tokio::time::timeout(wait, all).await {
            Ok(written) => written,
            Err(_) => Err(NotWritten::new(format!("it took longer than {wait:?}"))),
        }
    }
}
