//! Requests to a gate: by hand, with the version that decided, and through axum.

use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use gatepost::{Code, Evaluation, Gate, NamedOrg, Next, Org, Requirement, Subject, SubjectId};
use gatepost_axum::{Gated, SourceError};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

pub(super) const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));

/// How often a request waits for memberships.
const MOST_LOADS: usize = 8;

/// The request for a subject in an org, as far as the head of a request goes.
pub(super) fn evaluation(subject: &str, org: &str) -> Evaluation {
    let subject = Subject::new(SubjectId::new(subject).unwrap());
    let mut evaluation = Evaluation::new(&READ, "chat", Some(subject));
    evaluation.org(NamedOrg::Named(org.parse().unwrap()));
    evaluation
}

/// Which version decided, and `allow` or the code of the denial.
pub(super) async fn decide(gate: &Gate, subject: &str, org: &str) -> Result<(u64, String), Code> {
    let mut evaluation = evaluation(subject, org);
    let source = gate.memberships().unwrap();
    for _ in 0..MOST_LOADS {
        let facts = gate.snapshot()?;
        let version = facts.version();
        evaluation.retain_memberships(|loaded| source.is_current(loaded, version));
        let missing = loop {
            match evaluation.next(&facts) {
                Next::Admit(permit) => return Ok((permit.version(), "allow".into())),
                Next::Reject(denial) => return Ok((version, denial.code().as_str().into())),
                Next::NeedMemberships(subject) => match source.at_hand(&subject, version) {
                    Some(held) => evaluation.memberships(held),
                    None => break subject,
                },
                next => panic!("{next:?}"),
            }
        };
        let loaded = source.load(&missing).await;
        evaluation.memberships(loaded.map_err(|_| Code::PolicyUnavailable)?);
    }
    Err(Code::PolicyUnavailable)
}

/// A service on axum.
pub(super) struct Service(Router);

impl Service {
    pub(super) fn of(gate: &Gate) -> Self {
        let who = |request: &Parts| -> Result<Option<Subject>, SourceError> {
            Ok(request.extensions.get::<Subject>().cloned())
        };
        let gated = Gated::new(gate.clone(), who);
        let gated = gated.get("/orgs/{org}/chats", READ, async || "allow");
        Self(gated.into_router().unwrap())
    }

    /// The status, and the body of an answer or the code of a refusal.
    pub(super) async fn ask(&self, subject: &str, org: &str) -> (u16, String) {
        let request = axum::http::Request::get(format!("/orgs/{org}/chats"))
            .extension(Subject::new(SubjectId::new(subject).unwrap()));
        let request = request.body(Body::empty()).unwrap();
        let response = self.0.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let text = match serde_json::from_slice::<serde_json::Value>(&body) {
            Ok(problem) => problem["code"].as_str().unwrap().to_owned(),
            Err(_) => String::from_utf8(body.to_vec()).unwrap(),
        };
        (status, text)
    }
}
