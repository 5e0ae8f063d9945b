//! The assertion that whatever an application answers is decided, and by what its inventory says.

use std::panic::AssertUnwindSafe;

use actix_web::App;
use actix_web::http::Method;
use actix_web::test::init_service;
use actix_web::web::{ServiceConfig, get, resource, scope};
use futures_util::FutureExt;
use gatepost_actix::testing::{assert_decided, assert_decided_with};
use gatepost_actix::{Gated, Inventory, InventoryRoute};

use crate::fixture::{Canary, READ, READ_OWN, SITE_WIDE, UPDATE, gated};

async fn handler() -> &'static str {
    "ran"
}

/// What is said of an application of these routes, and of an inventory.
async fn said(routes: impl FnOnce(&mut ServiceConfig), inventory: &Inventory) -> String {
    let app = init_service(App::new().configure(routes)).await;
    let asserted = AssertUnwindSafe(assert_decided(&app, inventory));
    let failed = asserted.catch_unwind().await.err();
    failed.map_or_else(String::new, |failed| {
        failed.downcast_ref::<String>().unwrap().clone()
    })
}

fn mount(app: &mut ServiceConfig, gate: &Gated, canary: &Canary) {
    let run = |name| canary.handler(name);
    app.service(
        gate.resource("/orgs/{org}/chats")
            .get(READ, run("list"))
            .post(UPDATE, run("create")),
    )
    .service(scope("/in/{org}").service(gate.resource(r"/{id:\d{2}}").get(READ, run("one"))))
    .service(
        gate.choice("/{org}/choice")
            .when(UPDATE, run("all"))
            .when(READ, run("own")),
    )
    .service(
        gate.scope("/admin", SITE_WIDE)
            .route("/x", get().to(run("plain")))
            .service(resource("/any").to(run("any")))
            .route("/own/{org}", gate.get(READ, run("inner"))),
    )
    .service(
        gate.public_scope("/static", "a test")
            .route("/{file}*", get().to(run("file"))),
    )
    .service(
        gate.resource("/healthz")
            .public(Method::GET, "a test", run("healthz")),
    )
    .service(
        resource("/{org}/guarded")
            .route(
                gate.get(UPDATE, run("guarded"))
                    .guard(gate.guard(READ).at("/{org}/guarded")),
            )
            .route(gate.instead().get(READ_OWN, run("instead"))),
    )
    .service(gate.capabilities("/capabilities"));
}

#[actix_web::test]
async fn an_application_that_decides_everything_is_none_to_complain_of_and_runs_nothing() {
    let canary = Canary::default();
    let inner = canary.clone();
    let routes = gated().routes(move |app, gate| mount(app, gate, &inner));
    let routes = routes.unwrap();
    assert_eq!(said(&*routes, routes.inventory()).await, "");
    canary.assert_silent();
    // Nor does what is around all routes change anything.
    let app = App::new().configure(&*routes).wrap(gated().only_decided());
    assert_decided(&init_service(app).await, routes.inventory()).await;
    canary.assert_silent();
}

#[actix_web::test]
async fn an_inventory_of_something_else_is_none_of_this() {
    let routes = gated().routes(|app, gate| {
        app.service(
            gate.resource("/{org}/a")
                .get(READ, handler)
                .post(UPDATE, handler),
        )
        .service(gate.resource("/b").public(Method::GET, "a test", handler));
    });
    let routes = routes.unwrap();
    for (other, want) in [
        (
            vec![InventoryRoute::public("GET", "/{org}/a", "why")],
            "`GET /{org}/a` meets `chat:read in path org`, and the inventory says public",
        ),
        (
            vec![InventoryRoute::requiring("GET", "/{org}/a", &READ_OWN)],
            "and the inventory says `chat:read in path org, owner subject`",
        ),
        (
            vec![InventoryRoute::requiring("GET", "/b", &READ)],
            "`GET /b` meets a public route, and the inventory says `chat:read in path org`",
        ),
        (vec![], "`POST /{org}/a` is not in the inventory"),
        (
            vec![InventoryRoute::requiring("GET", "/{org}/c", &READ)],
            "`GET /{org}/c` is in the inventory, and no request comes to it",
        ),
        (
            vec![InventoryRoute::requiring("PUT", "/{org}/a", &READ)],
            "`PUT /{org}/a` is in the inventory, and no request comes to it",
        ),
    ] {
        let told = said(&*routes, &Inventory::new(other)).await;
        assert!(told.contains(want), "{told}");
    }
}

#[actix_web::test]
async fn a_gated_route_that_a_broader_one_stands_in_front_of_is_found() {
    let routes = gated().routes(|app, gate| {
        app.service(gate.resource("/{org}/{id}").get(READ, handler))
            .service(gate.resource("/{org}/new").get(UPDATE, handler));
    });
    let routes = routes.unwrap();
    let told = said(&*routes, routes.inventory()).await;
    assert!(told.contains("`GET /{org}/new` meets `chat:read in path org`, and the inventory says `chat:update in path org`"), "{told}");
}

#[actix_web::test]
async fn a_parameter_for_which_no_value_is_known_is_a_failure_until_it_is_given() {
    let routes = gated().routes(|app, gate| {
        app.service(gate.resource("/{org}/{id:zz-[7-9]+}").get(READ, handler));
    });
    let routes = routes.unwrap();
    let told = said(&*routes, routes.inventory()).await;
    assert!(
        told.contains("`/{org}/{id:zz-[7-9]+}` has a parameter for which no value is known"),
        "{told}"
    );
    let app = init_service(App::new().configure(&*routes)).await;
    assert_decided_with(&app, routes.inventory(), &[("id", "zz-8")]).await;
}

#[actix_web::test]
async fn requirements_by_hand_around_gated_routes_are_none_to_complain_of() {
    let routes = gated().routes(|app, gate| {
        let inner = gate.resource("/x").get(UPDATE, handler);
        app.service(scope("/in/{org}").service(inner).wrap(gate.require(READ)));
    });
    let routes = routes.unwrap();
    assert_eq!(said(&*routes, routes.inventory()).await, "");
}
