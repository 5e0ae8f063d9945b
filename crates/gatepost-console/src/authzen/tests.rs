//! The endpoints as a client meets them.

mod apart;
mod batch;
mod body;
mod certification;
mod elsewhere;
mod examples;
mod law;
mod limits;
mod page;
mod random;
mod rights;
mod table;
mod token;

use axum::Router;
use axum::body::Body;
use gatepost::{Gate, Kind, PolicyText, Subject, SubjectId};
use gatepost_axum::SourceError;
use gatepost_store::{PolicyStore, StoreUrl};
use http::request::Parts;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{EVALUATION, EVALUATIONS, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT};
use crate::Console;

/// A console over a policy.
struct Pdp {
    router: Router,
    _folder: tempfile::TempDir,
}

/// What was answered.
#[derive(Debug)]
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }
}

/// The identity that the tests' requests come with: `x-subject`, `x-kind`, `x-scopes`, `x-acting-for`.
#[allow(clippy::unnecessary_wraps, reason = "as a source of subjects has it")]
fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    let header = |name| request.headers.get(name).map(|it| it.to_str().unwrap());
    let id = |text| SubjectId::new(text).unwrap();
    let subject = header("x-subject").map(|text| Subject::new(id(text)));
    Ok(subject.map(|mut subject| {
        if let Some(kind) = header("x-kind") {
            subject = subject.kind(Kind::parse(kind).unwrap());
        }
        if let Some(scopes) = header("x-scopes") {
            subject = subject.scopes(scopes.split_whitespace());
        }
        if let Some(delegator) = header("x-acting-for") {
            subject = subject.acting_for(id(delegator));
        }
        subject
    }))
}

impl Pdp {
    async fn new(policy: &str) -> Self {
        Self::at(policy, "", None).await
    }

    async fn at(policy: &str, path: &str, public_url: Option<&str>) -> Self {
        let facts = PolicyText::toml(policy).compile(7);
        let facts = facts.unwrap_or_else(|why| panic!("{why}\n{policy}"));
        Self::of_gate(Gate::fixed(facts), path, public_url).await
    }

    async fn of_gate(gate: Gate, path: &str, public_url: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = StoreUrl::sqlite(folder.path().join("policy.db"));
        let store = PolicyStore::init(&url).await.unwrap();
        let mut console = Console::new(store, gate).at(path).identity(who);
        if let Some(url) = public_url {
            console = console.public_url(url);
        }
        Self {
            router: console.into_router().unwrap(),
            _folder: folder,
        }
    }

    /// Sends a request as it is.
    async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answered {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Sends JSON as somebody.
    async fn post(&self, path: &str, asker: &str, body: &Value) -> Answered {
        let request = Request::post(path)
            .header("content-type", "application/json")
            .header("x-subject", asker);
        self.send(request.body(body.to_string().into()).unwrap())
            .await
    }

    /// What is answered with 200.
    async fn ok(&self, path: &str, asker: &str, body: &Value) -> Value {
        let answered = self.post(path, asker, body).await;
        assert_eq!(answered.status, 200, "{body} {answered:?}");
        assert_eq!(answered.headers["content-type"], "application/json");
        answered.json()
    }
}

/// What a search has found, without `page`.
fn found(answer: &Value) -> Vec<Value> {
    answer["results"].as_array().unwrap().clone()
}

/// The same request by somebody who knows of no orgs, and has the subject's default one taken.
fn in_default_org(request: &Value) -> Value {
    let mut request = request.clone();
    let items = request.get_mut("evaluations").and_then(Value::as_array_mut);
    // An item's own context replaces the one of all.
    for item in items.into_iter().flatten() {
        if item.get("context").is_some_and(Value::is_object) {
            item["context"]["org_rule"] = "default".into();
        }
    }
    if request.get("context").is_none_or(Value::is_null) {
        request["context"] = json!({});
    }
    request["context"]["org_rule"] = "default".into();
    request
}
