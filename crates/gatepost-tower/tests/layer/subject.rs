//! Where the subject comes from: found at once or awaited, and never guessed.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use gatepost::{Org, Requirement, Subject, SubjectId};
use gatepost_tower::{Enforcer, LoadSubject, SourceError};
use http::request::Parts;
use http::{HeaderValue, Request};
use serde_json::{Value, json};

use crate::fixture::{
    Canary, CountedBody, answer, ask, assert_refused, at_once, enforcer, gate, subject,
};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const BY_BODY: Requirement = Requirement::new("chat", "read").org(Org::json("org"));

/// What a request's `x-session` says: a subject, nobody, or what cannot be told.
fn by_session(request: &Parts) -> Result<Option<Subject>, SourceError> {
    match request.headers.get("x-session").map(HeaderValue::as_bytes) {
        None => Ok(None),
        Some(b"broken") => Err(SourceError::unavailable("the session store is down")),
        Some(b"garbled") => Err(SourceError::bad_request("the session is given twice")),
        Some(id) => Ok(Some(subject(std::str::from_utf8(id).unwrap()))),
    }
}

/// The same, after it has been waited for.
#[derive(Clone, Debug, Default)]
struct Sessions(Arc<AtomicUsize>);

#[async_trait]
impl LoadSubject for Sessions {
    async fn load(&self, request: &Parts) -> Result<Option<Subject>, SourceError> {
        tokio::task::yield_now().await;
        self.0.fetch_add(1, Ordering::SeqCst);
        by_session(request)
    }
}

fn session(id: &str, body: CountedBody) -> Request<CountedBody> {
    let mut request = ask("/acme", None, body);
    if !id.is_empty() {
        request
            .headers_mut()
            .insert("x-session", id.parse().unwrap());
    }
    request
}

fn awaited(sessions: &Sessions) -> Enforcer {
    Enforcer::with_loaded_subject(gate(), sessions.clone()).path_params(|request, each| {
        each("org", request.uri.path().trim_matches('/'));
        Ok(())
    })
}

#[tokio::test]
async fn what_the_source_says_of_a_request_is_what_the_client_gets() {
    let found = enforcer(gate());
    let found = Enforcer::new(found.gate().clone(), by_session);
    let rows = [
        ("", "unauthenticated"),
        ("broken", "policy_unavailable"),
        ("garbled", "bad_request"),
        ("sam", "subject_suspended"),
    ];
    let members: Value = json!({"resource": "chat", "action": "read"});
    for (id, code) in rows {
        let sessions = Sessions::default();
        for enforcer in [found.clone(), awaited(&sessions)] {
            for requirement in [READ, BY_BODY] {
                let canary = Canary::default();
                let body = CountedBody::chunked(br#"{"org":"acme"}"#, 1);
                let polls = body.polls();
                let response = answer(&enforcer, requirement, &canary, session(id, body)).await;
                assert_refused(&response, code, members.clone());
                assert_eq!((canary.calls(), polls.load(Ordering::SeqCst)), (0, 0));
            }
        }
        assert_eq!(sessions.0.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test]
async fn an_awaited_subject_is_admitted_as_itself_and_asked_for_once() {
    for requirement in [READ, BY_BODY] {
        let (sessions, canary) = (Sessions::default(), Canary::default());
        let body = CountedBody::chunked(br#"{"org":"acme"}"#, 3);
        let request = session("alice", body);
        let response = answer(&awaited(&sessions), requirement, &canary, request).await;
        assert_eq!(response.status(), 200);
        assert_eq!(canary.permit().subject().as_str(), "alice");
        assert_eq!(&*canary.seen().body, br#"{"org":"acme"}"#);
        assert_eq!(sessions.0.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn an_awaited_subject_is_denied_like_one_that_was_found() {
    let (sessions, canary) = (Sessions::default(), Canary::default());
    let request = session("mallory", CountedBody::empty());
    let response = answer(&awaited(&sessions), READ, &canary, request).await;
    let members = json!({"resource": "chat", "action": "read", "org": "acme"});
    assert_refused(&response, "not_a_member", members);
    assert_eq!(canary.calls(), 0);
}

#[test]
fn a_found_subject_is_not_waited_for() {
    let canary = Canary::default();
    let request = ask("/acme", Some(subject("alice")), CountedBody::empty());
    let response = at_once(answer(&enforcer(gate()), READ, &canary, request));
    assert_eq!(response.unwrap().status(), 200);
}

#[tokio::test]
async fn an_unauthenticated_request_is_told_the_services_own_challenge() {
    let challenge = "Bearer realm=\"chats\", Basic";
    let sessions = Sessions::default();
    for enforcer in [enforcer(gate()), awaited(&sessions)] {
        let canary = Canary::default();
        let enforcer = enforcer.challenge(challenge);
        let request = ask("/acme", None, CountedBody::empty());
        let response = answer(&enforcer, READ, &canary, request).await;
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["www-authenticate"], challenge);
        assert_eq!(canary.calls(), 0);
    }
}

#[tokio::test]
async fn an_agent_is_not_told_the_default_org_of_whom_it_acts_for() {
    let alice = SubjectId::new("alice").unwrap();
    let agent = subject("nobodys-agent")
        .kind(gatepost::Kind::Agent)
        .acting_for(alice);
    let requirement = Requirement::new("chat", "read").org(Org::default_org());
    let canary = Canary::default();
    let request = ask("/", Some(agent), CountedBody::empty());
    let response = answer(&enforcer(gate()), requirement, &canary, request).await;
    let members = json!({"resource": "chat", "action": "read", "whose": "subject"});
    assert_refused(&response, "not_a_member", members);
    assert_eq!(canary.calls(), 0);
}

/// Panics before there is anything to await.
struct Hasty;

impl LoadSubject for Hasty {
    fn load<'s, 'p, 'f>(
        &'s self,
        _: &'p Parts,
    ) -> Pin<Box<dyn Future<Output = Result<Option<Subject>, SourceError>> + Send + 'f>>
    where
        's: 'f,
        'p: 'f,
    {
        panic!("nothing to await");
    }
}

#[tokio::test]
async fn a83_a_source_that_panics_before_it_awaits_is_an_error_of_that_request() {
    let canary = Canary::default();
    let hasty = Enforcer::with_loaded_subject(gate(), Hasty);
    let request = ask("/acme", None, CountedBody::empty());
    let response = answer(&hasty, READ, &canary, request).await;
    assert_refused(
        &response,
        "policy_unavailable",
        json!({"resource": "chat", "action": "read"}),
    );
    assert_eq!(canary.calls(), 0);
}
