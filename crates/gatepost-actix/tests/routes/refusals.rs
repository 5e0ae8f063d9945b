//! What becomes of a refusal on its way out, through middleware and through one `only_decided` in another.

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{get, scope};
use actix_web::{App, Error, HttpMessage, HttpResponse, HttpResponseBuilder};
use gatepost_enforce::Watch;

use crate::fixture::{READ, UPDATE, ask, gated};

#[actix_web::test]
async fn one_around_another_knows_what_that_one_was_met_by() {
    let gate = gated();
    let inner = |name: &str| scope(name).wrap(gate.only_decided());
    let app = App::new()
        .service(
            inner("/api")
                .service(gate.resource("/{org}").get(READ, async || "read"))
                .route("/plain/x", get().to(async || "plain")),
        )
        .service(
            scope("/forgiven")
                .service(inner("").service(gate.resource("/{org}").get(READ, async || "read")))
                .wrap_fn(|request, service| {
                    let answered = service.call(request);
                    async move { Ok::<_, Error>(instead(answered.await?, HttpResponse::Ok)) }
                }),
        )
        .wrap(gate.only_decided());
    let app = init_service(app).await;
    for (path, who, said) in [
        ("/api/acme", "alice", "200"),
        ("/api/acme", "mallory", "not_a_member"),
        ("/api/plain/x", "alice", "permit_missing"),
        ("/forgiven/acme", "alice", "200"),
        ("/forgiven/acme", "mallory", "permit_missing"),
    ] {
        assert_eq!(
            ask(&app, "GET", path, who).await.said(),
            said,
            "{path} {who}"
        );
    }
    // A probe is met once, by whatever is inside of all.
    let probe = Watch::probe();
    let asked = TestRequest::with_uri("/api/acme").to_request();
    asked.extensions_mut().insert(probe.clone());
    assert_eq!(app.call(asked).await.unwrap().status(), 204);
    assert!(probe.met().is_some());
}

/// An answer in place of a refusal.
fn instead<B: MessageBody + 'static>(
    answer: ServiceResponse<B>,
    other: fn() -> HttpResponseBuilder,
) -> ServiceResponse {
    if answer.status().is_client_error() {
        let request = answer.into_parts().0;
        ServiceResponse::new(request, other().body("legacy secret"))
    } else {
        answer.map_into_boxed_body()
    }
}

#[actix_web::test]
async fn after_a_refusal_no_success_leaves() {
    type Answers = fn() -> HttpResponseBuilder;
    for (other, said) in [
        (HttpResponse::Ok as Answers, "permit_missing"),
        (HttpResponse::Created, "permit_missing"),
        (HttpResponse::SwitchingProtocols, "permit_missing"),
        (HttpResponse::Found, "302"),
        (HttpResponse::NotFound, "404"),
        (HttpResponse::BadGateway, "502"),
    ] {
        let gate = gated();
        let app = App::new()
            .service(gate.resource("/resource/{org}").get(READ, async || "read"))
            .service(
                gate.choice("/choice/{org}")
                    .when(UPDATE, async || "all")
                    .when(READ, async || "own"),
            )
            .service(
                gate.scope("/scope/{org}", READ)
                    .route("", get().to(async || "plain")),
            )
            .wrap_fn(move |request, service| {
                let answered = service.call(request);
                async move { Ok::<_, Error>(instead(answered.await?, other)) }
            })
            .wrap(gate.only_decided());
        let app = init_service(app).await;
        for form in ["resource", "choice", "scope"] {
            let path = format!("/{form}/acme");
            for who in ["", "mallory"] {
                assert_eq!(ask(&app, "GET", &path, who).await.said(), said, "{path}");
            }
            // Who was refused the first of a choice alone is refused nothing.
            assert_eq!(
                ask(&app, "GET", &path, "gina").await.said(),
                "200",
                "{path}"
            );
        }
    }
}
