//! What stands behind something else that takes its path, and is refused when the routes are tried out.

use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef, ServiceRequest, fn_service};
use actix_web::http::Method;
use actix_web::web::{ServiceConfig, get, post, resource, scope};
use actix_web::{Error, HttpResponse, guard};
use gatepost_actix::{Gated, RouteAccess};

use crate::fixture::{READ, SITE_WIDE, UPDATE, gated};

async fn handler() -> &'static str {
    "ran"
}

/// A service of another crate, which takes whatever begins as its path does.
struct Foreign;

impl HttpServiceFactory for Foreign {
    fn register(self, config: &mut AppService) {
        let answer = async |request: ServiceRequest| {
            Ok::<_, Error>(request.into_response(HttpResponse::Ok().finish()))
        };
        let path = ResourceDef::prefix("/files");
        config.register_service(path, None, fn_service(answer), None);
    }
}

type Mount = fn(&mut ServiceConfig, &Gated);

#[test]
#[rustfmt::skip]
fn a02_a_gated_route_that_something_else_answers_for_is_refused_at_start_up() {
    let ways: &[(&str, Mount)] = &[
        ("`GET /{org}/new` stands behind `/{org}/{id}`", |app, gate| {
            app.service(gate.resource("/{org}/{id}").get(READ, handler))
                .service(gate.resource("/{org}/new").get(UPDATE, handler));
        }),
        ("`GET /open/report` stands behind `/open/{any}`", |app, gate| {
            app.service(gate.public_scope("/open", "a test").route("/{any}", get().to(handler))
                .service(gate.resource("/report").get(SITE_WIDE, handler)));
        }),
        ("`GET /o/{org}/report` stands behind `/o/{org}/{any}`", |app, gate| {
            app.service(gate.scope("/o/{org}", READ).route("/{any}", get().to(handler))
                .service(gate.resource("/report").get(UPDATE, handler)));
        }),
        ("`GET /o/{org}/report` stands behind `/o/{org}/{any}`", |app, gate| {
            app.service(scope("/o/{org}").wrap(gate.require(READ))
                .service(gate.resource("/{any}").get(READ, handler))
                .service(gate.resource("/report").get(UPDATE, handler)));
        }),
        ("`GET /o/x` stands behind `/o/{any}`", |app, gate| {
            app.service(gate.public_scope("/o", "a test").service(resource("/{any}").to(handler))
                .service(gate.resource("/x").get(SITE_WIDE, handler)));
        }),
        ("`* /o` stands behind the scope `/o`", |app, gate| {
            app.service(gate.public_scope("/o", "a test").route("/m", get().to(handler)))
                .service(gate.scope("/o", SITE_WIDE).route("/m", get().to(handler)));
        }),
        ("`* /o/{org}` stands behind the scope `/o/{org}`", |app, gate| {
            app.service(gate.scope("/o/{org}", READ).route("/m", get().to(handler)))
                .service(gate.scope("/o/{org}", UPDATE).route("/m", get().to(handler)));
        }),
        ("`GET /o/x` stands behind the scope `/o`", |app, gate| {
            app.service(gate.public_scope("/o", "a test").route("/{tail}*", get().to(handler)))
                .service(scope("/o").service(gate.resource("/x").get(SITE_WIDE, handler)));
        }),
        ("`* /o/admin` stands behind the scope `/o`", |app, gate| {
            app.service(gate.public_scope("/o", "a test").route("/{tail}*", get().to(handler)))
                .service(gate.scope("/o/admin", SITE_WIDE).route("/m", get().to(handler)));
        }),
        ("`GET /o/secret` stands behind the scope `/o`", |app, gate| {
            app.service(gate.public_scope("/o", "a test").route("/x", get().to(handler)))
                .service(gate.resource("/o/secret").get(SITE_WIDE, handler));
        }),
        ("`GET /base/{org}` stands behind the scope `/{any}`", |app, gate| {
            app.service(gate.public_scope("/{any}", "a test").route("/x", get().to(handler)))
                .service(gate.resource("/base/{org}").get(READ, handler));
        }),
        ("`GET /in/{org}/y` stands behind a scope that has no such path", |app, gate| {
            app.service(scope("/in").service(gate.resource("/{org}/x").get(READ, handler)))
                .service(gate.resource("/in/{org}/y").get(READ, handler));
        }),
        ("`GET /o/admin/m` stands behind `/o/{tail}*`", |app, gate| {
            app.service(gate.public_scope("/o", "a test").route("/{tail}*", get().to(handler))
                .service(gate.scope("/admin", SITE_WIDE).route("/m", get().to(handler))));
        }),
        ("`GET /o/x` stands behind `/o/{other}`", |app, gate| {
            app.service(gate.public_scope("/o", "a test").route("/{any}", post().to(handler))
                .route("/{other}", get().to(handler)).route("/x", gate.get(SITE_WIDE, handler)));
        }),
        ("`GET /{org}/new` stands behind `/{org}/{other}`", |app, gate| {
            app.route("/{org}/{id}", gate.post(READ, handler)).route("/{org}/{other}", gate.get(READ, handler))
                .route("/{org}/new", gate.get(UPDATE, handler));
        }),
        ("`GET /o/files/{org}` stands behind `/o/files`", |app, gate| {
            app.service(gate.public_scope("/o", "a test").service(Foreign)
                .service(gate.resource("/files/{org}").get(READ, handler)));
        }),
        ("`HEAD /{org}` stands beside `GET`", |app, gate| {
            app.service(gate.resource("/{org}").get(READ, handler).on(Method::HEAD, UPDATE, handler));
        }),
        ("`HEAD /{org}` stands beside `GET`", |app, gate| {
            app.route("/{org}", gate.on(Method::HEAD, UPDATE, handler)).route("/{org}", gate.get(READ, handler));
        }),
    ];
    for (want, mount) in ways {
        let why = gated().routes(*mount).err().map(|why| why.to_string());
        assert!(why.as_ref().is_some_and(|why| why.contains(want)), "{want}: {why:?}");
    }
}

