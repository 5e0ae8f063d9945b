//! Layers around the router: their order decides nothing about who is protected.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, map_request};
use axum::response::Response;
use axum::routing::get;
use gatepost_axum::{Gated, Permit};
use serde_json::json;

use crate::fixture::{
    Answer, Canary, READ, UPDATE, assert_refused, gate, gated, request, send, subject, who,
};

/// An authentication: whoever says his name is believed.
async fn authenticate(mut request: Request) -> Request {
    let name = request.headers().get("authorization");
    if let Some(name) = name.and_then(|name| name.to_str().ok()) {
        let who = subject(name);
        request.extensions_mut().insert(who);
    }
    request
}

async fn pass(request: Request, next: Next) -> Response {
    next.run(request).await
}

async fn say(router: &Router, method: &str, path: &str, name: Option<&str>) -> Answer {
    let mut request = request(method, path, "");
    if let Some(name) = name {
        request
            .headers_mut()
            .insert("authorization", name.parse().unwrap());
    }
    send(router, request).await
}

#[tokio::test]
async fn layers_outside_in_any_order_leave_every_decision_as_it_is() {
    let canary = Canary::default();
    let inner = || {
        gated()
            .get("/orgs/{org}/chats", READ, canary.handler("list"))
            .into_router()
            .unwrap()
    };
    let routers = [
        inner().layer(map_request(authenticate)),
        inner().route_layer(map_request(authenticate)),
        inner()
            .layer(from_fn(pass))
            .layer(map_request(authenticate)),
        inner()
            .layer(map_request(authenticate))
            .layer(from_fn(pass)),
        inner()
            .layer(map_request(authenticate))
            .layer(map_request(authenticate)),
        inner()
            .layer(DefaultBodyLimit::disable())
            .route_layer(map_request(authenticate)),
        Router::new()
            .merge(inner())
            .layer(map_request(authenticate)),
        Router::new()
            .nest("/other", Router::new())
            .merge(inner())
            .route_layer(map_request(authenticate)),
    ];
    for router in routers {
        for (name, code) in [(None, "unauthenticated"), (Some("mallory"), "not_a_member")] {
            let answer = say(&router, "GET", "/orgs/acme/chats", name).await;
            assert_eq!(answer.code(), Some(code));
            canary.assert_silent();
        }
        assert_eq!(
            say(&router, "GET", "/orgs/acme/chats", Some("alice"))
                .await
                .status,
            200
        );
        assert_eq!(canary.only().org(), Some("acme"));
        canary.reset();
    }
}

#[tokio::test]
async fn an_authentication_that_a_route_is_not_under_leaves_it_shut() {
    // A route that came after `.layer` is not under it: it is decided all the same, for nobody.
    let canary = Canary::default();
    let early = gated()
        .get("/orgs/{org}/early", READ, canary.handler("early"))
        .into_router()
        .unwrap();
    let late = gated()
        .get("/orgs/{org}/late", READ, canary.handler("late"))
        .into_router()
        .unwrap();
    let router = early.layer(map_request(authenticate)).merge(late);
    assert_eq!(
        say(&router, "GET", "/orgs/acme/early", Some("alice"))
            .await
            .status,
        200
    );
    assert_eq!(canary.only().name, "early");
    canary.reset();
    let answer = say(&router, "GET", "/orgs/acme/late", Some("alice")).await;
    assert_refused(
        &answer,
        "unauthenticated",
        json!({"resource": "chat", "action": "read"}),
    );
    canary.assert_silent();
}

#[tokio::test]
async fn routes_and_methods_added_after_layers_are_decided() {
    let canary = Canary::default();
    let first = gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .into_router()
        .unwrap();
    let more = gated()
        .post("/orgs/{org}/chats", UPDATE, canary.handler("create"))
        .get("/orgs/{org}/more", READ, canary.handler("more"))
        .into_router()
        .unwrap();
    let router = first
        .layer(from_fn(pass))
        .merge(more)
        .route_layer(map_request(authenticate));
    for (method, path) in [
        ("POST", "/orgs/acme/chats"),
        ("GET", "/orgs/acme/more"),
        ("GET", "/orgs/acme/chats"),
    ] {
        let answer = say(&router, method, path, Some("mallory")).await;
        assert_eq!(answer.code(), Some("not_a_member"), "{method} {path}");
    }
    canary.assert_silent();
    for (method, path, name) in [
        ("POST", "/orgs/acme/chats", "create"),
        ("GET", "/orgs/acme/more", "more"),
    ] {
        assert_eq!(say(&router, method, path, Some("alice")).await.status, 200);
        assert_eq!(canary.only().name, name);
        canary.reset();
    }
}

#[tokio::test]
async fn a_layer_on_a_handler_runs_inside_its_decision() {
    use axum::handler::Handler;

    async fn is_decided(request: Request) -> Request {
        assert!(request.extensions().get::<gatepost::Permit>().is_some());
        request
    }

    let canary = Canary::default();
    let inside = map_request(is_decided);
    let handler = canary.handler("list").layer(inside);
    let router = gated()
        .get("/orgs/{org}/chats", READ, handler)
        .into_router()
        .unwrap();
    let router = router.layer(map_request(authenticate));
    assert_eq!(
        say(&router, "GET", "/orgs/acme/chats", Some("mallory"))
            .await
            .code(),
        Some("not_a_member")
    );
    canary.assert_silent();
    assert_eq!(
        say(&router, "GET", "/orgs/acme/chats", Some("alice"))
            .await
            .status,
        200
    );
    assert_eq!(canary.ran(), ["list"]);
}

#[tokio::test]
async fn a_router_with_state_is_decided_before_and_after_it_gets_its_state() {
    async fn list(State(greeting): State<&'static str>, permit: Permit) -> String {
        format!("{greeting}, {}", permit.subject())
    }
    let router = || -> Router<&'static str> {
        Gated::new(gate(), who)
            .get("/orgs/{org}/chats", READ, list)
            .public(
                "/hello",
                get(|State(greeting): State<&'static str>| async move { greeting }),
                "says hello",
            )
            .into_router()
            .unwrap()
    };
    for router in [
        router()
            .with_state("hello")
            .layer(map_request(authenticate)),
        router()
            .layer(map_request(authenticate))
            .with_state("hello"),
    ] {
        let answer = say(&router, "GET", "/orgs/acme/chats", Some("alice")).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (200, &b"hello, alice"[..])
        );
        let answer = say(&router, "GET", "/orgs/acme/chats", Some("mallory")).await;
        let members = json!({"resource": "chat", "action": "read", "org": "acme"});
        assert_refused(&answer, "not_a_member", members);
        assert_eq!(&*say(&router, "GET", "/hello", None).await.body, b"hello");
    }
}
