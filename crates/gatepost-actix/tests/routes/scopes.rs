//! Scopes, resources and what is registered in them, before and behind their requirement.

use actix_web::http::Method;
use actix_web::test::init_service;
use actix_web::web::{get, post, resource, route, scope, to};
use actix_web::{App, HttpResponse};
use gatepost_actix::{Entity, Org, Permit, Requirement};
use serde_json::json;

use crate::fixture::{
    BY_BODY, Canary, Chat, Chats, KILLED, READ, READ_LOADED, SITE_WIDE, UPDATE, ask,
    assert_refused, gated, request, send, serve,
};

#[actix_web::test]
async fn a01_a03_what_is_registered_behind_the_wrap_is_covered_too() {
    let canary = Canary::default();
    let run = |name| canary.handler(name);
    let app = serve(|app| {
        app.service(
            scope("/orgs/{org}")
                .route("/before", get().to(run("before")))
                .wrap(gated().require(READ))
                .route("/after", get().to(run("after")))
                .service(scope("/deep").route("/er", post().to(run("deeper")))),
        )
        .service(
            resource("/chats/{org}")
                .get(run("get"))
                .wrap(gated().require(READ))
                .post(run("post"))
                .route(route().to(run("any"))),
        );
    })
    .await;
    for (method, path, name) in [
        ("GET", "/orgs/acme/before", "before"),
        ("GET", "/orgs/acme/after", "after"),
        ("POST", "/orgs/acme/deep/er", "deeper"),
        ("GET", "/chats/acme", "get"),
        ("POST", "/chats/acme", "post"),
        ("PURGE", "/chats/acme", "any"),
    ] {
        for (who, code) in [("", "unauthenticated"), ("mallory", "not_a_member")] {
            assert_eq!(ask(&app, method, path, who).await.code(), Some(code));
            canary.assert_silent();
        }
        assert_eq!(ask(&app, method, path, "gina").await.status, 200);
        let hit = canary.only();
        assert_eq!((hit.name, hit.org()), (name, Some("acme")));
    }
}

#[actix_web::test]
async fn a02_what_a_scope_does_not_find_is_decided_before_it_is_looked_for() {
    let canary = Canary::default();
    let app = serve(|app| {
        app.service(
            scope("/orgs/{org}")
                .service(resource("/chats").get(canary.handler("chats")))
                .default_service(to(canary.handler("fallback")))
                .wrap(gated().require(READ)),
        );
    })
    .await;
    for (method, path, status) in [
        ("GET", "/orgs/acme", 200),
        ("GET", "/orgs/acme/none", 200),
        ("POST", "/orgs/acme/chats", 405),
    ] {
        for who in ["", "mallory"] {
            let code = ask(&app, method, path, who).await.code();
            assert!(code.is_some(), "{path} by {who}");
            canary.assert_silent();
        }
        assert_eq!(ask(&app, method, path, "gina").await.status, status);
        assert_eq!(canary.ran().len(), usize::from(status == 200));
        canary.reset();
    }
}

#[actix_web::test]
async fn a13_a_permit_ends_where_another_requirement_begins() {
    let canary = Canary::default();
    let gate = gated();
    let run = |name| canary.handler(name);
    let takes_permit = async |permit: Permit| permit.subject().to_string();
    let app = serve(|app| {
        app.service(
            scope("/orgs/{org}")
                .service(resource("/own").route(gate.post(UPDATE, run("own"))))
                .service(resource("/killed").route(gate.get(KILLED, run("killed"))))
                .service(resource("/plain").get(run("plain")))
                .service(
                    resource("/public")
                        .route(gate.public(Method::GET, "a test", run("public")))
                        .route(gate.public(Method::POST, "a test", takes_permit)),
                )
                .wrap(gate.require(READ)),
        );
    })
    .await;
    for (method, path, who, said, permit) in [
        ("POST", "/orgs/acme/own", "alice", "200", Some(UPDATE)),
        ("POST", "/orgs/acme/own", "gina", "org_grant_missing", None),
        ("POST", "/orgs/acme/own", "mallory", "not_a_member", None),
        ("GET", "/orgs/acme/killed", "alice", "site_off", None),
        ("GET", "/orgs/acme/plain", "gina", "200", Some(READ)),
        ("GET", "/orgs/acme/public", "gina", "200", None),
        ("GET", "/orgs/acme/public", "", "unauthenticated", None),
        ("POST", "/orgs/acme/public", "gina", "permit_missing", None),
    ] {
        let answer = ask(&app, method, path, who).await;
        assert_eq!(answer.said(), said, "{method} {path} by {who}");
        if said == "200" {
            let held = canary.only().permit;
            let held = held.map(|held| held.requirement().to_string());
            assert_eq!(held, permit.map(|permit| permit.to_string()), "{path}");
        }
    }
    canary.assert_silent();
}

