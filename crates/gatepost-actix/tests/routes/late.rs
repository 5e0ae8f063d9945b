//! What leaves an application of which nothing is let out that nothing decided.

use std::future::ready;

use actix_http::Request;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{ServiceConfig, get, resource, to};
use actix_web::{App, Error, HttpMessage, HttpResponse, HttpResponseBuilder, error};
use gatepost_actix::Gated;
use gatepost_enforce::{Met, Watch};
use serde_json::json;

use crate::fixture::{
    Canary, READ, READ_OWN, SITE_WIDE, UPDATE, ask, assert_refused, gated, request, send,
};

async fn around(
    mount: impl FnOnce(&mut ServiceConfig, &Gated),
) -> impl Service<Request, Response = ServiceResponse<impl actix_web::body::MessageBody>, Error = Error>
{
    let gate = gated();
    let app = App::new().wrap(gate.identify()).wrap(gate.only_decided());
    init_service(app.configure(|app| mount(app, &gate))).await
}

#[actix_web::test]
async fn what_is_decided_leaves_as_it_is_on_every_form() {
    let canary = Canary::default();
    let run = |name| canary.handler(name);
    let app = around(|app, gate| {
        app.service(gate.resource("/resource/{org}").get(READ, run("resource")))
            .route("/route/{org}", gate.get(READ, run("route")))
            .service(
                gate.choice("/choice/{org}")
                    .when(UPDATE, run("all"))
                    .when(READ, run("own")),
            )
            .service(
                gate.scope("/scope/{org}", READ)
                    .route("", get().to(run("scope"))),
            )
            .service(
                resource("/wrapped/{org}")
                    .get(run("wrapped"))
                    .wrap(gate.require(READ)),
            )
            .service(
                gate.resource("/public/{org}")
                    .public(Method::GET, "a test", run("public")),
            )
            .service(
                gate.public_scope("/open/{org}", "a test")
                    .route("", get().to(run("open"))),
            )
            .service(
                resource("/guard/{org}")
                    .route(
                        gate.get(READ, run("guard"))
                            .guard(gate.guard(READ_OWN).at("/guard/{org}")),
                    )
                    .default_service(gate.denials()),
            );
    })
    .await;
    for form in [
        "resource", "route", "choice", "scope", "wrapped", "public", "open", "guard",
    ] {
        let path = format!("/{form}/acme");
        assert_eq!(
            ask(&app, "GET", &path, "gina").await.said(),
            "200",
            "{form}"
        );
        let said = if form == "public" || form == "open" {
            "200"
        } else {
            "not_a_member"
        };
        assert_eq!(
            ask(&app, "GET", &path, "mallory").await.said(),
            said,
            "{form}"
        );
        canary.reset();
    }
}

#[actix_web::test]
async fn a_guard_chooses_for_whoever_is_watched_as_for_everybody() {
    let app = around(|app, gate| {
        let guard = gate.guard(UPDATE).at("/{org}");
        app.service(
            resource("/{org}")
                .route(gate.get(UPDATE, async || "update").guard(guard))
                .route(gate.instead().get(READ, async || "instead")),
        );
    })
    .await;
    for (who, body) in [("alice", "update"), ("gina", "instead")] {
        assert_eq!(ask(&app, "GET", "/acme", who).await.body, body);
    }
}

#[actix_web::test]
async fn what_is_not_there_is_told_with_nothing_but_its_methods() {
    let app = around(|app, gate| {
        app.service(gate.resource("/{org}").get(READ, async || "read"))
            .route(
                "/own/404",
                to(async || {
                    HttpResponse::NotFound()
                        .insert_header(("x-secret", "1"))
                        .finish()
                }),
            )
            .route(
                "/own/405",
                to(async || {
                    let mut answer = HttpResponse::MethodNotAllowed();
                    answer
                        .insert_header(("x-secret", "1"))
                        .insert_header((ALLOW, "PURGE"))
                        .finish()
                }),
            )
            .route(
                "/own/told",
                to(async || {
                    let mut answer = HttpResponse::MethodNotAllowed();
                    answer.insert_header((ALLOW, "balance=7")).finish()
                }),
            );
    })
    .await;
    for (method, path, status, allow) in [
        ("GET", "/no/such/path", 404, None),
        ("DELETE", "/acme", 405, Some("GET, HEAD")),
        ("GET", "/own/404", 404, None),
        ("GET", "/own/405", 405, Some("PURGE")),
        ("GET", "/own/told", 405, None),
    ] {
        let answer = ask(&app, method, path, "root").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (status, allow),
            "{path}"
        );
        let headers = answer.header_lines();
        assert!(
            headers.iter().all(|(name, _)| name == "allow"),
            "{path}: {headers:?}"
        );
        assert!(answer.body.is_empty());
    }
}

