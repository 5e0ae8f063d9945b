use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use gatepost::{Code, Denial, Feed, Gate};
use gatepost_enforce::{Decided, Observer, Verdict};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};

use super::*;
use crate::log::DecisionLog;
use crate::testing::{
    CREATE, Kept, Wrong, admit, allowed, asked, decided, denied, facts, refuse, subject,
};

/// Runs with a recorder of its own, and gives what it has then.
fn recorded(run: impl FnOnce(&Snapshotter)) -> BTreeMap<String, String> {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || run(&snapshotter));
    series(&snapshotter)
}

/// Each series, and its value; of a histogram, how many values it has.
fn series(snapshotter: &Snapshotter) -> BTreeMap<String, String> {
    let all = snapshotter.snapshot().into_vec().into_iter();
    all.map(|(key, _, _, value)| {
        let mut name = key.key().name().to_owned();
        for label in key.key().labels() {
            write!(name, " {}={}", label.key(), label.value()).unwrap();
        }
        let value = match value {
            DebugValue::Counter(count) => count.to_string(),
            DebugValue::Gauge(value) => value.to_string(),
            DebugValue::Histogram(values) => values.len().to_string(),
        };
        (name, value)
    })
    .collect()
}

#[test]
fn decisions_are_counted_by_words_of_ours() {
    let told = recorded(|_| {
        let metrics = Metrics::new();
        admit(&metrics, 3);
        refuse(&metrics, 2);
        let asked = asked(&CREATE, Some(subject("mallory")), "acme");
        let denial = denied(&facts(), &asked);
        metrics.decided(&decided(Verdict::Report(&denial), &asked));
        let stale = asked.reject(Denial::new(Code::PolicyStale));
        let mut unknown = Decided::new(Verdict::Refuse(&stale), None, &CREATE);
        unknown.latency = Duration::from_millis(1);
        metrics.decided(&unknown);
        let permit = allowed(&facts(), &olga());
        metrics.revoked(&permit, &Denial::new(Code::SiteOff));
    });
    let wanted = [
        ("gatepost_decision_seconds outcome=allow", "3"),
        ("gatepost_decision_seconds outcome=deny", "3"),
        ("gatepost_decision_seconds outcome=error", "1"),
        (
            "gatepost_decisions_total outcome=allow tier=none code=none mode=foreground enforced=true",
            "3",
        ),
        (
            "gatepost_decisions_total outcome=deny tier=org code=not_a_member mode=foreground enforced=false",
            "1",
        ),
        (
            "gatepost_decisions_total outcome=deny tier=org code=not_a_member mode=foreground enforced=true",
            "2",
        ),
        (
            "gatepost_decisions_total outcome=error tier=none code=policy_stale mode=none enforced=true",
            "1",
        ),
        ("gatepost_permits_revoked_total code=site_off", "1"),
        (
            "gatepost_route_decisions_total method=OTHER path=unknown outcome=error enforced=true",
            "1",
        ),
        (
            "gatepost_route_decisions_total method=POST path=/orgs/{org}/chats outcome=allow enforced=true",
            "3",
        ),
        (
            "gatepost_route_decisions_total method=POST path=/orgs/{org}/chats outcome=deny enforced=false",
            "1",
        ),
        (
            "gatepost_route_decisions_total method=POST path=/orgs/{org}/chats outcome=deny enforced=true",
            "2",
        ),
    ];
    let wanted: BTreeMap<_, _> = wanted
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert_eq!(told, wanted);
}

fn olga() -> gatepost::Evaluation {
    asked(&CREATE, Some(subject("olga")), "acme")
}

/// The memory that this process has in use, in bytes.
fn memory() -> usize {
    let told = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = told.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

#[test]
fn a80_a_million_ids_paths_and_methods_leave_few_series_lines_and_bytes() {
    const HOSTILE: usize = 1_000_000;
    let kept = Kept::default();
    let log = DecisionLog::builder("web")
        .sink("kept", kept.clone())
        .build()
        .unwrap();
    let facts = facts();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        // Even if an adapter handed paths of requests on, there are as many routes as may be told apart.
        let metrics = Metrics::new().most_routes(16);
        let gauges = Gauges::new(Gate::fixed(self::facts())).log(&log);
        let methods = [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "OTHER",
        ];
        let mut id = String::new();
        let mut tell = |number: usize| {
            id.clear();
            write!(id, "hostile-{number}-{}", "x".repeat(number % 200)).unwrap();
            let who = (!number.is_multiple_of(3)).then(|| subject(&id));
            let asked = asked(&CREATE, who, &id);
            let denial = match number % 7 {
                0 => asked.reject(Denial::bad_request(id.clone())),
                _ => denied(&facts, &asked),
            };
            let mut told = decided(Verdict::Refuse(&denial), &asked);
            told.method = methods[number % methods.len()];
            told.path = Some(&id);
            metrics.decided(&told);
            log.decided(&told);
            if number.is_multiple_of(10_000) {
                gauges.sample();
                // A recorder that is asked keeps no value of a histogram.
                drop(snapshotter.snapshot());
            }
        };
        (0..10_000).for_each(&mut tell);
        let before = memory();
        (10_000..HOSTILE).for_each(&mut tell);
        let grown = memory().saturating_sub(before);
        assert!(grown < 16 << 20, "{grown} bytes");
        println!("{grown} bytes more after {HOSTILE} decisions");
    });
    let series = series(&snapshotter);
    println!("{} series", series.len());
    assert!(series.len() <= 200, "{}", series.len());
    assert!(series.keys().all(|name| !name.contains("hostile-99999")));
    assert!(log.flush(Duration::from_secs(20)));
    let told = log.statistics();
    let written = told.sinks[0].written;
    println!("{written} lines");
    assert_eq!(
        written + told.passed_over + told.sinks[0].drops.full,
        HOSTILE as u64
    );
    assert!(written < 20_000, "{written}");
}

