//! The assertion that whatever an application answers is decided, and by what its inventory says.

use std::panic::AssertUnwindSafe;

use actix_web::http::Method;
use actix_web::test::init_service;
use actix_web::web::{ServiceConfig, delete, get, resource, route, scope};
use actix_web::{App, HttpResponse, error, guard};
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

#[actix_web::test]
async fn an_empty_404_of_a_handler_is_none_of_the_framework() {
    let routes = gated().routes(|app, gate| {
        app.service(gate.resource("/{org}/base").get(READ, handler));
    });
    let routes = routes.unwrap();
    let absent = async || HttpResponse::NotFound().finish();
    let no_method = async || HttpResponse::MethodNotAllowed().finish();
    let fails = async || Err::<&str, _>(error::ErrorNotFound(""));
    let header = || guard::Header("x-debug", "1");
    for (what, named, route) in [
        (
            "/plain/{id}",
            "`DELETE /plain/{id}` is answered 404",
            delete().to(absent),
        ),
        (
            "/plain/{id}",
            "`DELETE /plain/{id}` is answered 405",
            delete().to(no_method),
        ),
        ("/plain", "`GET /plain` is answered 404", get().to(fails)),
        ("/plain", "`PUT /plain` is answered 404", route().to(absent)),
        (
            "/plain",
            "`PUT /plain` is answered 405",
            route().to(no_method),
        ),
        (
            "/plain",
            "`GET /plain` is answered 404",
            get().guard(header()).to(absent),
        ),
    ] {
        let told = said(
            |app| {
                app.configure(&*routes).route(what, route);
            },
            routes.inventory(),
        );
        let told = told.await;
        assert!(told.contains(named), "{named}: {told}");
    }
    // Nor is one that stands beside a gated route for all other methods.
    let told = said(
        |app| {
            let gated = gated().get(READ, handler);
            app.service(resource("/{org}/base").route(gated).to(absent));
        },
        routes.inventory(),
    );
    let told = told.await;
    assert!(
        told.contains("`DELETE /{org}/base` is answered 404"),
        "{told}"
    );
}

#[actix_web::test]
async fn what_is_not_there_is_none_to_complain_of_in_any_form() {
    let routes = gated().routes(|app, gate| {
        app.route("/{org}/route", gate.get(READ, handler))
            .service(gate.resource("/{org}/resource").post(UPDATE, handler))
            .service(
                scope("/in/{org}")
                    .route("", gate.get(READ, handler))
                    .route("/x", gate.post(UPDATE, handler)),
            )
            .service(scope("/tail/{org}").service(gate.resource("/{tail}*").get(READ, handler)));
    });
    let routes = routes.unwrap();
    assert_eq!(said(&*routes, routes.inventory()).await, "");
}

#[actix_web::test]
async fn what_only_a_guard_of_the_service_lets_through_and_a_method_of_its_own_are_not_missed() {
    let routes = gated().routes(|app, gate| {
        let debug = guard::fn_guard(|context| context.head().uri.query() == Some("debug"));
        let purge = Method::from_bytes(b"PURGE").unwrap();
        app.service(
            resource("/{org}/guarded")
                .guard(debug)
                .route(gate.get(READ, handler)),
        )
        .service(gate.resource("/{org}/purged").on(purge, UPDATE, handler));
    });
    let routes = routes.unwrap();
    assert_eq!(routes.inventory().routes().len(), 2);
    assert_eq!(said(&*routes, routes.inventory()).await, "");
}

#[actix_web::test]
async fn scopes_that_hosts_and_headers_choose_are_each_asked() {
    let mount = |second: gatepost_actix::Requirement| {
        move |app: &mut ServiceConfig, gate: &Gated| {
            for (host, requirement) in [("a.example", READ), ("b.example", second)] {
                app.service(
                    scope("/api")
                        .guard(guard::Host(host))
                        .service(gate.resource("/{org}").get(requirement, handler)),
                );
            }
            for (version, requirement) in [("1", READ), ("2", second)] {
                app.service(
                    scope("/by")
                        .guard(guard::Header("accept-version", version))
                        .route("/{org}", gate.get(requirement, handler)),
                );
            }
        }
    };
    let routes = gated().routes(mount(UPDATE)).unwrap();
    assert_eq!(routes.inventory().routes().len(), 4);
    assert_eq!(said(&*routes, routes.inventory()).await, "");
    // Of the first alone, the second is another.
    let first = gated().routes(mount(READ)).unwrap();
    let told = said(&*routes, first.inventory()).await;
    for path in ["/api/{org}", "/by/{org}"] {
        let want = format!("`GET {path}` meets `chat:update in path org`");
        assert!(told.contains(&want), "{told}");
    }
}
