//! How a log is set up.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

use gatepost::Code;

use super::lane::{Bounds, Lane};
use super::{Class, DecisionLog, Inner};
use crate::redact::Redaction;
use crate::sink::Sink;
use crate::text::cut;
use gatepost_enforce::Pace;

/// How many lines of a code a second, and how many at once.
const A_SECOND: u32 = 20;
const AT_ONCE: u32 = 200;
/// How many lines of allows: so many that the sampling alone bounds them in most services.
const ALLOWS_A_SECOND: u32 = 1000;
/// What waits for each sink at most.
const WAITING: usize = 4096;
const WAITING_BYTES: usize = 4 << 20;
/// How long a request waits for its line.
const JOURNAL_WAIT: Duration = Duration::from_secs(1);

/// How a [`DecisionLog`] is set up.
#[derive(Debug)]
#[must_use = "`build` begins the log"]
pub struct DecisionLogBuilder {
    service: String,
    sinks: Vec<(&'static str, Box<dyn Sink>)>,
    one_allow_in: u32,
    pace: (u32, u32),
    allow_pace: (u32, u32),
    redaction: Redaction,
    bounds: Bounds,
    journal_wait: Duration,
}

impl DecisionLogBuilder {
    pub(super) fn new(service: &str) -> Self {
        Self {
            service: cut(service).to_owned(),
            sinks: Vec::new(),
            one_allow_in: 0,
            pace: (A_SECOND, AT_ONCE),
            allow_pace: (ALLOWS_A_SECOND, ALLOWS_A_SECOND),
            redaction: Redaction::none(),
            bounds: Bounds {
                lines: WAITING,
                bytes: WAITING_BYTES,
            },
            journal_wait: JOURNAL_WAIT,
        }
    }

    /// Writes each line here as well. The name is what statistics and metrics call it.
    pub fn sink(mut self, name: &'static str, sink: impl Sink) -> Self {
        self.sinks.push((name, Box::new(sink)));
        self
    }

    /// Writes a line for one of so many allows, drawn by chance; 1 is all of them, and 0, unless said otherwise, none.
    ///
    /// A line says in `times` for how many it stands, so the sum of them is the number of allows.
    pub fn one_allow_in(mut self, allows: u32) -> Self {
        self.one_allow_in = allows;
        self
    }

    /// Writes at most so many lines of each code a second, and so many at once: 20 and 200, unless said otherwise.
    pub fn lines_a_second(mut self, lines: u32, at_once: u32) -> Self {
        self.pace = (lines, at_once);
        self
    }

    /// Writes at most so many lines of allows a second, and so many at once: 1,000, unless said otherwise.
    pub fn allows_a_second(mut self, lines: u32, at_once: u32) -> Self {
        self.allow_pace = (lines, at_once);
        self
    }

    /// Hashes or leaves out what is not to be written as it is.
    pub fn redact(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }

    /// Lets so many lines wait for each sink, and so many bytes of them: 4,096 and 4 MiB, unless said otherwise.
    pub fn waiting(mut self, lines: usize, bytes: usize) -> Self {
        self.bounds = Bounds { lines, bytes };
        self
    }

    /// Lets a request whose requirement asks for a line wait so long for it: a second, unless said otherwise.
    pub fn journal_wait(mut self, longest: Duration) -> Self {
        self.journal_wait = longest;
        self
    }

    /// Begins the log.
    ///
    /// # Errors
    ///
    /// Where it has no sink, or no thread can be had.
    pub fn build(self) -> io::Result<DecisionLog> {
        if self.sinks.is_empty() {
            let why = "the log has no sink";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let service: Arc<str> = self.service.into();
        let redaction = Arc::new(self.redaction);
        let (service, redaction, bounds) = (&service, &redaction, self.bounds);
        let sinks = self.sinks.into_iter();
        let lanes: io::Result<_> = sinks
            .map(|(name, sink)| Lane::begin(name, sink, bounds, service, redaction))
            .collect();
        let class = |(a_second, at_once)| Class {
            pace: Pace::new(a_second, at_once),
            since: AtomicU64::new(0),
            passed_over: AtomicU64::new(0),
        };
        Ok(DecisionLog(Arc::new(Inner {
            lanes: lanes?,
            begun: Instant::now(),
            one_allow_in: self.one_allow_in,
            allows: class(self.allow_pace),
            codes: Code::ALL.iter().map(|_| class(self.pace)).collect(),
            journal_wait: self.journal_wait,
            is_journal: AtomicBool::new(false),
        })))
    }
}
