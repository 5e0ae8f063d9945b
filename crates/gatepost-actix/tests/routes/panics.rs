//! A83: whatever of a service's own panics is an error of that request, and of no other.

use actix_web::http::Method;
use actix_web::web::resource;
use actix_web::{HttpMessage, HttpRequest};
use async_trait::async_trait;
use gatepost_actix::{
    Denial, Gate, Gated, LoadSubject, Org, OwnBody, Requirement, SourceError, Subject,
};

use crate::fixture::{
    Canary, Chats, READ, READ_LOADED, RUN, ask, facts, gated, request, send, serve, who,
};

const BY_FUNCTION: Requirement = Requirement::new("chat", "update").org(Org::body(64, org));

fn org(body: &[u8]) -> Result<Option<String>, Denial> {
    assert!(body != b"panic", "the function that reads the org panics");
    let named = String::from_utf8(body.to_vec());
    named.map(Some).map_err(|_| Denial::bad_request("no name"))
}

/// Panics behind an await, with the request's extensions borrowed.
struct Sessions;

#[async_trait(?Send)]
impl LoadSubject for Sessions {
    #[allow(
        clippy::await_holding_refcell_ref,
        reason = "a source that does what it should not"
    )]
    async fn load(&self, request: &HttpRequest) -> Result<Option<Subject>, SourceError> {
        let _borrowed = request.extensions_mut();
        tokio::task::yield_now().await;
        who(request)
    }
}

#[actix_web::test]
async fn a83_a_panic_on_the_way_of_a_request_is_a_503_and_the_next_is_served() {
    let canary = Canary::default();
    let gate = gated().loader("chat", Chats::default());
    let loading = Gated::with_loaded_subject(Gate::fixed(facts()), Sessions);
    let app = serve(|app| {
        app.route("/orgs/{org}/chats", gate.get(READ, canary.handler("found")))
            .route(
                "/orgs/{org}/loaded",
                loading.get(READ, canary.handler("loaded")),
            )
            .route("/orgs/{org}/runs", gate.post(RUN, canary.reader("run")))
            .route(
                "/orgs/{org}/chats/{id}",
                gate.get(READ_LOADED, canary.handler("chat")),
            )
            .route(
                "/by-function",
                gate.post(BY_FUNCTION, canary.reader("by-function")),
            )
            .service(
                resource("/around/{org}")
                    .get(canary.handler("in"))
                    .wrap(loading.require(READ)),
            )
            .service(
                gate.choice("/choice/{org}/{id}")
                    .when(READ_LOADED, canary.handler("choice"))
                    .when(READ, canary.handler("never")),
            );
    })
    .await;
    for (method, path, who, body) in [
        ("GET", "/orgs/acme/chats", "panic", ""),
        ("GET", "/orgs/acme/loaded", "panic", ""),
        ("GET", "/around/acme", "panic", ""),
        ("POST", "/orgs/acme/runs", "alice", "panic"),
        ("GET", "/orgs/acme/chats/panic", "alice", ""),
        ("GET", "/choice/acme/panic", "alice", ""),
        ("POST", "/by-function", "alice", "panic"),
    ] {
        for _ in 0..2 {
            let asked = request(method, path, who).set_payload(body);
            let answer = send(&app, asked).await;
            assert_eq!(
                (answer.said(), answer.status.as_u16()),
                ("policy_unavailable".into(), 503),
                "{path}"
            );
            canary.assert_silent();
            let path = path.replace("panic", "alices");
            let asked = request(method, &path, "alice").set_payload(body.replace("panic", "acme"));
            assert_eq!(send(&app, asked).await.status, 200, "{path}");
            canary.only();
        }
    }
}

#[actix_web::test]
async fn a83_an_own_body_that_panics_leaves_the_problem_document() {
    let canary = Canary::default();
    let gate = gated().own_body(|problem| {
        assert!(problem.status != 401, "the own body panics");
        Some(OwnBody {
            // Another class is not taken.
            status: Some(200),
            content_type: "text/plain".to_owned(),
            bytes: b"no".to_vec(),
        })
    });
    let app = serve(|app| {
        app.route("/orgs/{org}/chats", gate.get(READ, canary.handler("read")));
    })
    .await;
    for _ in 0..2 {
        let answer = ask(&app, "GET", "/orgs/acme/chats", "").await;
        assert_eq!(answer.said(), "unauthenticated");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        let answer = ask(&app, "GET", "/orgs/acme/chats", "mallory").await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (403, &b"no"[..]));
    }
    canary.assert_silent();
}

#[actix_web::test]
async fn a83_guards_answer_for_a_subject_source_that_panics() {
    let canary = Canary::default();
    let gate = Gated::with_loaded_subject(Gate::fixed(facts()), Sessions);
    let chats = resource("/orgs/{org}")
        .route(
            gate.on(Method::GET, READ, canary.handler("read"))
                .guard(gate.guard(READ).at("/orgs/{org}")),
        )
        .default_service(gate.denials());
    let app = actix_web::App::new().wrap(gate.identify()).service(chats);
    let app = actix_web::test::init_service(app).await;
    for (who, said) in [
        ("panic", "policy_unavailable"),
        ("gina", "200"),
        ("panic", "policy_unavailable"),
    ] {
        assert_eq!(ask(&app, "GET", "/orgs/acme", who).await.said(), said);
    }
    assert_eq!(canary.only().name, "read");
}
