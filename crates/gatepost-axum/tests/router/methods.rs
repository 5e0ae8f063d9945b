//! Methods: each that reaches a handler is decided, and one that a path has not runs none.

use axum::routing::{MethodFilter, any, get};
use gatepost_axum::Gated;
use serde_json::json;

use crate::fixture::{Canary, READ, UPDATE, ask, assert_refused, gated};

fn chats(canary: &Canary) -> Gated {
    gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .post("/orgs/{org}/chats", UPDATE, canary.handler("create"))
}

/// What HTTP has, what others added to it, and what nobody ever registered.
const OTHERS: &[&str] = &[
    "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "QUERY", "get", "Get",
    "GETX", "X",
];

#[tokio::test]
async fn head_is_decided_as_the_get_that_answers_it() {
    let canary = Canary::default();
    let router = chats(&canary).into_router().unwrap();
    for who in ["", "mallory"] {
        let (get, head) = (
            ask(&router, "GET", "/orgs/acme/chats", who).await,
            ask(&router, "HEAD", "/orgs/acme/chats", who).await,
        );
        assert_eq!((head.status, head.code()), (get.status, get.code()));
        canary.assert_silent();
        // The same head, and no body.
        assert_eq!(head.headers, get.headers);
        assert!(head.body.is_empty());
    }
    let head = ask(&router, "HEAD", "/orgs/globex/chats", "alice").await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    let hit = canary.only();
    assert_eq!(
        (hit.name, hit.method.as_str(), hit.org()),
        ("list", "HEAD", Some("globex"))
    );
    assert!(hit.permit.unwrap().requirement().is_same(&READ));
}

#[tokio::test]
async fn a_method_that_a_path_has_not_is_405_with_allow_and_runs_nothing() {
    let canary = Canary::default();
    let router = chats(&canary).into_router().unwrap();
    for who in ["", "mallory", "alice"] {
        for method in OTHERS {
            let answer = ask(&router, method, "/orgs/acme/chats", who).await;
            assert_eq!(answer.status, 405, "{method}");
            let mut allowed: Vec<_> = answer.header("allow").unwrap().split(',').collect();
            allowed.sort_unstable();
            assert_eq!(allowed, ["GET", "HEAD", "POST"]);
            assert!(answer.body.is_empty());
        }
    }
    canary.assert_silent();
}

#[tokio::test]
async fn each_method_of_a_path_has_its_own_requirement_in_either_order() {
    for reversed in [false, true] {
        let canary = Canary::default();
        let (path, list, create) = (
            "/orgs/{org}/chats",
            canary.handler("list"),
            canary.handler("create"),
        );
        let router = if reversed {
            gated().post(path, UPDATE, create).get(path, READ, list)
        } else {
            gated().get(path, READ, list).post(path, UPDATE, create)
        };
        let router = router.into_router().unwrap();
        assert_eq!(
            ask(&router, "GET", "/orgs/globex/chats", "alice")
                .await
                .status,
            200
        );
        assert_eq!(canary.only().name, "list");
        canary.reset();
        let answer = ask(&router, "POST", "/orgs/globex/chats", "alice").await;
        let members = json!({"resource": "chat", "action": "update", "org": "globex"});
        assert_refused(&answer, "org_grant_missing", members);
        canary.assert_silent();
    }
}

