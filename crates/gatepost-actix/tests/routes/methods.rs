//! Methods: each that reaches a handler is decided, and one that a path has not runs none.

use actix_web::http::Method;
use actix_web::web::{ServiceConfig, resource};
use serde_json::json;

use crate::fixture::{Canary, READ, UPDATE, ask, assert_refused, gated, request, send, serve};

const PATH: &str = "/orgs/acme/chats";

fn chats(canary: &Canary) -> impl FnOnce(&mut ServiceConfig) {
    let chats = resource("/orgs/{org}/chats")
        .route(gated().get(READ, canary.handler("list")))
        .route(gated().post(UPDATE, canary.handler("create")));
    |app| {
        app.service(chats);
    }
}

#[actix_web::test]
async fn a07_head_is_decided_as_the_get_that_answers_it() {
    let canary = Canary::default();
    let app = serve(chats(&canary)).await;
    for who in ["", "mallory"] {
        let get = ask(&app, "GET", PATH, who).await;
        let head = ask(&app, "HEAD", PATH, who).await;
        assert_eq!((head.status, head.code()), (get.status, get.code()));
        assert_eq!(head.header_lines(), get.header_lines());
    }
    canary.assert_silent();
    assert_eq!(ask(&app, "HEAD", PATH, "gina").await.status, 200);
    let hit = canary.only();
    assert_eq!(
        (hit.name, hit.method.as_str(), hit.org()),
        ("list", "HEAD", Some("acme"))
    );
    assert!(hit.permit.unwrap().requirement().is_same(&READ));
}

#[actix_web::test]
async fn a07_a78_a_method_that_a_path_has_not_is_405_for_everybody_and_runs_nothing() {
    let canary = Canary::default();
    let app = serve(chats(&canary)).await;
    for who in ["", "mallory", "alice"] {
        for method in [
            "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "QUERY", "get",
            "Get", "GETX", "X",
        ] {
            let answer = ask(&app, method, PATH, who).await;
            assert_eq!(answer.status, 405, "{method}");
            assert_eq!(answer.header("allow"), Some("GET, HEAD, POST"));
            assert!(answer.body.is_empty() && answer.code().is_none());
        }
    }
    canary.assert_silent();
}

#[actix_web::test]
async fn a07_every_way_to_register_a_method_is_decided() {
    let canary = Canary::default();
    let (gate, run) = (gated(), |name| canary.handler(name));
    let mut all = resource("/orgs/{org}/chats")
        .route(gate.get(READ, run("GET")))
        .route(gate.post(READ, run("POST")))
        .route(gate.put(READ, run("PUT")))
        .route(gate.patch(READ, run("PATCH")))
        .route(gate.delete(READ, run("DELETE")));
    let others = ["OPTIONS", "TRACE", "CONNECT", "PROPFIND"];
    for name in others {
        let method = Method::from_bytes(name.as_bytes()).unwrap();
        all = all.route(gate.on(method, READ, run(name)));
    }
    let app = serve(|app| {
        app.service(all);
    })
    .await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"]
        .into_iter()
        .chain(others)
    {
        for (who, code) in [("", "unauthenticated"), ("mallory", "not_a_member")] {
            assert_eq!(ask(&app, method, PATH, who).await.code(), Some(code));
            canary.assert_silent();
        }
        assert_eq!(ask(&app, method, PATH, "gina").await.status, 200);
        let hit = canary.only();
        assert_eq!((hit.name, hit.method.as_str()), (method, method));
    }
}

#[actix_web::test]
async fn a08_what_a_client_claims_of_its_method_is_ignored() {
    let canary = Canary::default();
    let app = serve(chats(&canary)).await;
    for header in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ] {
        let asked = request("POST", "/orgs/globex/chats?_method=GET", "alice")
            .insert_header((header, "GET"));
        let members = json!({"resource": "chat", "action": "update", "org": "globex"});
        assert_refused(&send(&app, asked).await, "org_grant_missing", members);
    }
    canary.assert_silent();
}

#[actix_web::test]
async fn each_method_of_a_path_has_its_own_requirement_in_either_order() {
    for reversed in [false, true] {
        let canary = Canary::default();
        let gate = gated();
        let mut routes = [
            gate.get(READ, canary.handler("list")),
            gate.post(UPDATE, canary.handler("create")),
        ];
        if reversed {
            routes.reverse();
        }
        let [first, second] = routes;
        let app = serve(|app| {
            app.route("/orgs/{org}/chats", first)
                .route("/orgs/{org}/chats", second);
        })
        .await;
        assert_eq!(ask(&app, "GET", PATH, "gina").await.status, 200);
        assert_eq!(canary.only().name, "list");
        let refused = ask(&app, "POST", PATH, "gina").await;
        assert_eq!(refused.code(), Some("org_grant_missing"));
        canary.assert_silent();
    }
}
