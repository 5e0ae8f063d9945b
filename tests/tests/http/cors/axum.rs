//! `tower_http`'s CORS.

use axum::Router;
use axum::body::Body;
use axum::handler::Handler;
use axum::middleware::map_request;
use axum::response::Response;
use gatepost_axum::Gated;
use http::header::ORIGIN;
use http::{HeaderValue, Method, Request};
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower_http::cors::CorsLayer;

use super::{ALLOWED, CORS_OUTSIDE, PATH, READ, SITE, gate};
use crate::served::axum::{authenticate, who};
use crate::served::{Canary, Ran};

fn layer() -> CorsLayer {
    let origin: HeaderValue = SITE.parse().unwrap();
    let methods = [Method::GET, Method::HEAD, Method::DELETE];
    CorsLayer::new().allow_origin(origin).allow_methods(methods)
}

fn handler(canary: &Canary) -> impl Handler<((),), ()> {
    let canary = canary.clone();
    async move || {
        let running = canary.begin(Ran::public("list"), None);
        canary.end(running, Vec::new())
    }
}

async fn ask(router: &Router, method: &str, by: &str) -> Response {
    let preflight = method == "PREFLIGHT";
    let method = if preflight { "OPTIONS" } else { method };
    let mut request = Request::builder()
        .method(method)
        .uri(PATH)
        .header(ORIGIN, SITE);
    if preflight {
        request = request.header("access-control-request-method", "GET");
    }
    if !by.is_empty() {
        request = request.header("authorization", format!("Bearer {by}"));
    }
    let request = request.body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap()
}

#[tokio::test]
async fn outside_of_the_gate_it_answers_preflights_and_marks_refusals() {
    let canary = Canary::default();
    let gated = Gated::new(gate(), who).get("/orgs/{org}/chats", READ, handler(&canary));
    let router = gated.into_router().unwrap();
    let router = router.layer(map_request(authenticate)).layer(layer());
    for &(method, by, status, marked, runs) in CORS_OUTSIDE {
        let answer = ask(&router, method, by).await;
        // tower-http takes every `OPTIONS` for a preflight.
        let status = if method == "OPTIONS" { 200 } else { status };
        assert_eq!(answer.status(), status, "{method} by {by}");
        let allowed = answer
            .headers()
            .get(ALLOWED)
            .is_some_and(|site| site == SITE);
        assert_eq!(allowed, marked, "{method} by {by}");
        assert_eq!(canary.take().len(), usize::from(runs), "{method} by {by}");
        if matches!(status, 401 | 403) {
            assert_eq!(answer.headers()["content-type"], "application/problem+json");
            let varies: Vec<_> = answer.headers().get_all("vary").iter().collect();
            assert!(varies.iter().any(|value| *value == "*"), "{varies:?}");
            assert_eq!(answer.headers()["cache-control"], "no-store");
        } else if method == "PREFLIGHT" {
            assert!(
                answer
                    .into_body()
                    .collect()
                    .await
                    .unwrap()
                    .to_bytes()
                    .is_empty()
            );
        }
    }
}

#[tokio::test]
async fn inside_of_the_gate_it_sees_what_was_admitted_alone() {
    let canary = Canary::default();
    let handler = handler(&canary).layer(layer());
    let gated = Gated::new(gate(), who).get("/orgs/{org}/chats", READ, handler);
    let router = gated
        .into_router()
        .unwrap()
        .layer(map_request(authenticate));
    for (method, by, status) in [
        ("PREFLIGHT", "", 405),
        ("PREFLIGHT", "alice", 405),
        ("OPTIONS", "alice", 405),
        ("GET", "", 401),
        ("GET", "mallory", 403),
        ("HEAD", "mallory", 403),
        ("GET", "alice", 200),
        ("HEAD", "alice", 200),
    ] {
        let answer = ask(&router, method, by).await;
        assert_eq!(answer.status(), status, "{method} by {by}");
        assert_eq!(answer.headers().contains_key(ALLOWED), status == 200);
        assert_eq!(
            canary.take().len(),
            usize::from(status == 200),
            "{method} by {by}"
        );
    }
}
