//! A week's requests, and how they were answered.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use chats::{Secret, TokenArgs};
use gatepost::{PolicyText, Snapshot};
use gatepost_axum::{Gate, ReportOnly};
use gatepost_observe::{LogReader, ShadowRow};
use http_body_util::BodyExt as _;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::service;
use crate::watch::Watched;

pub(super) const POLICY: &str = include_str!("../../policy.toml");
pub(super) const CANDIDATE: &str = include_str!("../../candidate.toml");

/// Who does what in which org, in a week.
pub(super) const WEEK: &[(&str, &str, &str)] = &[
    ("alice", "POST", "acme"),
    ("alice", "GET", "acme"),
    ("gus", "POST", "acme"),
    ("gus", "GET", "acme"),
    ("carl", "POST", "acme"),
    ("carl", "GET", "acme"),
    ("bob", "POST", "globex"),
    ("bob", "GET", "globex"),
];

pub(super) type Answer = (StatusCode, String);
/// A subject, an org and a method.
pub(super) type Asked = (String, String, String);

pub(super) fn asked(who: &str, org: &str, method: &str) -> Asked {
    (who.to_owned(), org.to_owned(), method.to_owned())
}

pub(super) fn secret() -> Secret {
    Secret::new(*b"a secret that is long enough to sign with").unwrap()
}

pub(super) fn facts(policy: &str) -> Snapshot {
    PolicyText::toml(policy).compile(1).unwrap()
}

/// A folder with the candidate, and where its log is.
pub(super) fn folder() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (log, candidate) = (
        folder.path().join("decisions.jsonl"),
        folder.path().join("candidate.toml"),
    );
    std::fs::write(&candidate, CANDIDATE).unwrap();
    (folder, log, candidate)
}

/// The service, by a policy that does not change.
pub(super) fn gated(policy: &str, report_only: Option<ReportOnly>, watched: &Watched) -> Router {
    served(Gate::fixed(facts(policy)), report_only, watched)
}

pub(super) fn served(gate: Gate, report_only: Option<ReportOnly>, watched: &Watched) -> Router {
    let identity = chats::identity(&secret()).unwrap();
    let routes = service::routes(gate, identity, report_only, watched);
    Router::new().fallback_service(service::service(routes).unwrap())
}

pub(super) async fn answer(app: &Router, who: &str, method: &str, path: &str) -> Answer {
    let token = TokenArgs::of(who.parse().unwrap()).token(&secret());
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {}", token.unwrap()));
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap());
    let response = response.await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

pub(super) async fn week(app: &Router) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (who, method, org) in WEEK {
        let path = format!("/orgs/{org}/chats");
        answers.push(answer(app, who, method, &path).await);
    }
    answers
}

/// What of the week was refused, by the answers.
pub(super) fn refused(answers: &[Answer]) -> BTreeSet<Asked> {
    let week = WEEK.iter().zip(answers);
    let refused = week.filter(|(_, (status, _))| !status.is_success());
    refused
        .map(|((who, method, org), _)| asked(who, org, method))
        .collect()
}

/// What the log says would have been refused.
pub(super) fn reported(log: &Path) -> BTreeSet<Asked> {
    let records = LogReader::open(log).unwrap().map(Result::unwrap);
    let reported = records.filter(|record| !record.enforced);
    reported
        .map(|record| {
            assert!(record.code.is_some() && !record.decision);
            let org = record.resource.properties.org.unwrap();
            let method = record.route.method;
            asked(record.subject.unwrap().id.as_str(), org.as_str(), &method)
        })
        .collect()
}

/// What a candidate would have answered otherwise, by the examples of one side, each of which stands for one request.
pub(super) fn shadowed(rows: &[ShadowRow]) -> BTreeSet<Asked> {
    rows.iter()
        .flat_map(|row| {
            let org = row.org.as_ref().unwrap().as_str();
            let examples = row.examples.iter();
            examples.map(move |it| asked(it.subject.as_ref().unwrap().as_str(), org, row.method))
        })
        .collect()
}

/// The sum of the samples of a metric that have this label.
pub(super) fn sum(metrics: &str, name: &str, label: &str) -> usize {
    let samples = metrics.lines().filter_map(|line| line.rsplit_once(' '));
    samples
        .filter(|(series, _)| series.starts_with(&format!("{name}{{")) && series.contains(label))
        .map(|(_, value)| value.parse::<usize>().unwrap())
        .sum()
}
