//! What a refused client gets.

use std::time::Duration;

use async_trait::async_trait;
use gatepost_tonic::{Admitted, DeniedResponse, Gated, LoadSubject, SourceError, Subject};
use http::request::Parts;
use tonic::Code;
use tonic_types::StatusExt;

use crate::fixture::{
    Answer, BY_MESSAGE, BY_METADATA, CHECK, Reached, UPDATE, WATCH, ask, call, framed, gate, gated,
    who,
};

const UNAUTHENTICATED: Refusal = (Code::Unauthenticated, "unauthenticated");
const NOT_A_MEMBER: Refusal = (Code::PermissionDenied, "not_a_member");
const NO_GRANT: Refusal = (Code::PermissionDenied, "org_grant_missing");
const NO_ORG: Refusal = (Code::InvalidArgument, "org_required");
const BAD: Refusal = (Code::InvalidArgument, "bad_request");
const TOO_LARGE: Refusal = (Code::ResourceExhausted, "body_too_large");

type Refusal = (Code, &'static str);

#[tokio::test]
async fn each_refusal_has_its_status_and_reason_and_no_method_runs() {
    let reached = Reached::new();
    let service = gated()
        .method("Check", BY_MESSAGE)
        .method("Watch", BY_METADATA)
        .service(reached.server())
        .unwrap();
    let acme = framed("acme");
    let compressed = [&[1][..], &acme[1..]].concat();
    for (path, subject, org, body, refusal) in [
        (CHECK, "", "", &acme[..], UNAUTHENTICATED),
        (CHECK, "mallory", "", &acme, NOT_A_MEMBER),
        (CHECK, "otto", "", &acme, NO_GRANT),
        (CHECK, "alice", "", &framed(""), NO_ORG),
        (CHECK, "alice", "", &framed("a\nb"), BAD),
        (CHECK, "alice", "", &[0, 0, 0, 0, 1, 0xff], BAD),
        (CHECK, "alice", "", &compressed, BAD),
        (CHECK, "alice", "", &acme[..7], BAD),
        (CHECK, "alice", "", &[], BAD),
        (CHECK, "alice", "", &[0, 0, 0, 0, 33], TOO_LARGE),
        (WATCH, "", "acme", &[], UNAUTHENTICATED),
        (WATCH, "alice", "globex", &[], NOT_A_MEMBER),
        (WATCH, "alice", "", &acme, NO_ORG),
    ] {
        let body = body.to_vec();
        let answer = ask(service.clone(), call(path, subject, org, body)).await;
        let info = answer.info();
        assert_eq!((answer.status.code(), &*info.reason), refusal);
        assert_eq!(info.domain, "gatepost.dev");
        assert_eq!(info.metadata["code"], refusal.1);
        assert!(answer.headers.contains_key("grpc-status"), "trailers-only");
        assert!(answer.body.is_empty());
        assert_eq!(answer.status.message(), info.metadata["detail"]);
        let denied = answer.extensions.get::<DeniedResponse>().unwrap();
        assert_eq!(info.metadata["decision"], denied.0.decision().to_string());
    }
    assert!(reached.calls().is_empty());
}

#[tokio::test]
async fn a_header_that_is_given_twice_names_no_org() {
    let service = gated().method("Check", BY_METADATA);
    let service = service.service(Reached::new().server()).unwrap();
    let mut request = call(CHECK, "alice", "acme", framed("x"));
    request
        .headers_mut()
        .append("x-org", "acme".parse().unwrap());
    assert_eq!(ask(service, request).await.info().reason, "bad_request");
}

#[tokio::test]
async fn a_hidden_denial_is_what_a_missing_object_gets() {
    let reached = Reached::doing(|request| request.entity::<String>().map(drop));
    let service = gated().method("Check", UPDATE);
    let service = service.service(reached.server()).unwrap();
    let asked = async |subject: &str, org: &str, chat: &str| {
        ask(service.clone(), call(CHECK, subject, org, framed(chat))).await
    };
    assert_eq!(
        asked("alice", "acme", "otto's").await.status.code(),
        Code::Ok
    );
    assert_eq!(
        asked("otto", "acme", "otto's").await.status.code(),
        Code::Ok
    );
    // The one came from the method, which looked for an object that is not there.
    let missing = asked("alice", "acme", "nobody's").await;
    assert_eq!(reached.calls(), ["otto's", "otto's", "nobody's"]);
    for hidden in [
        asked("otto", "acme", "nobody's").await,
        asked("otto", "globex", "otto's").await,
        asked("mallory", "acme", "otto's").await,
    ] {
        assert_eq!(
            but_for_the_decision(&hidden),
            but_for_the_decision(&missing)
        );
        assert_eq!(hidden.info().metadata.len(), 4);
    }
    assert_eq!(reached.calls().len(), 3);
}

fn but_for_the_decision(answer: &Answer) -> (String, Vec<u8>) {
    let mut headers = answer.headers.clone();
    headers.remove("grpc-status-details-bin");
    let decision = answer.info().metadata["decision"].clone();
    let details = answer.status.details().to_vec();
    let mut details = details;
    let at = details
        .windows(decision.len())
        .position(|window| window == decision.as_bytes());
    details.drain(at.unwrap()..at.unwrap() + decision.len());
    (format!("{headers:?} {:?}", answer.body), details)
}

#[tokio::test]
async fn a_refusal_is_worded_in_the_language_that_the_reader_asks_for() {
    let service = gated().method("Check", BY_METADATA);
    let service = service.service(Reached::new().server()).unwrap();
    let said = async |language: &str| {
        let mut request = call(CHECK, "otto", "acme", framed("x"));
        let languages = language.parse().unwrap();
        request.headers_mut().insert("accept-language", languages);
        let answer = ask(service.clone(), request).await;
        assert_eq!(answer.info().reason, "org_grant_missing");
        assert_eq!(answer.status.message(), answer.info().metadata["detail"]);
        answer.info().metadata["title"].clone()
    };
    assert_ne!(said("de").await, said("en").await);
    assert_eq!(said("tlh").await, said("en").await);
}

struct Down;

#[async_trait]
impl LoadSubject for Down {
    async fn load(&self, _: &Parts) -> Result<Option<Subject>, SourceError> {
        Err(SourceError::unavailable("no answer"))
    }
}

struct Slow;

#[async_trait]
impl LoadSubject for Slow {
    async fn load(&self, request: &Parts) -> Result<Option<Subject>, SourceError> {
        tokio::task::yield_now().await;
        who(request)
    }
}

#[tokio::test]
async fn a_subject_that_cannot_be_told_is_an_error_and_may_be_asked_again() {
    let reached = Reached::new();
    let service = Gated::with_loaded_subject(gate(), Down).method("Check", BY_MESSAGE);
    let service = service.service(reached.server()).unwrap();
    let answer = ask(service, call(CHECK, "alice", "", framed("acme"))).await;
    assert_eq!(answer.status.code(), Code::Unavailable);
    assert_eq!(answer.info().reason, "policy_unavailable");
    let retry = answer.status.get_details_retry_info().unwrap();
    assert_eq!(retry.retry_delay, Some(Duration::from_secs(1)));
    assert!(reached.calls().is_empty());
}

#[tokio::test]
async fn a_subject_that_is_awaited_is_decided_as_any_other() {
    let reached = Reached::new();
    let service = Gated::with_loaded_subject(gate(), Slow).method("Check", BY_MESSAGE);
    let service = service.service(reached.server()).unwrap();
    let allowed = ask(service.clone(), call(CHECK, "alice", "", framed("acme"))).await;
    assert_eq!(allowed.status.code(), Code::Ok);
    let denied = ask(service, call(CHECK, "mallory", "", framed("acme"))).await;
    assert_eq!(denied.info().reason, "not_a_member");
    assert_eq!(reached.calls(), ["acme"]);
}
