//! Fallbacks: they are plain axum's, and what they answer for is never a gated handler.

use axum::Router;
use axum::routing::get;
use gatepost_axum::Permit;
use serde_json::json;

use crate::fixture::{Canary, READ, UPDATE, ask, assert_refused, gated};

#[tokio::test]
async fn a_path_that_there_is_not_is_404_and_runs_nothing() {
    let canary = Canary::default();
    let router = gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .into_router()
        .unwrap();
    for path in [
        "/",
        "/orgs",
        "/orgs/acme",
        "/orgs/acme/chats/1",
        "/x/orgs/acme/chats",
    ] {
        for who in ["", "alice"] {
            let answer = ask(&router, "GET", path, who).await;
            assert_eq!(
                (answer.status.as_u16(), answer.body.len()),
                (404, 0),
                "{path}"
            );
        }
    }
    canary.assert_silent();
}

#[tokio::test]
async fn a_fallback_before_or_after_takes_no_gated_route_away_and_opens_none() {
    let canary = Canary::default();
    let inner = || {
        gated()
            .get("/orgs/{org}/chats", READ, canary.handler("list"))
            .into_router()
            .unwrap()
    };
    let fallback = || canary.handler("fallback");
    let routers = [
        inner().fallback(fallback()),
        Router::new().fallback(fallback()).merge(inner()),
        inner().merge(Router::new().fallback(fallback())),
        Router::new().fallback_service(inner().fallback(fallback())),
    ];
    for router in routers {
        let answer = ask(&router, "GET", "/orgs/acme/chats", "mallory").await;
        let members = json!({"resource": "chat", "action": "read", "org": "acme"});
        assert_refused(&answer, "not_a_member", members);
        canary.assert_silent();
        // A method that the path has not does not fall through to the fallback either.
        assert_eq!(
            ask(&router, "POST", "/orgs/acme/chats", "alice")
                .await
                .status,
            405
        );
        canary.assert_silent();
        assert_eq!(ask(&router, "GET", "/elsewhere", "").await.status, 200);
        assert!(canary.only().permit.is_none());
        canary.reset();
    }
}

#[tokio::test]
async fn a_nested_fallback_answers_only_for_what_is_not_there() {
    let canary = Canary::default();
    let inner = gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .into_router()
        .unwrap()
        .fallback(canary.handler("inner"));
    let router = Router::new()
        .nest("/api", inner)
        .fallback(canary.handler("outer"));
    let refused = ask(&router, "GET", "/api/orgs/acme/chats", "mallory").await;
    assert_eq!(refused.code(), Some("not_a_member"));
    canary.assert_silent();
    for (path, name) in [
        ("/api/orgs/acme", "inner"),
        ("/orgs/acme/chats", "outer"),
        ("/api2", "outer"),
    ] {
        assert_eq!(ask(&router, "GET", path, "mallory").await.status, 200);
        let hit = canary.only();
        assert_eq!((hit.name, hit.permit.is_none()), (name, true));
        canary.reset();
    }
}

#[tokio::test]
async fn a_405_fallback_runs_for_no_method_that_a_path_has() {
    let canary = Canary::default();
    let router = gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .post("/orgs/{org}/chats", UPDATE, canary.handler("create"))
        .into_router()
        .unwrap()
        .method_not_allowed_fallback(canary.handler("405"));
    for method in ["GET", "HEAD", "POST"] {
        let answer = ask(&router, method, "/orgs/acme/chats", "mallory").await;
        assert_eq!(answer.code(), Some("not_a_member"));
        canary.assert_silent();
    }
    ask(&router, "DELETE", "/orgs/acme/chats", "alice").await;
    let hit = canary.only();
    assert_eq!((hit.name, hit.permit.is_none()), ("405", true));
}

#[tokio::test]
async fn a_fallback_that_asks_for_a_permit_does_not_run() {
    async fn needs_permit(permit: Permit) -> String {
        panic!("ran by a permit of {}", permit.requirement())
    }
    let canary = Canary::default();
    let router = gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .into_router()
        .unwrap()
        .fallback(needs_permit)
        .method_not_allowed_fallback(needs_permit)
        .route("/plain", get(needs_permit));
    for (method, path) in [
        ("GET", "/elsewhere"),
        ("POST", "/orgs/acme/chats"),
        ("GET", "/plain"),
    ] {
        let mut answer = ask(&router, method, path, "alice").await;
        // axum says of a 405 what is allowed, whoever answers it.
        assert_eq!(answer.headers.remove("allow").is_some(), method == "POST");
        assert_refused(&answer, "permit_missing", json!({}));
    }
    canary.assert_silent();
}