#[actix_web::test]
async fn a13_a_public_scope_sees_no_permit_of_the_scope_around_it() {
    let canary = Canary::default();
    let gate = gated();
    let takes_permit = async |permit: Permit| permit.subject().to_string();
    let app = serve(|app| {
        let public = gate.public_scope("/open", "a test");
        app.service(
            gate.scope("/orgs/{org}", READ).service(
                public
                    .route("/plain", get().to(canary.handler("plain")))
                    .route("/takes", get().to(takes_permit))
                    .route("/own", gate.get(UPDATE, canary.handler("own"))),
            ),
        );
    })
    .await;
    for (path, who, said) in [
        ("/orgs/acme/open/plain", "", "unauthenticated"),
        ("/orgs/acme/open/plain", "gina", "200"),
        ("/orgs/acme/open/takes", "gina", "permit_missing"),
        ("/orgs/acme/open/own", "gina", "org_grant_missing"),
        ("/orgs/acme/open/own", "alice", "200"),
    ] {
        assert_eq!(ask(&app, "GET", path, who).await.said(), said, "{path}");
    }
    let held: Vec<_> = canary
        .hits()
        .iter()
        .map(|hit| hit.org().is_some())
        .collect();
    assert_eq!(held, [false, true]);
}

#[actix_web::test]
async fn a14_a_requirement_holds_where_its_route_is_whatever_is_in_front_of_it() {
    let canary = Canary::default();
    let gate = gated();
    let app = serve(|app| {
        app.service(resource("/flat/{org}/chats").route(gate.get(READ, canary.handler("chats"))))
            .service(
                scope("/in").service(
                    scope("/{org}").route("/chats", gate.get(READ, canary.handler("chats"))),
                ),
            )
            .service(
                scope("/empty/{org}")
                    .service(scope("").route("/chats", gate.get(READ, canary.handler("chats")))),
            );
    })
    .await;
    for prefix in ["/flat", "/in", "/empty"] {
        for (org, who, said) in [
            ("acme", "", "unauthenticated"),
            ("acme", "mallory", "not_a_member"),
            ("acme", "gina", "200"),
            ("%61cme", "gina", "200"),
            ("globex", "gina", "not_a_member"),
            ("nowhere", "gina", "not_a_member"),
            ("%ff", "gina", "bad_request"),
        ] {
            let path = format!("{prefix}/{org}/chats");
            assert_eq!(ask(&app, "GET", &path, who).await.said(), said, "{path}");
            if said == "200" {
                assert_eq!(canary.only().org(), Some("acme"));
            }
        }
    }
    canary.assert_silent();
}

#[actix_web::test]
async fn a17_a_requirement_twice_is_one_answer_and_either_of_two_refuses() {
    let canary = Canary::default();
    let gate = gated();
    let app = serve(|app| {
        app.service(
            scope("/same/{org}")
                .route("", gate.get(READ, canary.handler("same")))
                .wrap(gate.require(READ))
                .wrap(gate.require(READ)),
        )
        .service(
            scope("/both/{org}")
                .route("", gate.get(READ, canary.handler("both")))
                .wrap(gate.require(KILLED))
                .wrap(gate.require(READ)),
        )
        .service(
            scope("/other/{org}")
                .route("", gate.get(READ, canary.handler("other")))
                .wrap(gate.require(READ))
                .wrap(gate.require(KILLED)),
        );
    })
    .await;
    for (path, who, said) in [
        ("/same/acme", "gina", "200"),
        ("/same/acme", "mallory", "not_a_member"),
        ("/both/acme", "gina", "site_off"),
        ("/both/acme", "mallory", "not_a_member"),
        ("/other/acme", "gina", "site_off"),
        ("/other/acme", "mallory", "site_off"),
    ] {
        assert_eq!(
            ask(&app, "GET", path, who).await.said(),
            said,
            "{path} {who}"
        );
    }
    assert_eq!(canary.only().name, "same");
}