#[actix_web::test]
async fn nothing_of_an_undecided_handler_leaves() {
    struct Left;
    let with = |status: u16| {
        let status = actix_web::http::StatusCode::from_u16(status).unwrap();
        move || async move {
            let mut answer = HttpResponseBuilder::new(status);
            let mut answer = answer.insert_header(("x-secret", "1")).body("secret");
            answer.extensions_mut().insert(Left);
            answer
        }
    };
    let fails = async || Err::<&str, _>(error::ErrorImATeapot("secret"));
    for status in [101, 200, 204, 302, 401, 403, 404, 405, 500, 503] {
        let app = around(|app, _| {
            app.route("/plain", to(with(status)));
        })
        .await;
        let asked = request("GET", "/plain", "root").to_request();
        let response = app.call(asked).await.unwrap();
        assert!(response.response().extensions().get::<Left>().is_none());
        assert_refused(
            &ask(&app, "GET", "/plain", "root").await,
            "permit_missing",
            json!({}),
        );
    }
    // Nor does a status, or a header beside no body.
    for status in [200, 204, 302, 401, 410, 500] {
        let status = actix_web::http::StatusCode::from_u16(status).unwrap();
        let empty = move || async move { HttpResponse::new(status) };
        let app = around(|app, _| {
            app.route("/plain", to(empty));
        })
        .await;
        assert_eq!(
            ask(&app, "GET", "/plain", "root").await.said(),
            "permit_missing"
        );
    }
    let app = around(|app, _| {
        app.route("/plain", to(fails));
    })
    .await;
    assert_refused(
        &ask(&app, "GET", "/plain", "root").await,
        "permit_missing",
        json!({}),
    );
}

#[actix_web::test]
async fn a_middleware_that_fails_undecided_is_an_error_without_its_words() {
    let failing = App::new()
        .wrap_fn(|_: ServiceRequest, _| {
            ready(Err::<ServiceResponse, _>(error::ErrorImATeapot("secret")))
        })
        .wrap(gated().only_decided());
    let app = init_service(failing).await;
    let error = app
        .call(request("GET", "/", "").to_request())
        .await
        .err()
        .unwrap();
    let response = error.error_response();
    assert_eq!(response.status(), 500);
    assert!(!error.to_string().contains("secret"));
}

#[actix_web::test]
async fn each_request_is_decided_by_itself_whatever_was_left_in_it() {
    let app = around(|app, gate| {
        app.service(
            gate.resource("/public")
                .public(Method::GET, "a test", async || "public"),
        )
        .route("/plain", to(async || "plain"));
    })
    .await;
    for _ in 0..3 {
        assert_eq!(ask(&app, "GET", "/public", "").await.said(), "200");
        assert_eq!(
            ask(&app, "GET", "/plain", "").await.said(),
            "permit_missing"
        );
    }
    // A watch that somebody else left has met something, and is not believed.
    let met = Watch::new();
    let _ = met.meet(gatepost_enforce::Met::Public);
    let asked = TestRequest::with_uri("/plain").to_request();
    asked.extensions_mut().insert(met);
    assert_eq!(app.call(asked).await.unwrap().status(), 500);
}

#[actix_web::test]
async fn a_probe_comes_to_what_a_guard_chooses() {
    let app = around(|app, gate| {
        let guard = gate.guard(UPDATE).at("/{org}");
        app.service(
            resource("/{org}")
                .route(gate.get(UPDATE, async || "update").guard(guard))
                .route(gate.instead().get(READ, async || "instead")),
        );
    })
    .await;
    let probe = Watch::probe();
    let asked = TestRequest::with_uri("/acme").to_request();
    asked.extensions_mut().insert(probe.clone());
    assert_eq!(app.call(asked).await.unwrap().status(), 204);
    let Some(Met::Required(met)) = probe.met() else {
        panic!("{:?}", probe.met());
    };
    assert!(met.is_same(&UPDATE), "{met}");
}

#[actix_web::test]
async fn a_probe_is_answered_without_deciding_and_without_the_handler() {
    let canary = Canary::default();
    let run = |name| canary.handler(name);
    let app = around(|app, gate| {
        app.service(gate.resource("/resource/{org}").get(READ, run("resource")))
            .route("/route/{org}", gate.get(READ, run("route")))
            .service(gate.choice("/choice/{org}").when(READ, run("choice")))
            .service(
                gate.scope("/scope", SITE_WIDE)
                    .route("/x", get().to(run("scope"))),
            )
            .service(
                resource("/wrapped")
                    .get(run("wrapped"))
                    .wrap(gate.require(SITE_WIDE)),
            )
            .service(
                gate.resource("/public")
                    .public(Method::GET, "a test", run("public")),
            )
            .service(
                gate.public_scope("/open", "a test")
                    .route("/x", get().to(run("open"))),
            )
            .service(gate.capabilities("/capabilities"));
    })
    .await;
    for path in [
        "/resource/acme",
        "/route/acme",
        "/choice/acme",
        "/scope/x",
        "/scope/none",
        "/wrapped",
        "/public",
        "/open/x",
        "/capabilities",
    ] {
        let probe = Watch::probe();
        let asked = TestRequest::with_uri(path).to_request();
        asked.extensions_mut().insert(probe.clone());
        assert_eq!(app.call(asked).await.unwrap().status(), 204, "{path}");
        assert!(probe.met().is_some(), "{path}");
        // Whoever is no probe is decided, whether somebody watches or not.
        let said = send(&app, request("GET", path, "")).await.said();
        let is_public = ["/public", "/open/x"].contains(&path);
        assert_eq!(
            said,
            if is_public {
                "200"
            } else if path == "/capabilities" {
                "permit_missing"
            } else {
                "unauthenticated"
            },
            "{path}"
        );
    }
    assert_eq!(canary.ran(), ["public", "open"]);
}