#[tokio::test]
async fn every_way_to_register_a_method_is_decided() {
    let canary = Canary::default();
    let (path, run) = ("/orgs/{org}/chats", |name| canary.handler(name));
    let all = MethodFilter::OPTIONS
        .or(MethodFilter::TRACE)
        .or(MethodFilter::CONNECT);
    let router = gated()
        .get(path, READ, run("get"))
        .post(path, READ, run("post"))
        .put(path, READ, run("put"))
        .patch(path, READ, run("patch"))
        .delete(path, READ, run("delete"))
        .on(MethodFilter::HEAD, path, READ, run("head"))
        .on(all, path, READ, run("others"))
        .into_router()
        .unwrap();
    for (method, name) in [
        ("GET", "get"),
        ("POST", "post"),
        ("PUT", "put"),
        ("PATCH", "patch"),
        ("DELETE", "delete"),
        ("HEAD", "head"),
        ("OPTIONS", "others"),
        ("TRACE", "others"),
        ("CONNECT", "others"),
    ] {
        for (who, code) in [("", "unauthenticated"), ("mallory", "not_a_member")] {
            let answer = ask(&router, method, "/orgs/acme/chats", who).await;
            assert_eq!(answer.code(), Some(code), "{method}");
            canary.assert_silent();
        }
        assert_eq!(
            ask(&router, method, "/orgs/acme/chats", "alice")
                .await
                .status,
            200
        );
        assert_eq!(canary.only().name, name);
        canary.reset();
    }
}

#[tokio::test]
async fn a_public_methods_fallback_never_answers_for_a_gated_method() {
    // axum's trap: `get(a).fallback(b).route_layer(x)` leaves `b` open. Here `b` is told as public, and
    // what is gated beside it stays gated.
    let canary = Canary::default();
    let path = "/orgs/{org}/chats";
    for (public, beside) in [
        (
            get(canary.handler("a")).fallback(canary.handler("b")),
            "POST",
        ),
        (any(canary.handler("b")), "POST"),
        (any(canary.handler("b")), "GET"),
    ] {
        let gated = match beside {
            "POST" => gated().post(path, UPDATE, canary.handler("gated")),
            _ => gated().get(path, READ, canary.handler("gated")),
        };
        let router = gated
            .public(path, public, "an example")
            .into_router()
            .unwrap();
        let answer = ask(&router, beside, "/orgs/acme/chats", "mallory").await;
        assert_eq!(answer.code(), Some("not_a_member"));
        canary.assert_silent();
        assert_eq!(
            ask(&router, "DELETE", "/orgs/acme/chats", "mallory")
                .await
                .status,
            200
        );
        let hit = canary.only();
        assert_eq!(hit.name, "b");
        assert!(hit.permit.is_none());
        canary.reset();
    }
}

#[tokio::test]
async fn what_a_client_claims_of_its_method_is_ignored() {
    let canary = Canary::default();
    let router = chats(&canary).into_router().unwrap();
    for (name, value) in [
        ("x-http-method-override", "GET"),
        ("x-http-method", "GET"),
        ("x-method-override", "GET"),
    ] {
        let mut request =
            crate::fixture::request("POST", "/orgs/globex/chats?_method=GET", "alice");
        request.headers_mut().insert(name, value.parse().unwrap());
        let answer = crate::fixture::send(&router, request).await;
        let members = json!({"resource": "chat", "action": "update", "org": "globex"});
        assert_refused(&answer, "org_grant_missing", members);
        canary.assert_silent();
    }
}

#[tokio::test]
async fn a_method_router_in_a_handlers_place_is_behind_the_requirement_whole() {
    // To axum a `MethodRouter` is a handler, so it compiles.
    let canary = Canary::default();
    let path = "/orgs/{org}/chats";
    let inner = || get(canary.handler("a")).fallback(canary.handler("b"));
    let router = gated()
        .get(path, READ, inner())
        .post(path, UPDATE, inner())
        .into_router()
        .unwrap();
    for method in ["GET", "HEAD", "POST"] {
        let answer = ask(&router, method, "/orgs/acme/chats", "mallory").await;
        assert_eq!(answer.code(), Some("not_a_member"));
    }
    assert_eq!(
        ask(&router, "DELETE", "/orgs/acme/chats", "alice")
            .await
            .status,
        405
    );
    canary.assert_silent();
    ask(&router, "POST", "/orgs/acme/chats", "alice").await;
    let hit = canary.only();
    assert_eq!(hit.name, "b");
    assert!(hit.permit.unwrap().requirement().is_same(&UPDATE));
}
