//! Bodies: read where a decision depends on them, no further than was declared, and whole for the handler.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::{BoxedPayloadStream, Request};
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, Service, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::test::TestRequest;
use actix_web::web::{self, PayloadConfig, ServiceConfig, resource};
use actix_web::{Error, HttpResponse};
use bytes::Bytes;
use futures_util::Stream;
use gatepost_actix::{Mode, Org, Requirement};

use crate::fixture::{Answer, BY_BODY, Canary, KILLED, RUN, UPDATE, gated, request, send, serve};

type Chunk = Result<Bytes, PayloadError>;

/// A body in chunks, which counts how often it is polled.
struct Counted {
    chunks: std::vec::IntoIter<Chunk>,
    polls: Rc<Cell<usize>>,
}

impl Stream for Counted {
    type Item = Chunk;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Chunk>> {
        self.polls.set(self.polls.get() + 1);
        Poll::Ready(self.chunks.next())
    }
}

/// The answer to a request with this body, and how often it was polled.
async fn send_chunks<S, B>(app: &S, head: TestRequest, chunks: Vec<Chunk>) -> (Answer, usize)
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let polls = Rc::new(Cell::new(0));
    let body: BoxedPayloadStream = Box::pin(Counted {
        chunks: chunks.into_iter(),
        polls: polls.clone(),
    });
    let mut request = head.to_request();
    *request.payload() = Payload::from(body);
    let answer = Answer::of(app.call(request).await.unwrap()).await;
    (answer, polls.get())
}

fn chunks(text: &str, size: usize) -> Vec<Chunk> {
    let pieces = text.as_bytes().chunks(size);
    pieces
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect()
}

fn broken() -> Chunk {
    Err(PayloadError::Incomplete(None))
}

fn routes(canary: &Canary) -> impl FnOnce(&mut ServiceConfig) {
    let gate = gated();
    let chats = resource("/orgs/{org}/chats").route(gate.post(UPDATE, canary.reader("chats")));
    let unread = resource("/orgs/{org}/unread").route(gate.post(UPDATE, canary.handler("unread")));
    let killed = resource("/orgs/{org}/killed").route(gate.post(KILLED, canary.reader("killed")));
    let by_body = resource("/chats").route(gate.post(BY_BODY, canary.reader("by-body")));
    let run = resource("/orgs/{org}/runs").route(gate.post(RUN, canary.reader("run")));
    |app| {
        app.service(chats)
            .service(unread)
            .service(killed)
            .service(by_body)
            .service(run);
    }
}

#[actix_web::test]
async fn a82_of_a_request_that_is_refused_before_its_body_nothing_is_polled() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    let body = || chunks(&"x".repeat(1 << 20), 1 << 10);
    for (path, who, said) in [
        ("/orgs/acme/chats", "", "unauthenticated"),
        ("/orgs/acme/chats", "mallory", "not_a_member"),
        ("/orgs/acme/chats", "gina", "org_grant_missing"),
        ("/orgs/acme/killed", "alice", "site_off"),
        ("/chats", "", "unauthenticated"),
        ("/orgs/acme/runs", "", "unauthenticated"),
        ("/orgs/acme/runs", "mallory", "not_a_member"),
        ("/orgs/acme/none", "alice", "404"),
    ] {
        let (answer, polls) = send_chunks(&app, request("POST", path, who), body()).await;
        assert_eq!((&*answer.said(), polls), (said, 0), "{path} by {who}");
    }
    canary.assert_silent();
    // And none of a request that is let in, where neither the decision nor the handler reads it.
    let asked = request("POST", "/orgs/acme/unread", "alice");
    let (answer, polls) = send_chunks(&app, asked, body()).await;
    assert_eq!((answer.status.as_u16(), polls), (200, 0));
}

#[actix_web::test]
async fn a_body_that_was_read_comes_to_the_handler_whole_and_was_read_once() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    let acme = r#"{"org": "acme"}"#;
    for (path, body) in [
        ("/chats", acme),
        ("/orgs/acme/runs", "wait"),
        ("/orgs/acme/runs", ""),
    ] {
        for size in [1, 2, 7, 1000] {
            let mut sent = chunks(body, size);
            // A chunk may be empty and is no end.
            sent.insert(sent.len() / 2, Ok(Bytes::new()));
            let count = sent.len();
            let (answer, polls) = send_chunks(&app, request("POST", path, "alice"), sent).await;
            assert_eq!(answer.status, 200, "{path} {body}: {}", answer.said());
            assert_eq!(polls, count + 1);
            assert_eq!(canary.only().body.as_deref(), Some(body.as_bytes()));
        }
    }
}

#[actix_web::test]
async fn a82_a_body_past_its_bound_is_413_and_is_read_no_further() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    let padded = |length: usize| {
        let body = r#"{"org":"acme"}"#;
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    for (length, declared, status, polled) in [
        (64, None, 200, 0..=8),
        (64, Some("64"), 200, 0..=8),
        (65, None, 413, 0..=7),
        (65, Some("65"), 413, 0..=0),
        (1 << 20, None, 413, 0..=7),
        (1 << 20, Some("1048576"), 413, 0..=0),
        // Whoever declares too much is believed, and whoever declares too little is not.
        (20, Some("99999999999"), 413, 0..=0),
        (1 << 20, Some("2"), 413, 0..=7),
        (1 << 20, Some("0"), 413, 0..=7),
        // What is no length declares nothing.
        (1 << 20, Some("-1"), 413, 0..=7),
        (1 << 20, Some("99999999999999999999999"), 413, 0..=7),
        (64, Some("ten"), 200, 0..=8),
    ] {
        let mut head = request("POST", "/chats", "alice");
        if let Some(declared) = declared {
            head = head.insert_header((CONTENT_LENGTH, declared));
        }
        let (answer, polls) = send_chunks(&app, head, chunks(&padded(length), 10)).await;
        assert_eq!(answer.status, status, "{length} {declared:?}");
        assert!(polled.contains(&polls), "{length} {declared:?}: {polls}");
        assert_eq!(answer.code(), (status == 413).then_some("body_too_large"));
        assert_eq!(canary.ran().len(), usize::from(status == 200));
        canary.reset();
    }
}

