//! What a refusal gives away.

use actix_web::web::{ServiceConfig, resource};
use serde_json::json;

use crate::fixture::{
    Answer, Canary, Chats, KILLED, READ, READ_LOADED, RUN, UPDATE, ask, assert_refused, gated,
    request, send, serve,
};

fn routes(canary: &Canary, chats: &Chats) -> impl FnOnce(&mut ServiceConfig) {
    let gate = gated().loader("chat", chats.clone());
    let list = resource("/orgs/{org}/chats")
        .route(gate.get(READ, canary.handler("list")))
        .route(gate.post(UPDATE, canary.handler("create")));
    let hidden = gate.get(READ_LOADED.hidden(), canary.handler("hidden"));
    let hidden = resource("/orgs/{org}/hidden/{id}").route(hidden);
    let shown =
        resource("/orgs/{org}/shown/{id}").route(gate.get(READ_LOADED, canary.handler("shown")));
    let killed = resource("/orgs/{org}/killed").route(gate.get(KILLED, canary.handler("killed")));
    let run = resource("/orgs/{org}/runs").route(gate.post(RUN, canary.handler("run")));
    |app| {
        app.service(list)
            .service(hidden)
            .service(shown)
            .service(killed)
            .service(run);
    }
}

/// All of an answer but what differs from one request to the next.
fn alike(answer: &Answer, org: &str) -> (u16, Vec<(String, String)>, String, usize) {
    let body = String::from_utf8(answer.body.to_vec()).unwrap();
    let decision = answer.json()["decision"].as_str().unwrap().to_owned();
    let text = body
        .replace(&decision, "")
        .replace(&format!("\"{org}\""), "ORG");
    (
        answer.status.as_u16(),
        answer.header_lines(),
        text,
        body.len(),
    )
}

#[actix_web::test]
async fn a75_an_org_that_one_may_not_know_looks_like_one_that_is_not_there() {
    let (canary, chats) = (Canary::default(), Chats::default());
    let app = serve(routes(&canary, &chats)).await;
    for (method, path) in [
        ("GET", "/orgs/ORG/chats"),
        ("POST", "/orgs/ORG/chats"),
        ("GET", "/orgs/ORG/shown/alices"),
        ("GET", "/orgs/ORG/hidden/alices"),
        ("POST", "/orgs/ORG/runs"),
    ] {
        for who in ["mallory", "edna"] {
            let known = ask(&app, method, &path.replace("ORG", "acme"), who).await;
            let unknown = ask(&app, method, &path.replace("ORG", "acmf"), who).await;
            assert_eq!(alike(&known, "acme"), alike(&unknown, "acmf"), "{path}");
        }
    }
    assert_eq!(chats.loads(), 0);
    canary.assert_silent();
}

#[actix_web::test]
async fn a75_a_hidden_refusal_is_the_same_for_every_reason() {
    let (canary, chats) = (Canary::default(), Chats::default());
    let app = serve(routes(&canary, &chats)).await;
    let mut seen = Vec::new();
    for (path, who) in [
        ("/orgs/acme/hidden/alices", "mallory"),
        ("/orgs/acmf/hidden/alices", "mallory"),
        ("/orgs/acme/hidden/alices", "otto"),
        ("/orgs/acme/hidden/none", "otto"),
        ("/orgs/globex/hidden/alices", "otto"),
    ] {
        let answer = ask(&app, "GET", path, who).await;
        assert_eq!(answer.status, 404, "{path} {who}");
        seen.push(alike(&answer, "-"));
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
    // Neither who he is nor that the policy cannot be read is hidden.
    let path = "/orgs/acme/hidden/alices";
    assert_eq!(ask(&app, "GET", path, "").await.status, 401);
    assert_eq!(ask(&app, "GET", path, "store down").await.status, 503);
}

#[actix_web::test]
async fn a77_a79_a_refusal_is_its_code_and_what_the_client_said_and_is_kept_by_no_cache() {
    let (canary, chats) = (Canary::default(), Chats::default());
    let app = serve(routes(&canary, &chats)).await;
    let chat = |action: &str| json!({"resource": "chat", "action": action});
    let in_org =
        |action: &str, org: &str| json!({"resource": "chat", "action": action, "org": org});
    for (method, path, who, code, members) in [
        (
            "GET",
            "/orgs/acme/chats",
            "",
            "unauthenticated",
            chat("read"),
        ),
        (
            "GET",
            "/orgs/acme/chats",
            "mallory",
            "not_a_member",
            in_org("read", "acme"),
        ),
        (
            "POST",
            "/orgs/acme/chats",
            "gina",
            "org_grant_missing",
            in_org("update", "acme"),
        ),
        (
            "GET",
            "/orgs/acme/shown/broken",
            "gina",
            "policy_unavailable",
            chat("read"),
        ),
        (
            "GET",
            "/orgs/acme/chats",
            "store down",
            "policy_unavailable",
            chat("read"),
        ),
        (
            "GET",
            "/orgs/acme/chats",
            "panic",
            "policy_unavailable",
            chat("read"),
        ),
        (
            "GET",
            "/orgs/acme/killed",
            "gina",
            "site_off",
            json!({"resource": "killed", "action": "read"}),
        ),
    ] {
        let answer = ask(&app, method, path, who).await;
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        for secret in [
            "4711",
            "guest",
            "developer",
            "author",
            "database",
            "sessions",
            "panics",
        ] {
            assert!(!text.contains(secret), "{path} {who}: {text}");
        }
        if code == "policy_unavailable" || code == "site_off" {
            // Whether an org that is named is echoed differs with how far the request came.
            assert_eq!(answer.said(), code);
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        } else {
            assert_refused(&answer, code, members);
        }
    }
    canary.assert_silent();
}

#[actix_web::test]
async fn a81_nothing_that_a_client_sends_becomes_a_line_of_its_own() {
    let (canary, chats) = (Canary::default(), Chats::default());
    let app = serve(routes(&canary, &chats)).await;
    for org in ["a%0d%0ax-evil:1", "a%0a", "a%1b%5b31m", "a%00", "a%c2%85"] {
        let answer = ask(&app, "GET", &format!("/orgs/{org}/chats"), "mallory").await;
        assert_eq!(answer.code(), Some("bad_request"), "{org}");
        assert!(answer.header("x-evil").is_none());
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(
            !text.contains(['\r', '\n', '\u{1b}', '\0', '\u{85}']),
            "{text:?}"
        );
    }
    let long = "a".repeat(1 << 15);
    let asked = request("GET", "/orgs/acme/chats", "mallory")
        .insert_header(("accept-language", long.clone()));
    assert_eq!(send(&app, asked).await.code(), Some("not_a_member"));
    let answer = ask(&app, "GET", &format!("/orgs/{long}/chats"), "mallory").await;
    assert_eq!(answer.code(), Some("bad_request"));
    assert!(answer.body.len() < 1024);
}
