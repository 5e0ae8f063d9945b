//! Where a subject asks what it may do.

use axum::Router;
use axum::routing::get;
use gatepost_axum::{Gated, SourceError, Subject, only_decided};
use http::request::Parts;
use serde_json::{Value, json};

use crate::fixture::{
    Answer, Canary, KILLED, READ, UPDATE, ask, gate, gated, request, send, subject,
};
use crate::unguarded::{late, probed};

const PATH: &str = "/.well-known/gatepost/capabilities";
const ACME: &str = "/.well-known/gatepost/capabilities?org=acme";

fn service(canary: &Canary) -> Router {
    let inner = gated()
        .post("/chats", UPDATE, canary.handler("create"))
        .get("/killed", KILLED, canary.handler("killed"));
    gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .nest("/orgs/{org}", inner)
        .public("/healthz", get(canary.handler("healthz")), "an example")
        .capabilities(PATH)
        .into_router()
        .unwrap()
}

/// What the rows say: outcome, method and path.
fn rows(answer: &Answer) -> Vec<(String, String)> {
    let document: Value = serde_json::from_slice(&answer.body).unwrap();
    let row = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        (
            format!("{} {}", text("method"), text("path")),
            text("outcome"),
        )
    };
    let mut rows: Vec<_> = document["routes"]
        .as_array()
        .unwrap()
        .iter()
        .map(row)
        .collect();
    rows.sort();
    rows
}

#[tokio::test]
async fn every_route_of_the_service_has_a_row_that_says_what_it_answers() {
    let canary = Canary::default();
    let router = service(&canary);
    for who in ["alice", "otto", "mallory"] {
        let answer = ask(&router, "GET", ACME, who).await;
        assert_eq!(answer.status, 200);
        let document: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(document["subject"], who);
        assert_eq!(document["org"], "acme");
        let rows = rows(&answer);
        assert_eq!(rows.len(), 5);
        for (route, outcome) in rows {
            let (method, path) = route.split_once(' ').unwrap();
            if method == "*" || path == PATH {
                assert_eq!(outcome, "allow");
                continue;
            }
            let path = path.replace("{org}", "acme");
            let asked = ask(&router, method, &path, who).await;
            // What is his own he may, and whose it is nobody says on these routes.
            let is_allowed = match (&*outcome, who) {
                ("depends", "otto") => false,
                (outcome, _) => outcome == "allow",
            };
            assert_eq!(asked.status == 200, is_allowed, "{who} {route} {outcome}");
        }
    }
}

#[tokio::test]
async fn whoever_it_is_is_asked_first() {
    let router = service(&Canary::default());
    let nobody = ask(&router, "GET", ACME, "").await;
    assert_eq!(
        (nobody.code(), nobody.status.as_u16()),
        (Some("unauthenticated"), 401)
    );
    assert_eq!(nobody.header("www-authenticate"), Some("Bearer"));
    let twice = format!("{PATH}?org=acme&org=globex");
    let answer = ask(&router, "GET", &twice, "alice").await;
    assert_eq!(answer.code(), Some("bad_request"));
    let unread = |_: &Parts| -> Result<Option<Subject>, SourceError> {
        Err(SourceError::unavailable("the store of tokens is down"))
    };
    let router = Gated::new(gate(), unread)
        .capabilities(PATH)
        .into_router()
        .unwrap();
    let answer = ask(&router, "GET", ACME, "alice").await;
    assert_eq!(answer.code(), Some("policy_unavailable"));
}

#[tokio::test]
async fn its_head_and_what_is_known_already_have_no_body() {
    let router = service(&Canary::default());
    let full = ask(&router, "GET", ACME, "alice").await;
    assert_eq!(full.header("content-type"), Some("application/json"));
    assert_eq!(full.header("cache-control"), Some("private, no-cache"));
    let head = ask(&router, "HEAD", ACME, "alice").await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.headers, full.headers);
    let mut again = request("GET", ACME, "alice");
    let tag = full.headers["etag"].clone();
    again.headers_mut().insert("if-none-match", tag.clone());
    let again = send(&router, again).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    assert_eq!(again.headers["etag"], tag);
    assert_eq!(ask(&router, "POST", ACME, "alice").await.status, 405);
}

/// Who asks the other router: it knows everybody by another name.
#[allow(clippy::unnecessary_wraps, reason = "the form of a subject source")]
fn other_who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    let known = request.extensions.get::<Subject>();
    Ok(known.map(|_| subject("mallory")))
}

#[tokio::test]
async fn each_router_is_asked_by_its_own_gate_and_its_own_subject_wherever_it_is_asked() {
    let canary = Canary::default();
    let run = || canary.handler("run");
    let other = || Gated::new(gate(), other_who).get("/other/{org}", READ, run());
    let closed = || {
        Gated::new(crate::fixture::closed_gate(), crate::fixture::who).get("/{org}", READ, run())
    };
    let own = || gated().get("/own/{org}", READ, run());
    let inside = || gated().capabilities(PATH);
    let want = [
        (format!("GET {PATH}"), "allow"),
        ("GET /closed/{org}".to_owned(), "deny"),
        ("GET /other/{org}".to_owned(), "deny"),
        ("GET /own/{org}".to_owned(), "allow"),
    ];
    for router in [
        own()
            .merge(other())
            .nest("/closed", closed())
            .capabilities(PATH),
        own()
            .merge(inside())
            .nest("/closed", closed())
            .merge(other()),
        other().merge(own().nest("/closed", closed()).merge(inside())),
    ] {
        let router = router.into_router().unwrap();
        let answer = ask(&router, "GET", ACME, "alice").await;
        let document: Value = serde_json::from_slice(&answer.body).unwrap();
        // That of the route which is asked.
        assert_eq!(document["subject"], json!("alice"));
        let rows = rows(&answer);
        let rows: Vec<_> = rows
            .iter()
            .map(|(route, outcome)| (route.clone(), &**outcome))
            .collect();
        assert_eq!(rows, want);
    }
}

#[tokio::test]
async fn it_is_a_get_and_nothing_that_a_probe_takes_for_public_but_that() {
    let canary = Canary::default();
    let gated = gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .capabilities(PATH);
    let inventory = gated.routes();
    let router = gated.into_router().unwrap();
    for method in ["POST", "DELETE", "QUERY"] {
        assert_eq!(
            late(router.clone(), method, ACME, "alice").await.status,
            405
        );
    }
    assert_eq!(probed(router, &inventory).await, Ok(()));
}

#[tokio::test]
async fn a_router_without_routes_is_not_asked_who_it_is() {
    let down = |_: &Parts| -> Result<Option<Subject>, SourceError> {
        Err(SourceError::unavailable("the store of tokens is down"))
    };
    let canary = Canary::default();
    let router = gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .merge(Gated::new(gate(), down))
        .capabilities(PATH)
        .into_router()
        .unwrap();
    let answer = ask(&router, "GET", ACME, "alice").await;
    assert_eq!((answer.status.as_u16(), rows(&answer).len()), (200, 2));
}

#[tokio::test]
async fn it_is_public_to_whatever_is_around_the_app() {
    let router = service(&Canary::default());
    let answer = late(router.clone(), "GET", ACME, "alice").await;
    assert_eq!(answer.status, 200);
    let _ = only_decided(router);
}
