//! Other middleware around gated routes, in either order.

use actix_web::dev::{Service, ServiceRequest};
use actix_web::http::header::{ACCEPT_ENCODING, AUTHORIZATION};
use actix_web::middleware::{Compress, DefaultHeaders};
use actix_web::test::init_service;
use actix_web::web::{resource, scope};
use actix_web::{App, HttpMessage, HttpRequest};
use gatepost_actix::{Gate, Gated, SourceError, Subject, SubjectId};

use crate::fixture::{Canary, READ, SITE_WIDE, ask, facts, gated, request, send};

/// The subject that authentication has left in the request.
#[allow(clippy::unnecessary_wraps, reason = "the form of a subject source")]
fn left(request: &HttpRequest) -> Result<Option<Subject>, SourceError> {
    Ok(request.extensions().get::<Subject>().cloned())
}

fn authenticate(request: &ServiceRequest) {
    let name = request.headers().get(AUTHORIZATION);
    if let Some(name) = name.and_then(|name| name.to_str().ok()) {
        let subject = Subject::new(SubjectId::new(name).unwrap());
        request.extensions_mut().insert(subject);
    }
}

#[actix_web::test]
async fn a17_a_gate_in_front_of_authentication_finds_nobody() {
    let canary = Canary::default();
    let gate = Gated::new(Gate::fixed(facts()), left);
    let inner = || resource("/orgs/{org}").get(canary.handler("read"));
    // What is wrapped last runs first.
    let behind = App::new()
        .service(inner().wrap(gate.require(READ)))
        .wrap_fn(|request, next| {
            authenticate(&request);
            next.call(request)
        });
    let behind = init_service(behind).await;
    let in_front = App::new()
        .service(inner())
        .wrap_fn(|request, next| {
            authenticate(&request);
            next.call(request)
        })
        .wrap(gate.require(SITE_WIDE));
    let in_front = init_service(in_front).await;
    for (who, said) in [
        ("gina", "200"),
        ("mallory", "not_a_member"),
        ("", "unauthenticated"),
    ] {
        assert_eq!(ask(&behind, "GET", "/orgs/acme", who).await.said(), said);
        assert_eq!(
            ask(&in_front, "GET", "/orgs/acme", who).await.said(),
            "unauthenticated"
        );
    }
    assert_eq!(canary.only().name, "read");
}

#[actix_web::test]
async fn a79_compression_takes_nothing_from_what_keeps_a_refusal_out_of_caches() {
    let canary = Canary::default();
    let routes = scope("/orgs/{org}").route("", gated().get(READ, canary.handler("read")));
    let app = App::new()
        .wrap(Compress::default())
        .wrap(DefaultHeaders::new().add(("cache-control", "public, max-age=60")));
    let app = init_service(app.service(routes)).await;
    for coding in ["gzip", "identity"] {
        let asked =
            request("GET", "/orgs/acme", "mallory").insert_header((ACCEPT_ENCODING, coding));
        let answer = send(&app, asked).await;
        assert_eq!(answer.said(), "not_a_member");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let mut vary = answer.headers.get_all("vary");
        assert!(vary.any(|value| value == "*"));
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
    }
    canary.assert_silent();
}
