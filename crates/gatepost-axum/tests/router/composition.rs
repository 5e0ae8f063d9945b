//! Routers put together: each route keeps its own gate and requirement.

use axum::Router;
use axum::routing::get;
use gatepost_axum::Gated;
use serde_json::json;

use crate::fixture::{
    Canary, KILLED, READ, UPDATE, ask, assert_refused, closed_gate, gate, gated, who,
};

#[tokio::test]
async fn merged_routes_are_decided_whichever_router_takes_the_other() {
    for other_first in [false, true] {
        let canary = Canary::default();
        let one = gated().get("/orgs/{org}/chats", READ, canary.handler("list"));
        let other = gated()
            .post("/orgs/{org}/chats", UPDATE, canary.handler("create"))
            .get("/orgs/{org}/killed", KILLED, canary.handler("killed"));
        let merged = if other_first {
            other.merge(one)
        } else {
            one.merge(other)
        };
        let router = merged.into_router().unwrap();
        for (method, path, who, code) in [
            ("GET", "/orgs/acme/chats", "", "unauthenticated"),
            ("GET", "/orgs/acme/chats", "mallory", "not_a_member"),
            ("POST", "/orgs/globex/chats", "alice", "org_grant_missing"),
            ("GET", "/orgs/acme/killed", "alice", "site_off"),
        ] {
            assert_eq!(ask(&router, method, path, who).await.code(), Some(code));
        }
        canary.assert_silent();
        assert_eq!(
            ask(&router, "POST", "/orgs/acme/chats", "alice")
                .await
                .status,
            200
        );
        assert_eq!(canary.only().name, "create");
    }
}

#[tokio::test]
async fn a_merged_router_keeps_its_own_gate() {
    let canary = Canary::default();
    let open = gated().get("/orgs/{org}/open", READ, canary.handler("open"));
    let closed =
        Gated::new(closed_gate(), who).get("/orgs/{org}/closed", READ, canary.handler("closed"));
    for router in [
        open.merge(closed).into_router().unwrap(),
        Gated::new(closed_gate(), who)
            .get("/orgs/{org}/closed", READ, canary.handler("closed"))
            .merge(gated().get("/orgs/{org}/open", READ, canary.handler("open")))
            .into_router()
            .unwrap(),
    ] {
        assert_eq!(
            ask(&router, "GET", "/orgs/acme/closed", "alice")
                .await
                .code(),
            Some("site_off")
        );
        canary.assert_silent();
        assert_eq!(
            ask(&router, "GET", "/orgs/acme/open", "alice").await.status,
            200
        );
        assert_eq!(canary.only().permit.unwrap().version(), 1);
        canary.reset();
    }
}

#[tokio::test]
async fn plain_routes_beside_gated_ones_share_nothing_with_them() {
    let canary = Canary::default();
    let inner = gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .into_router()
        .unwrap();
    let plain = || Router::new().route("/plain", get(canary.handler("plain")));
    for router in [plain().merge(inner.clone()), inner.clone().merge(plain())] {
        assert_eq!(
            ask(&router, "GET", "/orgs/acme/chats", "mallory")
                .await
                .code(),
            Some("not_a_member")
        );
        canary.assert_silent();
        assert_eq!(ask(&router, "GET", "/plain", "alice").await.status, 200);
        assert!(canary.only().permit.is_none());
        canary.reset();
    }
}

#[tokio::test]
#[should_panic = "Overlapping method route. Handler for `GET /orgs/{org}/chats` already exists"]
async fn a_plain_route_cannot_replace_a_gated_one() {
    let canary = Canary::default();
    let inner = gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .into_router()
        .unwrap();
    let _ = inner.route("/orgs/{org}/chats", get(canary.handler("open")));
}

#[tokio::test]
async fn a_plain_method_beside_a_gated_one_gets_no_permit() {
    let canary = Canary::default();
    let router = gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .into_router()
        .unwrap()
        .route(
            "/orgs/{org}/chats",
            axum::routing::post(canary.handler("plain")),
        );
    let answer = ask(&router, "GET", "/orgs/acme/chats", "mallory").await;
    let members = json!({"resource": "chat", "action": "read", "org": "acme"});
    assert_refused(&answer, "not_a_member", members);
    canary.assert_silent();
    assert_eq!(
        ask(&router, "POST", "/orgs/acme/chats", "alice")
            .await
            .status,
        200
    );
    assert!(canary.only().permit.is_none());
}

#[tokio::test]
async fn a_clone_of_the_router_decides_alike_and_by_the_live_policy() {
    let canary = Canary::default();
    let (gate, feed) = gatepost_axum::Gate::channel();
    let router = Gated::new(gate, who).get("/orgs/{org}/chats", READ, canary.handler("list"));
    let router = router.into_router().unwrap();
    let clone = router.clone();
    for router in [&router, &clone] {
        assert_eq!(
            ask(router, "GET", "/orgs/acme/chats", "alice").await.status,
            503
        );
    }
    feed.publish(crate::fixture::facts());
    for router in [&router, &clone] {
        assert_eq!(
            ask(router, "GET", "/orgs/acme/chats", "alice").await.status,
            200
        );
        assert_eq!(
            ask(router, "GET", "/orgs/acme/chats", "mallory")
                .await
                .status,
            403
        );
    }
    assert_eq!(canary.ran(), ["list", "list"]);
}

#[tokio::test]
async fn the_order_of_loader_challenge_and_routes_decides_nothing() {
    let canary = Canary::default();
    let challenge = "Basic";
    let path = "/orgs/{org}/chats";
    for router in [
        Gated::new(gate(), who)
            .challenge(challenge)
            .get(path, READ, canary.handler("list")),
        Gated::new(gate(), who)
            .get(path, READ, canary.handler("list"))
            .challenge(challenge),
    ] {
        let router = router.into_router().unwrap();
        let answer = ask(&router, "GET", "/orgs/acme/chats", "").await;
        assert_eq!(answer.header("www-authenticate"), Some("Basic"));
    }
    canary.assert_silent();
}