#[derive(Debug)]
struct Still;

impl gatepost::Clock for Still {
    fn now(&self) -> Duration {
        Duration::from_secs(5)
    }
}

#[test]
fn gauges_say_how_the_gate_and_the_log_are() {
    let kept = Kept::but(&[Wrong::Fails]);
    let log = DecisionLog::builder("web")
        .sink("kept", kept)
        .build()
        .unwrap();
    for _ in 0..2 {
        refuse(&log, 1);
        assert!(log.flush(Duration::from_secs(20)));
    }
    let (gate, feed): (Gate, Feed) = Gate::leased(Arc::new(Still));
    let mut gauges = Gauges::new(gate.clone()).log(&log);
    gauges.report_only_routes(3, 1);
    let none = recorded(|_| gauges.sample());
    assert_eq!(none["gatepost_gate_state state=unavailable"], "1");
    assert!(!none.contains_key("gatepost_policy_version"));
    feed.publish(facts());
    let stale = recorded(|_| gauges.sample());
    assert_eq!(stale["gatepost_gate_state state=stale"], "1");
    assert_eq!(stale["gatepost_lease_left_seconds"], "0");
    feed.renew(Duration::from_secs(7));
    let well = recorded(|_| gauges.sample());
    for (name, value) in [
        ("gatepost_gate_state state=ready", "1"),
        ("gatepost_gate_state state=stale", "0"),
        ("gatepost_lease_left_seconds", "2"),
        ("gatepost_policy_version", "7"),
        ("gatepost_permits_waiting", "0"),
        ("gatepost_report_only_routes state=reporting", "3"),
        ("gatepost_report_only_routes state=past", "1"),
        ("gatepost_log_lines_total sink=kept", "1"),
        ("gatepost_log_drops_total sink=kept reason=failed", "1"),
        ("gatepost_log_drops_total sink=kept reason=full", "0"),
        ("gatepost_log_passed_over_total", "0"),
    ] {
        assert_eq!(
            well.get(name).map(String::as_str),
            Some(value),
            "{name} in {well:?}"
        );
    }
    let age: f64 = well["gatepost_policy_age_seconds"].parse().unwrap();
    assert!((0.0..60.0).contains(&age), "{age}");
}

#[test]
fn every_metric_is_described_with_its_labels() {
    let kept = Kept::default();
    let log = DecisionLog::builder("web")
        .sink("kept", kept)
        .build()
        .unwrap();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        let metrics = Metrics::new();
        admit(&metrics, 1);
        let permit = allowed(&facts(), &olga());
        metrics.revoked(&permit, &Denial::new(Code::SiteOff));
        let mut gauges = Gauges::new(Gate::fixed(facts())).log(&log);
        gauges.report_only_routes(0, 0);
        gauges.sample();
    });
    let mut seen = Vec::new();
    for (key, _, description, _) in snapshotter.snapshot().into_vec() {
        let name = key.key().name();
        let described = METRICS.iter().find(|metric| metric.name == name);
        let described = described.unwrap_or_else(|| panic!("{name} is not described"));
        assert_eq!(description.as_deref(), Some(described.help), "{name}");
        let labels: Vec<_> = key.key().labels().map(metrics::Label::key).collect();
        assert_eq!(labels, described.labels, "{name}");
        seen.push(described.name);
    }
    // Of these there is none without a lease, or without a store.
    seen.extend([
        "gatepost_lease_left_seconds",
        "gatepost_replicas",
        "gatepost_replicas_behind",
    ]);
    let unseen = METRICS.iter().filter(|metric| !seen.contains(&metric.name));
    assert_eq!(unseen.count(), 0);
}
