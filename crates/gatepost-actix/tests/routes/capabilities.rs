//! The route at which a subject is answered what it may do.

use actix_web::test::init_service;
use actix_web::web::{get, scope};
use actix_web::{App, HttpRequest};
use gatepost_actix::{Gate, Gated, Subject, SubjectId};
use serde_json::Value;

use crate::fixture::{
    Answer, READ, SITE_WIDE, UPDATE, ask, assert_refused, facts, gated, request, send, serve, who,
};

const PATH: &str = "/.well-known/gatepost/capabilities";

async fn handler() -> &'static str {
    "ran"
}

/// The outcome of each route.
fn outcomes(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let told = answer.json();
    let routes = told["routes"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    routes
        .map(|route| format!("{} {}", text(&route["path"]), text(&route["outcome"])))
        .collect()
}

#[actix_web::test]
async fn every_route_is_told_by_its_whole_path_and_who_asks() {
    let routes = gated().routes(|app, gate| {
        app.service(
            scope("/orgs/{org}").service(
                gate.resource("/chats")
                    .get(READ, handler)
                    .post(UPDATE, handler),
            ),
        )
        .service(
            gate.scope("/admin", SITE_WIDE)
                .route("/x", get().to(handler)),
        )
        .service(gate.capabilities(PATH));
    });
    let routes = routes.unwrap();
    let app = serve(&*routes).await;
    assert_refused(
        &ask(&app, "GET", PATH, "").await,
        "unauthenticated",
        serde_json::json!({}),
    );
    let asked = format!("{PATH}?org=acme");
    for (who, chats) in [
        ("alice", ["allow", "allow"]),
        ("gina", ["allow", "deny"]),
        ("mallory", ["deny", "deny"]),
    ] {
        let answer = ask(&app, "GET", &asked, who).await;
        let told = outcomes(&answer);
        let own: Vec<_> = told
            .iter()
            .filter(|line| line.starts_with("/orgs"))
            .collect();
        assert_eq!(
            own,
            [
                &format!("/orgs/{{org}}/chats {}", chats[0]),
                &format!("/orgs/{{org}}/chats {}", chats[1])
            ]
        );
        assert!(
            told.iter().any(|line| line.starts_with("/admin/x")),
            "{told:?}"
        );
        assert!(told.contains(&format!("{PATH} allow")), "{told:?}");

        let etag = answer.header("etag").unwrap().to_owned();
        let again = request("GET", &asked, who).insert_header(("if-none-match", etag));
        assert_eq!(send(&app, again).await.status, 304);
        assert_eq!(ask(&app, "HEAD", &asked, who).await.status, 200);
    }
    assert_eq!(ask(&app, "POST", PATH, "alice").await.status, 405);
    assert_refused(
        &ask(&app, "GET", PATH, "store down").await,
        "policy_unavailable",
        serde_json::json!({}),
    );
}

#[actix_web::test]
async fn routes_of_another_gate_are_asked_of_its_own_subject() {
    let alice = |_: &HttpRequest| Ok(SubjectId::new("alice").ok().map(Subject::new));
    let other = Gated::new(Gate::fixed(facts()), alice);
    let own = Gated::new(Gate::fixed(facts()), who);
    let routes = own.routes(move |app, gate| {
        app.service(gate.resource("/own/{org}").get(UPDATE, handler))
            .service(other.resource("/other/{org}").get(UPDATE, handler))
            .service(gate.capabilities(PATH));
    });
    let routes = routes.unwrap();
    let app = serve(&*routes).await;
    let told = outcomes(&ask(&app, "GET", &format!("{PATH}?org=acme"), "gina").await);
    assert!(told.contains(&"/own/{org} deny".to_owned()), "{told:?}");
    assert!(told.contains(&"/other/{org} allow".to_owned()), "{told:?}");
}

#[actix_web::test]
async fn without_a_trial_nothing_is_told() {
    let app = init_service(App::new().service(gated().capabilities(PATH))).await;
    let answer = ask(&app, "GET", PATH, "alice").await;
    assert_refused(&answer, "permit_missing", serde_json::json!({}));
}
