//! What is kept beside the code is about the metrics that there are.

use std::collections::BTreeSet;

use gatepost::Code;
use metrics_util::debugging::DebuggingRecorder;
use serde_json::Value;

use super::{Labels, METRICS, MODES, MetricKind};

const DASHBOARD: &str = include_str!("../../../../docs/grafana/gatepost.json");
const ALERTS: &str = include_str!("../../../../docs/alerts.yml");
const DOCUMENT: &str = include_str!("../../../../docs/decision-log.md");

/// The names in a text that are names of metrics, or ought to be.
fn names(text: &str) -> BTreeSet<&str> {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words = text.split(|letter| !is_of_name(letter));
    words.filter(|word| word.starts_with("gatepost_")).collect()
}

/// Whether it is told, as itself or as a part of a histogram.
fn is_told(name: &str) -> bool {
    METRICS.iter().any(|metric| {
        let is_part = |end: &str| name.strip_suffix(end) == Some(metric.name);
        match metric.kind {
            MetricKind::Counter | MetricKind::Gauge => name == metric.name,
            MetricKind::Histogram => ["_bucket", "_sum", "_count"].into_iter().any(is_part),
        }
    })
}

/// The labels that an expression matches or sums by, behind metrics of ours.
fn labels(expression: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in expression.split(['{', '(']).skip(1) {
        let Some((inside, _)) = part.split_once(['}', ')']) else {
            continue;
        };
        for one in inside.split(',') {
            let label = one.split(['=', '!']).next().unwrap().trim();
            let is_label = |letter: char| letter.is_ascii_lowercase() || letter == '_';
            if !label.is_empty() && label.chars().all(is_label) {
                found.insert(label.to_owned());
            }
        }
    }
    found
}

fn assert_is_told(expression: &str) {
    let names = names(expression);
    assert!(!names.is_empty(), "{expression}");
    for name in names {
        assert!(is_told(name), "{name} in {expression}");
    }
    let of_ours = METRICS
        .iter()
        .flat_map(|metric| metric.labels.iter().copied());
    // What is told of who is asked comes with Prometheus.
    let known: BTreeSet<_> = of_ours.chain(["job", "instance", "le"]).collect();
    for label in labels(expression) {
        let is_metric = label.starts_with("gatepost_");
        assert!(
            is_metric || known.contains(&*label),
            "{label} in {expression}"
        );
    }
}

#[test]
fn the_dashboard_shows_metrics_that_there_are_and_each_of_them() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels
        .iter()
        .flat_map(|it| it["targets"].as_array().unwrap());
    let mut shown = String::new();
    for target in targets {
        let expression = target["expr"].as_str().unwrap();
        assert_is_told(expression);
        shown.push_str(expression);
        shown.push(' ');
    }
    for metric in METRICS {
        assert!(shown.contains(metric.name), "{} is not shown", metric.name);
    }
    // No two panels lie over each other.
    let mut taken = BTreeSet::new();
    for panel in panels {
        let at = |side: &str| panel["gridPos"][side].as_u64().unwrap();
        for x in at("x")..at("x") + at("w") {
            assert!(x < 24, "{}", panel["title"]);
            for y in at("y")..at("y") + at("h") {
                assert!(taken.insert((x, y)), "{}", panel["title"]);
            }
        }
    }
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), panels.len());
}

#[test]
fn the_alerts_are_rules_about_metrics_that_there_are() {
    let alerts: Value = serde_saphyr::from_str(ALERTS).unwrap();
    let rules = alerts["groups"][0]["rules"].as_array().unwrap();
    let mut names = BTreeSet::new();
    for rule in rules {
        assert_is_told(rule["expr"].as_str().unwrap());
        let name = rule["alert"].as_str().unwrap();
        assert!(names.insert(name), "{name} is there twice");
        let members = rule.as_object().unwrap().keys();
        for member in members {
            let known = ["alert", "expr", "for", "labels", "annotations"];
            assert!(known.contains(&&**member), "{member} in {name}");
        }
        if let Some(long) = rule.get("for") {
            let long = long.as_str().unwrap();
            let (number, unit) = long.split_at(long.len() - 1);
            assert!(number.parse::<u32>().is_ok() && ["s", "m", "h"].contains(&unit));
        }
        let severity = rule["labels"]["severity"].as_str().unwrap();
        assert!(["critical", "warning", "info"].contains(&severity));
        assert!(rule["annotations"]["summary"].is_string(), "{name}");
    }
    for wanted in [
        "GatepostGateStale",
        "GatepostPolicyUnavailable",
        "GatepostDenialsJump",
        "GatepostLogDrops",
        "GatepostReplicasBehind",
        "GatepostReportOnlyPastItsDate",
    ] {
        assert!(names.contains(wanted), "{wanted}");
    }
}

#[test]
fn a80_the_document_says_how_many_series_there_are_at_most() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        for mode in MODES {
            for code in Code::ALL.iter().copied().map(Some).chain([None]) {
                let labels = |is_enforced| Labels {
                    outcome: "deny",
                    code,
                    mode,
                    is_enforced,
                };
                labels(true).counter().increment(1);
                // The six that may be reported.
                let reported = [
                    Code::SiteGrantMissing,
                    Code::OrgOff,
                    Code::OrgModeOff,
                    Code::OrgDenied,
                    Code::OrgGrantMissing,
                    Code::ModeFloor,
                ];
                if code.is_some_and(|code| reported.contains(&code)) {
                    labels(false).counter().increment(1);
                }
            }
        }
    });
    let decisions = snapshotter.snapshot().into_vec().len();
    let of = |name: &str| match name {
        "gatepost_decisions_total" => decisions,
        "gatepost_decision_seconds" => 3,
        "gatepost_permits_revoked_total" => Code::ALL.len(),
        "gatepost_gate_state" => 4,
        "gatepost_report_only_routes" => 2,
        // They depend on how many routes and sinks there are.
        "gatepost_route_decisions_total"
        | "gatepost_log_lines_total"
        | "gatepost_log_drops_total" => 0,
        _ => 1,
    };
    let all: usize = METRICS.iter().map(|metric| of(metric.name)).sum();
    assert!(DOCUMENT.contains(&format!("at most {all} series")), "{all}");
}

#[test]
fn the_document_tells_of_every_metric_and_its_labels() {
    for metric in METRICS {
        let row = DOCUMENT
            .lines()
            .find(|line| line.contains(&format!("`{}`", metric.name)));
        let row = row.unwrap_or_else(|| panic!("{} is not in the document", metric.name));
        for label in metric.labels {
            assert!(row.contains(&format!("`{label}`")), "{label} in {row}");
        }
    }
}