#[test]
#[rustfmt::skip]
fn what_takes_other_paths_and_methods_or_is_chosen_by_guards_is_in_front_of_nothing() {
    let ways: &[Mount] = &[
        |app, gate| {
            app.service(gate.resource("/{org}/new").get(UPDATE, handler))
                .service(gate.resource("/{org}/{id}").get(READ, handler));
        },
        |app, gate| {
            app.route("/{org}/{id}", gate.get(READ, handler)).route("/{org}/new", gate.post(UPDATE, handler));
        },
        |app, gate| {
            app.service(gate.resource(r"/n/{org:\d+}").get(READ, handler))
                .service(gate.resource("/n/{org}").get(UPDATE, handler));
        },
        |app, gate| {
            app.service(gate.public_scope("/en", "a test").route("/x", get().to(handler)))
                .service(gate.resource("/{org:[a-z]{2}}/x").get(READ, handler));
        },
        |app, gate| {
            app.service(resource("/{org}/{id}").guard(guard::Header("a", "1")).route(gate.get(READ, handler)))
                .service(gate.resource("/{org}/new").get(UPDATE, handler));
        },
        |app, gate| {
            app.service(gate.scope("/a", SITE_WIDE).route("/x", get().to(handler)))
                .service(gate.scope("/ab", SITE_WIDE).route("/x", post().to(handler)));
        },
        |app, gate| {
            app.service(scope("").guard(guard::Host("a.example")).service(gate.resource("/a/{org}").get(READ, handler)))
                .service(scope("").guard(guard::Host("b.example")).service(gate.resource("/b/{org}").get(READ, handler)));
        },
        |app, gate| {
            app.route("/{org}/{id}", gate.post(READ, handler)).route("/{org}/new", gate.get(UPDATE, handler))
                .route("/{org}/{other}", gate.get(READ, handler));
        },
        |app, gate| {
            app.service(gate.scope("/a", SITE_WIDE).route("/{any}", get().to(handler)).route("/x", get().to(handler)));
        },
        |app, gate| {
            app.service(resource(["/{org}/a", "/{org}/b"]).route(gate.get(READ, handler)));
        },
    ];
    for mount in ways {
        gated().routes(*mount).unwrap();
    }
}

#[test]
fn of_scopes_of_one_path_that_guards_choose_every_requirement_is_told() {
    let routes = gated().routes(|app, gate| {
        let host = |name: &'static str| guard::Host(name);
        app.service(
            gate.scope("/o/{org}", READ)
                .guard(host("a.example"))
                .route("/m", get().to(handler)),
        )
        .service(
            gate.scope("/o/{org}", UPDATE)
                .guard(host("b.example"))
                .route("/m", get().to(handler)),
        )
        .service(
            gate.public_scope("/p/{org}", "a test")
                .guard(host("a.example"))
                .route("/m", get().to(handler)),
        )
        .service(
            gate.scope("/p/{org}", READ)
                .guard(host("b.example"))
                .route("/m", gate.get(UPDATE, handler)),
        );
    });
    let routes = routes.unwrap();
    let lines = routes.inventory().routes().iter().map(|route| {
        let access = match &route.access {
            RouteAccess::Requires(record) => record.to_string(),
            RouteAccess::Public(_) => "public".to_owned(),
        };
        format!("{} {} {access}", route.method, route.path)
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    let want = [
        "GET /o/{org}/m chat:read in path org",
        "GET /o/{org}/m chat:update in path org",
        "GET /p/{org}/m chat:read in path org",
        "GET /p/{org}/m chat:update in path org",
        "GET /p/{org}/m public",
    ];
    assert_eq!(lines, want);
}

#[test]
fn routes_that_cannot_be_tried_out_are_not_said_to_be_none() {
    let missing = gated().routes(|_, _| panic!("no such variable"));
    let why = missing.err().unwrap().to_string();
    assert!(
        why.contains("no such variable") && !why.contains("no route"),
        "{why}"
    );
    let none = gated().routes(|_, _| ()).err().unwrap().to_string();
    assert!(none.contains("no route"), "{none}");
}
