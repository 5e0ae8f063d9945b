//! Decisions, counted through the `metrics` facade.

mod described;
mod gauges;
mod routes;
#[cfg(test)]
mod shown;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::OnceLock;

use gatepost::{Code, Denial, Mode, Permit, Tier};
use gatepost_enforce::{Decided, Observer, Verdict};
use metrics::{Counter, Histogram, counter, histogram};

pub use described::{DescribedMetric, METRICS, MetricKind};
pub use gauges::Gauges;
use routes::Routes;

/// Upper bounds of buckets for `gatepost_decision_seconds`, in seconds: decisions by facts in memory take less than the
/// first few, those that await a body or an object the others.
///
/// An exporter has to be given them. The one for Prometheus makes quantiles otherwise, which cannot be added up over
/// replicas.
pub const SECONDS: &[f64] = &[
    0.000_001, 0.000_005, 0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5,
    1.0, 5.0,
];

/// How many routes are told apart, unless said otherwise.
const MOST_ROUTES: usize = 1000;
/// No mode, and each mode.
const MODES: [Option<Mode>; 3] = [None, Some(Mode::Foreground), Some(Mode::Background)];
const NONE: &str = "none";

/// Counts decisions, as an [`Observer`], through the `metrics` facade.
///
/// Nothing that a client says becomes a label: codes, tiers and modes are words of Gatepost, methods and paths those
/// that routes were registered with. What there is to count stands in [`METRICS`].
///
/// Series are made as they are first counted, by the recorder that is installed then: so it is installed before the
/// first request.
///
/// ```
/// use gatepost_enforce::Observer;
/// use gatepost_observe::Metrics;
///
/// let metrics = Metrics::new();
/// // And on the gated router: `.observe(metrics)`.
/// # fn observes(_: impl Observer) {}
/// # observes(metrics);
/// ```
pub struct Metrics {
    /// In the order of `place`.
    decisions: Vec<OnceLock<Counter>>,
    /// Of allows, denials and errors.
    seconds: [OnceLock<Histogram>; 3],
    /// In the order of [`Code::ALL`].
    revoked: Vec<OnceLock<Counter>>,
    routes: Routes,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Describes the metrics to the recorder that is installed, and has counted nothing yet.
    pub fn new() -> Self {
        described::describe();
        let classes = (Code::ALL.len() + 1) * MODES.len() * 2;
        let none = |count| std::iter::repeat_with(OnceLock::new).take(count).collect();
        Self {
            decisions: none(classes),
            seconds: [const { OnceLock::new() }; 3],
            revoked: std::iter::repeat_with(OnceLock::new)
                .take(Code::ALL.len())
                .collect(),
            routes: Routes::new(MOST_ROUTES),
        }
    }

    /// Tells at most so many routes apart, a method with a path each: 1,000, unless said otherwise. All others are
    /// counted as `other`.
    #[must_use]
    pub fn most_routes(mut self, routes: usize) -> Self {
        self.routes = Routes::new(routes);
        self
    }
}

impl Observer for Metrics {
    fn decided(&self, decided: &Decided<'_>) {
        let verdict = decided.verdict;
        let mode = match verdict {
            Verdict::Allow(permit) => permit.mode(),
            Verdict::Refuse(denial) | Verdict::Report(denial) => denial.mode(),
        };
        let (code, is_enforced) = (verdict.code(), verdict.is_enforced());
        let labels = Labels {
            outcome: verdict.outcome(),
            code,
            mode,
            is_enforced,
        };
        if let Some(decisions) = self.decisions.get(labels.place()) {
            decisions.get_or_init(|| labels.counter()).increment(1);
        }
        let outcome = verdict.outcome();
        let [allow, deny, error] = &self.seconds;
        let seconds = match verdict {
            Verdict::Allow(_) => allow,
            Verdict::Refuse(denial) | Verdict::Report(denial) if denial.is_error() => error,
            Verdict::Refuse(_) | Verdict::Report(_) => deny,
        };
        seconds
            .get_or_init(|| histogram!("gatepost_decision_seconds", "outcome" => outcome))
            .record(decided.latency.as_secs_f64());
        self.routes
            .count(decided.method, decided.path, outcome, is_enforced);
    }

    fn revoked(&self, _: &Permit, denial: &Denial) {
        let code = denial.code();
        if let Some(revoked) = self.revoked.get(place_of(code)) {
            let counter = || counter!("gatepost_permits_revoked_total", "code" => code.as_str());
            revoked.get_or_init(counter).increment(1);
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// What tells one counter of decisions from another.
#[derive(Clone, Copy, Debug)]
struct Labels {
    outcome: &'static str,
    code: Option<Code>,
    mode: Option<Mode>,
    is_enforced: bool,
}

impl Labels {
    /// Where it stands: a code of its own for allows, which have none.
    fn place(self) -> usize {
        let code = self.code.map_or(0, |code| place_of(code) + 1);
        let mode = MODES.iter().position(|mode| *mode == self.mode);
        (code * MODES.len() + mode.unwrap_or(0)) * 2 + usize::from(self.is_enforced)
    }

    fn counter(self) -> Counter {
        let tier = self.code.and_then(Code::tier);
        counter!(
            "gatepost_decisions_total",
            "outcome" => self.outcome,
            "tier" => tier.map_or(NONE, Tier::as_str),
            "code" => self.code.map_or(NONE, Code::as_str),
            "mode" => self.mode.map_or(NONE, Mode::as_str),
            "enforced" => word(self.is_enforced),
        )
    }
}

fn place_of(code: Code) -> usize {
    let place = Code::ALL.iter().position(|other| *other == code);
    place.unwrap_or_default()
}

fn word(is_so: bool) -> &'static str {
    if is_so { "true" } else { "false" }
}
