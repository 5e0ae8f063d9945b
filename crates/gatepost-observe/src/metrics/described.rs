//! What there is to count, in one table.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// A metric, as recorders, dashboards and alerts know it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DescribedMetric {
    /// The name.
    pub name: &'static str,
    /// What it is.
    pub kind: MetricKind,
    /// What it is measured in.
    pub unit: Unit,
    /// What it tells.
    pub help: &'static str,
    /// Its labels, of which none has a value that a client made up.
    pub labels: &'static [&'static str],
}

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "the three kinds that the facade knows"
)]
pub enum MetricKind {
    /// It only goes up.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Values, by how large they are.
    Histogram,
}

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> DescribedMetric {
    DescribedMetric {
        name,
        kind: MetricKind::Counter,
        unit: Unit::Count,
        help,
        labels,
    }
}

const fn gauge(
    name: &'static str,
    unit: Unit,
    labels: &'static [&'static str],
    help: &'static str,
) -> DescribedMetric {
    DescribedMetric {
        name,
        kind: MetricKind::Gauge,
        unit,
        help,
        labels,
    }
}

/// Every metric that [`Metrics`](crate::Metrics) and [`Gauges`](crate::Gauges) tell.
///
/// ```
/// let names: Vec<_> = gatepost_observe::METRICS.iter().map(|metric| metric.name).collect();
/// assert!(names.contains(&"gatepost_decisions_total"));
/// ```
pub const METRICS: &[DescribedMetric] = &[
    counter(
        "gatepost_decisions_total",
        &["outcome", "tier", "code", "mode", "enforced"],
        "decisions; `enforced` is false where a denial was only reported",
    ),
    counter(
        "gatepost_route_decisions_total",
        &["method", "path", "outcome", "enforced"],
        "decisions of each route, as it was registered",
    ),
    DescribedMetric {
        name: "gatepost_decision_seconds",
        kind: MetricKind::Histogram,
        unit: Unit::Seconds,
        help: "from a request's arrival at its requirement until the verdict, what was awaited in between included",
        labels: &["outcome"],
    },
    counter(
        "gatepost_permits_revoked_total",
        &["code"],
        "permits that were revoked while something was bound to them",
    ),
    gauge(
        "gatepost_gate_state",
        Unit::Count,
        &["state"],
        "1 at the state that the gate is in, 0 at the others: ready, degraded, stale, unavailable",
    ),
    gauge(
        "gatepost_policy_version",
        Unit::Count,
        &[],
        "the policy version that is decided by",
    ),
    gauge(
        "gatepost_policy_age_seconds",
        Unit::Seconds,
        &[],
        "for how long the policy version has been the one that is decided by, as far as it was looked at",
    ),
    gauge(
        "gatepost_lease_left_seconds",
        Unit::Seconds,
        &[],
        "for how long the policy counts without a word from its store",
    ),
    gauge(
        "gatepost_permits_waiting",
        Unit::Count,
        &[],
        "permits that something is bound to, or waits for",
    ),
    gauge(
        "gatepost_replicas",
        Unit::Count,
        &[],
        "replicas that the store knows of",
    ),
    gauge(
        "gatepost_replicas_behind",
        Unit::Count,
        &[],
        "replicas that have not said yet that they decide by the store's newest version",
    ),
    gauge(
        "gatepost_report_only_routes",
        Unit::Count,
        &["state"],
        "routes that are annotated as report-only: reporting, or past the date from which they enforce",
    ),
    counter(
        "gatepost_log_lines_total",
        &["sink"],
        "lines of the decision log that were written",
    ),
    counter(
        "gatepost_log_drops_total",
        &["sink", "reason"],
        "lines of the decision log that were not written: full, failed, panicked, ended",
    ),
    counter(
        "gatepost_log_passed_over_total",
        &[],
        "decisions without a line of their own: sampled out, or too many of their code",
    ),
];

/// Tells the recorder that is installed.
pub(super) fn describe() {
    for metric in METRICS {
        let DescribedMetric {
            name, unit, help, ..
        } = *metric;
        match metric.kind {
            MetricKind::Counter => describe_counter!(name, unit, help),
            MetricKind::Gauge => describe_gauge!(name, unit, help),
            MetricKind::Histogram => describe_histogram!(name, unit, help),
        }
    }
}
