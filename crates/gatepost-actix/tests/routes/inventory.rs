//! The inventory of a service's routes: whole paths, what each requires, and where it was registered.

use actix_web::guard;
use actix_web::http::Method;
use actix_web::web::{self, get, post, resource, scope, to};
use gatepost_actix::{Gated, Inventory, RouteAccess};

use crate::fixture::{KILLED, READ, READ_OWN, SITE_WIDE, UPDATE, gated};

async fn handler() -> &'static str {
    "ran"
}

/// Each route in a line.
fn lines(inventory: &Inventory) -> Vec<String> {
    let routes = inventory.routes().iter();
    let lines = routes.map(|route| {
        let access = match &route.access {
            RouteAccess::Requires(record) => record.to_string(),
            RouteAccess::Public(why) => format!("public: {why}"),
        };
        format!("{} {} {access}", route.method, route.path)
    });
    lines.collect()
}

#[test]
fn a18_every_route_is_there_with_its_whole_path_and_what_it_requires() {
    let routes = gated().routes(|app, gate| {
        let deep = scope("/deep").service(
            gate.resource("/{id:\\d+}")
                .get(READ, handler)
                .delete(UPDATE, handler),
        );
        app.service(
            scope("/orgs/{org}")
                .service(deep)
                .service(gate.resource("").post(UPDATE, handler)),
        )
        .route("/tail/{org}*", gate.put(UPDATE, handler))
        .service(resource(["/a/{org}", "/b/{org}"]).route(gate.get(READ, handler)))
        .service(gate.resource("/healthz").public(
            Method::GET,
            "probes have no identity",
            handler,
        ));
    });
    let routes = routes.unwrap();
    let want = [
        "GET /a/{org} chat:read in path org",
        "GET /b/{org} chat:read in path org",
        "GET /healthz public: probes have no identity",
        "POST /orgs/{org} chat:update in path org",
        "DELETE /orgs/{org}/deep/{id:\\d+} chat:update in path org",
        "GET /orgs/{org}/deep/{id:\\d+} chat:read in path org",
        "PUT /tail/{org}* chat:update in path org",
    ];
    assert_eq!(lines(routes.inventory()), want);
    for route in routes.inventory().routes() {
        let source = route.source.as_deref().unwrap();
        assert!(source.contains("tests/routes/inventory.rs:"), "{source}");
    }
    let healthz = &routes.inventory().routes()[2];
    let line = healthz
        .source
        .as_deref()
        .unwrap()
        .rsplit(':')
        .next()
        .unwrap();
    let line: usize = line.parse().unwrap();
    assert!(
        include_str!("inventory.rs")
            .lines()
            .nth(line - 1)
            .unwrap()
            .contains("/healthz")
    );
}

#[test]
fn a18_a_route_that_becomes_public_is_another_inventory() {
    let of = |routes: fn(&mut web::ServiceConfig, &Gated)| {
        gated()
            .routes(routes)
            .unwrap()
            .inventory()
            .clone()
            .without_sources()
    };
    let reviewed = of(|app, gate| {
        app.service(gate.resource("/base/{org}").get(READ, handler))
            .service(gate.resource("/{org}").post(UPDATE, handler));
    });
    let opened = of(|app, gate| {
        app.service(gate.resource("/base/{org}").get(READ, handler))
            .service(
                gate.resource("/{org}")
                    .public(Method::POST, "everybody may", handler),
            );
    });
    let changes = reviewed.changes(&opened).to_string();
    assert!(
        changes.contains("POST /{org}: chat:update → public"),
        "{changes}"
    );
}

#[test]
fn a_plain_route_of_a_gated_scope_is_there_with_the_requirement_around_it() {
    let routes = gated().routes(|app, gate| {
        app.service(
            gate.scope("/admin", SITE_WIDE)
                .route("", get().to(handler))
                .route("/own/{org}", gate.get(READ, handler))
                .route("/own/{org}", post().to(handler))
                .service(resource("/any").to(handler))
                .service(resource("/head").get(handler).head(handler))
                .service(scope("/deep").route("/x", get().to(handler)))
                .service(
                    gate.scope("/in/{org}", UPDATE)
                        .route("/x", get().to(handler)),
                )
                .service(
                    gate.public_scope("/open", "a test")
                        .route("/x", get().to(handler)),
                ),
        )
        .service(
            gate.public_scope("/static", "files for everybody")
                .service(gate.resource("/own/{org}").get(READ, handler))
                .route("/{file}*", get().to(handler)),
        );
    });
    let want = [
        "GET /admin chat:read in none",
        "* /admin/any chat:read in none",
        "GET /admin/deep/x chat:read in none",
        "GET /admin/head chat:read in none",
        "GET /admin/in/{org}/x chat:update in path org",
        "GET /admin/open/x public: a test",
        "GET /admin/own/{org} chat:read in path org",
        "POST /admin/own/{org} chat:read in none",
        "GET /static/own/{org} chat:read in path org",
        "GET /static/{file}* public: files for everybody",
    ];
    assert_eq!(lines(routes.unwrap().inventory()), want);
}

#[test]
fn a18_what_guards_and_choices_choose_from_is_all_there() {
    let routes = gated().routes(|app, gate| {
        app.service(
            gate.choice("/{org}/c")
                .when(READ, handler)
                .when(READ_OWN, handler),
        )
        .service(
            resource("/{org}/g")
                .route(
                    gate.public(Method::GET, "a test", handler)
                        .guard(guard::Header("x-go", "1")),
                )
                .route(gate.get(READ, handler)),
        );
    });
    let want = [
        "GET /{org}/c chat:read in path org",
        "GET /{org}/c chat:read in path org, owner subject",
        "GET /{org}/g chat:read in path org",
        "GET /{org}/g public: a test",
    ];
    assert_eq!(lines(routes.unwrap().inventory()), want);
}

#[test]
fn routes_of_another_gate_are_there_as_well() {
    let other = gated();
    let routes = gated().routes(move |app, gate| {
        app.service(gate.resource("/own/{org}").get(READ, handler))
            .service(other.resource("/other/{org}").get(KILLED, handler));
    });
    let want = [
        "GET /other/{org} killed:read in path org",
        "GET /own/{org} chat:read in path org",
    ];
    assert_eq!(lines(routes.unwrap().inventory()), want);

    let other = gated();
    let refused = gated().routes(move |app, gate| {
        app.service(gate.resource("/own/{org}").get(READ, handler))
            .service(other.resource("/other/{og}").get(READ, handler));
    });
    let why = refused.err().unwrap().to_string();
    assert!(
        why.contains("GET /other/{og}") && why.contains("reads `{org}`"),
        "{why}"
    );
}

#[test]
fn no_handler_and_no_middleware_runs_while_routes_are_tried_out() {
    let ran = async || -> &'static str { panic!("a handler ran") };
    let routes = gated().routes(move |app, gate| {
        app.service(gate.resource("/{org}").get(READ, ran))
            .service(gate.scope("/admin", SITE_WIDE).default_service(to(ran)))
            .default_service(to(ran));
    });
    assert!(routes.is_ok());
}
