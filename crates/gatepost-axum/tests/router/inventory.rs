//! The inventory: what a router tells of its routes.

use axum::routing::{MethodFilter, any, get};

use crate::fixture::{Canary, READ, UPDATE, ask, gated};

const PATH: &str = "/orgs/{org}/chats";

#[test]
fn the_inventory_has_an_entry_for_each_method_with_requirement_or_reason() {
    let canary = Canary::default();
    let run = || canary.handler("run");
    let both = MethodFilter::PUT.or(MethodFilter::PATCH);
    let inner = gated()
        .post("/chats", UPDATE, run())
        .get("/", READ, run())
        .public("/hello", any(|| async {}), "says hello");
    let gated = gated()
        .get(PATH, READ.hidden(), run())
        .on(both, PATH, UPDATE, run())
        .nest("/api/{org}/", inner)
        .merge(crate::fixture::gated().delete("/x/{org}", UPDATE, run()))
        .public("/healthz", get(|| async {}), "liveness probe")
        .capabilities("/.well-known/gatepost/capabilities");
    let inventory = gated.routes();
    let told = inventory.routes().iter().map(|route| {
        let what = match route.requirement() {
            Some(requirement) => requirement.action.clone(),
            None => format!("{:?}", route.access),
        };
        format!("{} {} {what}", route.method, route.path)
    });
    let told: Vec<_> = told.collect();
    assert_eq!(
        told,
        [
            "GET /.well-known/gatepost/capabilities Public(\"answers each subject about itself alone\")",
            "GET /api/{org} read",
            "POST /api/{org}/chats update",
            "* /api/{org}/hello Public(\"says hello\")",
            "* /healthz Public(\"liveness probe\")",
            "GET /orgs/{org}/chats read",
            "PATCH /orgs/{org}/chats update",
            "PUT /orgs/{org}/chats update",
            "DELETE /x/{org} update",
        ]
    );
    let debug = format!("{gated:?}");
    assert!(debug.contains("/api/{org}/hello") && debug.contains("liveness probe"));
    assert!(gated.into_router().is_ok());
}

#[test]
fn the_order_of_registration_changes_nothing_in_the_inventory() {
    let canary = Canary::default();
    let run = || canary.handler("run");
    let one = gated().get(PATH, READ, run()).post(PATH, UPDATE, run());
    let other = gated().post(PATH, UPDATE, run()).get(PATH, READ, run());
    let other = other.routes().without_sources();
    assert_eq!(one.routes().without_sources(), other);
    assert_ne!(one.routes(), other);
}

#[tokio::test]
async fn what_the_inventory_tells_is_what_is_served() {
    let canary = Canary::default();
    let gated = gated().get(PATH, READ, canary.handler("list")).nest(
        "/api/{org}/",
        gated().post("/chats", UPDATE, canary.handler("create")),
    );
    let inventory = gated.routes();
    let router = gated.into_router().unwrap();
    for route in inventory.routes() {
        let path = route.path.replace("{org}", "acme");
        let answer = ask(&router, &route.method, &path, "alice").await;
        assert_eq!(answer.status, 200, "{path}");
    }
    assert_eq!(canary.ran(), ["create", "list"]);
}