#[actix_web::test]
async fn a_body_that_breaks_off_is_a_bad_request_and_never_a_shorter_body() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    for (path, body) in [("/chats", r#"{"org":"acme"}"#), ("/orgs/acme/runs", "wait")] {
        for before in [0, 1] {
            let mut sent = chunks(body, 1000);
            sent.truncate(before);
            sent.extend([broken(), Ok(Bytes::from_static(b"more"))]);
            let (answer, polls) = send_chunks(&app, request("POST", path, "alice"), sent).await;
            assert_eq!((answer.code(), polls), (Some("bad_request"), before + 1));
        }
    }
    canary.assert_silent();
    // Where no decision reads it the handler meets the error itself.
    let asked = request("POST", "/orgs/acme/chats", "alice");
    let (answer, _) = send_chunks(&app, asked, vec![broken()]).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (400, None));
    canary.assert_silent();
}

#[actix_web::test]
async fn a_coded_body_is_not_guessed_at_and_one_that_no_decision_reads_is_let_through() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    let body = r#"{"org":"acme"}"#;
    for (path, coding, said) in [
        ("/chats", "gzip", "bad_request"),
        ("/chats", "identity, gzip", "bad_request"),
        ("/chats", "", "bad_request"),
        ("/chats", "Identity", "200"),
        ("/orgs/acme/runs", "x", "bad_request"),
        ("/orgs/acme/chats", "x", "200"),
    ] {
        let asked = request("POST", path, "alice")
            .insert_header(("content-encoding", coding))
            .set_payload(body);
        assert_eq!(send(&app, asked).await.said(), said, "{path} {coding}");
    }
    assert_eq!(canary.ran(), ["by-body", "chats"]);
}

#[actix_web::test]
async fn a38_a_mode_that_nothing_tells_is_background() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    for (body, mode) in [
        ("wait", Mode::Foreground),
        ("Wait", Mode::Background),
        ("", Mode::Background),
        ("foreground", Mode::Background),
    ] {
        let asked = |who| request("POST", "/orgs/acme/runs", who).set_payload(body);
        assert_eq!(send(&app, asked("alice")).await.status, 200);
        assert_eq!(canary.only().permit.unwrap().mode(), Some(mode), "{body}");
        let said = send(&app, asked("gina")).await.said();
        let admits = mode == Mode::Foreground;
        assert_eq!(said, if admits { "200" } else { "mode_floor" }, "{body}");
        canary.reset();
    }
}

#[actix_web::test]
async fn a21_an_org_in_the_path_and_another_in_the_body_is_a_conflict() {
    const BOTH: Requirement =
        Requirement::new("chat", "update").org(Org::path("org").and(Org::json_within("org", 64)));
    let canary = Canary::default();
    let app = serve(|app| {
        app.service(resource("/orgs/{org}").route(gated().post(BOTH, canary.reader("both"))));
    })
    .await;
    for (path, body, said) in [
        ("/orgs/acme", r#"{"org":"acme"}"#, "200"),
        ("/orgs/acme", r#"{"org":"globex"}"#, "org_conflict"),
        ("/orgs/globex", r#"{"org":"acme"}"#, "org_conflict"),
        (
            "/orgs/acme",
            r#"{"org":"acme","org":"acme"}"#,
            "bad_request",
        ),
        ("/orgs/acme", r#"{"org":7}"#, "bad_request"),
        ("/orgs/acme", r#"{"org":"acme\u0000"}"#, "bad_request"),
        ("/orgs/acme", "{", "bad_request"),
        ("/orgs/acme", "{}", "200"),
    ] {
        let asked = request("POST", path, "alice").set_payload(body);
        assert_eq!(send(&app, asked).await.said(), said, "{path} {body}");
        if said == "200" {
            let hit = canary.only();
            assert_eq!(
                (hit.org(), hit.body.as_deref()),
                (Some("acme"), Some(body.as_bytes()))
            );
        }
    }
    canary.assert_silent();
}

#[actix_web::test]
async fn the_handlers_own_bound_on_bodies_holds_beside_the_requirements() {
    let handler = async |body: Bytes| HttpResponse::Ok().body(body);
    for (bound, status) in [(10, 413), (14, 200), (1 << 20, 200)] {
        let app = serve(|app| {
            app.app_data(PayloadConfig::new(bound))
                .route("/chats", gated().post(BY_BODY, handler));
        })
        .await;
        let body = r#"{"org":"acme"}"#;
        let answer = send(&app, request("POST", "/chats", "alice").set_payload(body)).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, None));
        if status == 200 {
            assert_eq!(answer.body, body);
        }
        let long = web::Bytes::from(vec![b' '; 65]);
        let answer = send(&app, request("POST", "/chats", "alice").set_payload(long)).await;
        assert_eq!(answer.code(), Some("body_too_large"));
    }
}