#[actix_web::test]
async fn a_requirement_around_the_application_sees_no_path_and_admits_what_needs_none() {
    for (requirement, said) in [(SITE_WIDE, "200"), (READ, "org_required")] {
        let canary = Canary::default();
        let app = App::new()
            .wrap(gated().require(requirement))
            .route("/orgs/{org}", get().to(canary.handler("plain")))
            .default_service(to(HttpResponse::Ok));
        let app = init_service(app).await;
        for path in ["/orgs/acme", "/none"] {
            assert_eq!(ask(&app, "GET", path, "").await.said(), "unauthenticated");
            canary.assert_silent();
            assert_eq!(ask(&app, "GET", path, "gina").await.said(), said);
            canary.reset();
        }
    }
}

#[actix_web::test]
async fn a_body_that_two_requirements_read_comes_whole_to_each_and_to_the_handler() {
    const LARGER: Requirement =
        Requirement::new("chat", "update").org(Org::json_within("org", 1024));
    let body = r#"{"org":"acme","n":1}"#;
    for (outer, inner) in [(BY_BODY, LARGER), (LARGER, BY_BODY)] {
        let canary = Canary::default();
        let gate = gated();
        let app = serve(|app| {
            app.service(
                scope("/s")
                    .service(resource("/x").route(gate.post(inner, canary.reader("x"))))
                    .wrap(gate.require(outer)),
            );
        })
        .await;
        let asked = request("POST", "/s/x", "alice").set_payload(body);
        assert_eq!(send(&app, asked).await.status, 200);
        let hit = canary.only();
        assert_eq!(hit.body.as_deref(), Some(body.as_bytes()));
        // The smaller bound holds wherever it stands.
        let padded = format!("{body}{}", " ".repeat(100));
        let asked = request("POST", "/s/x", "alice").set_payload(padded);
        let members = json!({"resource": "chat", "action": "update"});
        assert_refused(&send(&app, asked).await, "body_too_large", members);
        canary.assert_silent();
    }
}

#[actix_web::test]
async fn a13_an_object_that_a_scope_was_decided_on_is_not_that_of_a_route_inside() {
    let chats = Chats::default();
    let gate = gated().loader("chat", chats.clone());
    let shown = async |chat: Entity<Chat>| chat.0.0;
    let app = serve(|app| {
        app.service(
            scope("/orgs/{org}/{id}")
                .service(resource("/plain").get(shown))
                .service(resource("/own").route(gate.get(READ_LOADED, shown)))
                .service(resource("/without").route(gate.get(READ, shown)))
                .service(resource("/public").route(gate.public(Method::GET, "a test", shown)))
                .wrap(gate.require(READ_LOADED)),
        );
    })
    .await;
    for (path, who, said) in [
        ("/orgs/acme/alices/plain", "gina", "200"),
        ("/orgs/acme/alices/own", "gina", "200"),
        ("/orgs/acme/alices/without", "gina", "permit_missing"),
        ("/orgs/acme/alices/public", "gina", "permit_missing"),
        ("/orgs/acme/none/plain", "gina", "404"),
        ("/orgs/globex/alices/plain", "alice", "404"),
        ("/orgs/acme/alices/plain", "mallory", "not_a_member"),
    ] {
        assert_eq!(ask(&app, "GET", path, who).await.said(), said, "{path}");
    }
    // Once for each requirement that loads.
    assert_eq!(chats.loads(), 7);
}
