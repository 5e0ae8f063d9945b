//! A handler that asks the router again, with the extensions of its own request: the second decision
//! is taken afresh.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Request};
use axum::routing::get;
use gatepost_axum::{Gated, Permit};
use serde_json::json;
use tower::ServiceExt;

use crate::fixture::{
    Answer, Canary, READ, SITE_WIDE, UPDATE, assert_refused, gated, request, send,
};

/// Where the router will be found once it is built.
type Later = Arc<OnceLock<Router>>;

/// Adds `/again/{org}`, which hands its request on to what `x-to` names, extensions and all.
fn with_again(gated: Gated) -> Router {
    let later = Later::default();
    let router = later.clone();
    let again = move |request: Request| async move {
        let to = request.headers()["x-to"].to_str().unwrap();
        let (method, path) = to.split_once(' ').unwrap();
        let mut second = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        *second.extensions_mut() = request.extensions().clone();
        router.get().unwrap().clone().oneshot(second).await.unwrap()
    };
    let built = gated
        .get("/again/{org}", READ, again)
        .into_router()
        .unwrap();
    later.get_or_init(|| built).clone()
}

/// Alice's request, admitted in acme, that is handed on.
async fn hand_on(router: &Router, to: &str) -> Answer {
    let mut request = request("GET", "/again/acme", "alice");
    request.headers_mut().insert("x-to", to.parse().unwrap());
    send(router, request).await
}

#[tokio::test]
async fn another_route_is_decided_by_its_own_requirement() {
    let canary = Canary::default();
    let killed = crate::fixture::KILLED;
    let router = with_again(
        gated()
            .get("/killed/{org}", killed, canary.handler("killed"))
            .get("/site-wide", SITE_WIDE, canary.handler("site-wide")),
    );
    let answer = hand_on(&router, "GET /killed/acme").await;
    assert_refused(
        &answer,
        "site_off",
        json!({"resource": "killed", "action": "read"}),
    );
    canary.assert_silent();

    assert_eq!(hand_on(&router, "GET /site-wide").await.status, 200);
    let permit = canary.only().permit.unwrap();
    assert!(permit.requirement().is_same(&SITE_WIDE));
    assert!(permit.org().is_none());
}

#[tokio::test]
async fn another_org_is_not_decided_by_the_first_ones_name() {
    // axum keeps the path parameters of the first dispatch and adds those of the second: two `org`s.
    let canary = Canary::default();
    let router = with_again(
        gated()
            .get("/orgs/{org}/chats", READ, canary.handler("list"))
            .post("/orgs/{org}/chats", UPDATE, canary.handler("create")),
    );
    for to in [
        "POST /orgs/globex/chats",
        "GET /orgs/globex/chats",
        "GET /orgs/nowhere/chats",
    ] {
        let answer = hand_on(&router, to).await;
        assert_eq!(answer.code(), Some("bad_request"), "{to}");
        assert_eq!(answer.status, 400);
    }
    canary.assert_silent();
    // The same org is the same org.
    assert_eq!(hand_on(&router, "POST /orgs/acme/chats").await.status, 200);
    let hit = canary.only();
    assert_eq!((hit.name, hit.org()), ("create", Some("acme")));
    assert!(hit.permit.unwrap().requirement().is_same(&UPDATE));
}

#[tokio::test]
async fn a_public_route_sees_no_permit_of_the_route_that_it_came_from() {
    async fn needs_permit(_: Permit) -> &'static str {
        "ran"
    }
    async fn needs_extension(_: Extension<gatepost::Permit>) -> &'static str {
        "ran"
    }

    let canary = Canary::default();
    let public = get(needs_permit).fallback(canary.handler("fallback"));
    let router = with_again(
        gated()
            .public("/public", get(canary.handler("public")), "an example")
            .public("/permit", public, "an example")
            .public("/extension", get(needs_extension), "an example"),
    );
    assert_eq!(hand_on(&router, "GET /public").await.status, 200);
    let hit = canary.only();
    assert!(hit.name == "public" && hit.permit.is_none());
    canary.reset();

    let answer = hand_on(&router, "GET /permit").await;
    assert_refused(&answer, "permit_missing", json!({}));
    assert_eq!(hand_on(&router, "GET /extension").await.status, 500);

    assert_eq!(hand_on(&router, "POST /permit").await.status, 200);
    let hit = canary.only();
    assert!(hit.name == "fallback" && hit.permit.is_none());
}

#[tokio::test]
async fn a_request_that_brings_a_permit_from_outside_opens_nothing() {
    let canary = Canary::default();
    let router = gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .post("/orgs/{org}/chats", UPDATE, canary.handler("create"))
        .public("/public", get(canary.handler("public")), "an example")
        .into_router()
        .unwrap();
    assert_eq!(
        send(&router, request("GET", "/orgs/acme/chats", "alice"))
            .await
            .status,
        200
    );
    let permit = canary.only().permit.unwrap();
    canary.reset();
    // Stuck on every request by a layer outside, as by a careless service.
    let router = router.layer(Extension(permit));
    for (method, who, code) in [
        ("GET", "", "unauthenticated"),
        ("GET", "mallory", "not_a_member"),
        ("POST", "otto", "org_grant_missing"),
    ] {
        let answer = send(&router, request(method, "/orgs/acme/chats", who)).await;
        assert_eq!(answer.code(), Some(code));
    }
    canary.assert_silent();
    assert_eq!(
        send(&router, request("GET", "/public", "")).await.status,
        200
    );
    assert!(canary.only().permit.is_none());
}
