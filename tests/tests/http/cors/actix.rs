//! actix-cors.

use actix_cors::Cors;
use actix_http::Request;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpResponse, web};
use gatepost_actix::Gated;

use super::{ALLOWED, CORS_OUTSIDE, PATH, READ, SITE, gate};
use crate::served::actix::{authenticate, who};
use crate::served::{Canary, Ran};

fn cors() -> Cors {
    let methods = [Method::GET, Method::HEAD, Method::DELETE];
    Cors::default()
        .allowed_origin(SITE)
        .allowed_methods(methods)
}

/// The status, and whether the answer is for that site's scripts.
async fn ask<S, B>(app: &S, method: &str, by: &str) -> (u16, bool)
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
{
    let preflight = method == "PREFLIGHT";
    let method = if preflight { "OPTIONS" } else { method };
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = TestRequest::with_uri(PATH).method(method);
    request = request.insert_header(("origin", SITE));
    if preflight {
        request = request.insert_header(("access-control-request-method", "GET"));
    }
    if !by.is_empty() {
        request = request.insert_header(("authorization", format!("Bearer {by}")));
    }
    let answer = app.call(request.to_request()).await.unwrap();
    let allowed = answer.headers().get(ALLOWED);
    let allowed = allowed.is_some_and(|site| site == SITE);
    let status = answer.status().as_u16();
    if matches!(status, 401 | 403) {
        assert_eq!(
            answer.headers().get("content-type").unwrap(),
            "application/problem+json"
        );
        assert_eq!(answer.headers().get("cache-control").unwrap(), "no-store");
        let varies = answer
            .headers()
            .get_all("vary")
            .map(|value| value.to_str().unwrap());
        let varies: Vec<_> = varies.collect();
        assert!(varies.iter().any(|value| value.contains('*')), "{varies:?}");
    }
    (status, allowed)
}

async fn run(canary: web::Data<Canary>) -> HttpResponse {
    let running = canary.begin(Ran::public("list"), None);
    HttpResponse::Ok().body(canary.end(running, Vec::new()))
}

#[tokio::test]
async fn outside_of_the_gate_it_answers_preflights_and_marks_refusals() {
    let canary = web::Data::new(Canary::default());
    let gated = Gated::new(gate(), who);
    let routes = gated.routes(|app, gate| {
        app.service(web::resource("/orgs/{org}/chats").route(gate.get(READ, run)));
    });
    let routes = routes.unwrap();
    let app = App::new().app_data(canary.clone()).configure(&*routes);
    let app = app.wrap_fn(|request, service| {
        authenticate(&request);
        service.call(request)
    });
    let app = init_service(app.wrap(cors())).await;
    for &(method, by, status, marked, runs) in CORS_OUTSIDE {
        assert_eq!(
            ask(&app, method, by).await,
            (status, marked),
            "{method} by {by}"
        );
        assert_eq!(canary.take().len(), usize::from(runs), "{method} by {by}");
    }
}

#[tokio::test]
async fn inside_of_the_gate_it_sees_what_was_admitted_alone() {
    let canary = web::Data::new(Canary::default());
    let gated = Gated::new(gate(), who);
    let routes = gated.routes(|app, gate| {
        let scope = web::scope("/orgs/{org}")
            .wrap(cors())
            .wrap(gate.require(READ));
        let probe = gate.public(Method::GET, "the scope around it is gated", run);
        app.service(scope.service(web::resource("/chats").route(probe)));
    });
    let routes = routes.unwrap();
    let app = App::new().app_data(canary.clone()).configure(&*routes);
    let app = init_service(app.wrap_fn(|request, service| {
        authenticate(&request);
        service.call(request)
    }));
    let app = app.await;
    for (method, by, status, runs) in [
        // A browser sends no identity with a preflight.
        ("PREFLIGHT", "", 401, false),
        ("PREFLIGHT", "mallory", 403, false),
        ("PREFLIGHT", "alice", 200, false),
        ("OPTIONS", "", 401, false),
        ("GET", "", 401, false),
        ("GET", "mallory", 403, false),
        ("HEAD", "mallory", 403, false),
        ("GET", "alice", 200, true),
        ("HEAD", "alice", 200, true),
    ] {
        let marked = status == 200;
        assert_eq!(
            ask(&app, method, by).await,
            (status, marked),
            "{method} by {by}"
        );
        assert_eq!(canary.take().len(), usize::from(runs), "{method} by {by}");
    }
}
