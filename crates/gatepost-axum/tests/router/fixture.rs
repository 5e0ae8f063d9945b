//! What the tests share: a policy, handlers that tell that they ran, and the whole of an answer.

mod answer;
mod canary;

use axum::Router;
use axum::body::Body;
use gatepost_axum::{Gate, Gated, Org, PolicyText, Requirement, SourceError, Subject, SubjectId};
use http::request::Parts;
use http::{Method, Request};
use tower::ServiceExt;

pub(crate) use answer::{Answer, assert_refused};
pub(crate) use canary::Canary;

pub(crate) const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
pub(crate) const UPDATE: Requirement = Requirement::new("chat", "update").org(Org::path("org"));
pub(crate) const KILLED: Requirement = Requirement::new("killed", "read").org(Org::path("org"));
pub(crate) const SITE_WIDE: Requirement = Requirement::new("chat", "read").org(Org::none());

/// Alice reads and updates in acme and only reads in globex; otto reads in acme what is his own;
/// mallory is nobody anywhere.
const POLICY: &str = r#"
version = 1
[resources]
chat = ["read", "update"]
killed = ["read"]
[site.gates.chat]
switch = "on"
access = "everyone"
[site.gates.killed]
switch = "off"
[org_roles.guest]
level = 10
grants = ["chat:read"]
[org_roles.author]
level = 10
grants = ["chat:*@own"]
[org_roles.developer]
level = 30
grants = ["chat:*"]
[orgs.acme.members.alice]
roles = ["developer"]
[orgs.acme.members.otto]
roles = ["author"]
[orgs.globex.members.alice]
roles = ["guest"]
"#;

pub(crate) fn facts() -> gatepost::Snapshot {
    PolicyText::toml(POLICY).compile(1).unwrap()
}

pub(crate) fn gate() -> Gate {
    Gate::fixed(facts())
}

/// A gate over a policy in which nobody may anything.
pub(crate) fn closed_gate() -> Gate {
    let text = "version = 1\n[resources]\nchat = [\"read\", \"update\"]\n";
    Gate::fixed(PolicyText::toml(text).compile(9).unwrap())
}

/// Who asks, as an authentication in front would have left it in the request.
#[allow(clippy::unnecessary_wraps, reason = "the form of a subject source")]
pub(crate) fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    Ok(request.extensions.get::<Subject>().cloned())
}

pub(crate) fn subject(id: &str) -> Subject {
    Subject::new(SubjectId::new(id).unwrap())
}

pub(crate) fn gated() -> Gated {
    Gated::new(gate(), who)
}

/// A request by a subject, or by nobody where the id is empty.
pub(crate) fn request(method: &str, path: &str, who: &str) -> Request<Body> {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = Request::builder().method(method).uri(path);
    if !who.is_empty() {
        request = request.extension(subject(who));
    }
    request.body(Body::empty()).unwrap()
}

/// The answer to one request.
pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    Answer::of(response).await
}

/// [`send`] for a request without anything special.
pub(crate) async fn ask(router: &Router, method: &str, path: &str, who: &str) -> Answer {
    send(router, request(method, path, who)).await
}
