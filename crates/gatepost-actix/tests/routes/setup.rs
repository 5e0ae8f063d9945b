//! Routes that cannot be gated as they are meant are refused before anything is served.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};

use actix_service::boxed::BoxService;
use actix_web::dev::{ServiceRequest, ServiceResponse, fn_factory, fn_service};
use actix_web::http::Method;
use actix_web::middleware::Compress;
use actix_web::web::{ServiceConfig, get, resource, scope};
use actix_web::{Error, HttpResponse, guard};
use gatepost_actix::{Gated, Org, Owner, Requirement, Resource};

use crate::fixture::{
    BY_BODY, Canary, Chats, READ, READ_LOADED, RUN, SITE_WIDE, UPDATE, ask, gated, request, send,
    serve,
};

/// What is said of routes that are refused; nothing of those that are not.
fn refused(routes: impl Fn(&mut ServiceConfig, &Gated) + Clone + Send) -> Vec<String> {
    let Err(error) = gated().routes(routes) else {
        return Vec::new();
    };
    let problems = error.problems().iter();
    problems
        .map(|problem| format!("{}: {}", problem.route, problem.message))
        .collect()
}

async fn handler() -> &'static str {
    "ran"
}

#[actix_web::test]
async fn a16_no_route_at_all_is_refused() {
    for refused in [
        refused(|_, _| {}),
        // None of these is behind a requirement.
        refused(|app, _| {
            app.service(resource("/chats").get(handler));
        }),
        refused(|app, gate| {
            app.service(resource("/chats").route(gate.public(Method::GET, "a test", handler)));
        }),
        refused(|app, gate| {
            app.service(gate.choice("/chats"));
        }),
    ] {
        assert_eq!(refused[0], "*: there is no route");
    }
    let protected = refused(|app, gate| {
        app.service(gate.scope("/chats", SITE_WIDE).route("", get().to(handler)));
    });
    assert!(protected.is_empty(), "{protected:?}");
}

#[actix_web::test]
async fn a16_a_requirement_that_is_mounted_nowhere_is_refused() {
    let said = refused(|app, gate| {
        app.service(gate.resource("/{org}").get(READ, handler));
        drop(gate.post(UPDATE, handler));
        drop(gate.scope("/admin", SITE_WIDE));
    });
    assert_eq!(said.len(), 2, "{said:?}");
    for (said, method) in said.iter().zip(["POST: ", "*: "]) {
        let told = "was registered, and is mounted nowhere (";
        assert!(said.starts_with(&format!("{method}{told}")), "{said}");
        assert!(said.contains("setup.rs:"), "{said}");
    }
}

#[actix_web::test]
async fn a_requirement_that_no_request_could_meet_is_refused_and_not_only_the_first() {
    const NO_ORG: Requirement = Requirement::new("chat", "read");
    const NO_ORG_EITHER: Requirement = Requirement::new("chat", "update");
    let said = refused(|app, gate| {
        app.service(resource("/a").route(gate.get(NO_ORG, handler)))
            .service(resource("/b").route(gate.post(NO_ORG_EITHER, handler)))
            .service(resource("/{org}/c").route(gate.get(READ_LOADED, handler)))
            .service(
                gate.choice("/{org}/e")
                    .when(READ, handler)
                    .when(NO_ORG, handler),
            )
            .service(resource("/f").route(gate.public(Method::GET, " ", handler)))
            .service(resource("/{org}/g").route(gate.get(READ, handler)))
            .service(gate.scope("/d", NO_ORG))
            .service(gate.scope("/h/{org}", READ).wrap(gate.require(NO_ORG)))
            .service(gate.public_scope("/i", ""));
    });
    let mut routes: Vec<_> = said
        .iter()
        .map(|problem| problem.split(": ").next().unwrap())
        .collect();
    routes.sort_unstable();
    let want = [
        "*",
        "* /d",
        "* /i",
        "GET /a",
        "GET /f",
        "GET /{org}/c",
        "GET /{org}/e",
        "POST /b",
    ];
    assert_eq!(routes, want, "{said:?}");
    assert!(
        said.iter().all(|said| said.contains("setup.rs:")),
        "{said:?}"
    );
}

#[actix_web::test]
async fn a_path_parameter_that_a_requirement_reads_is_in_the_whole_path() {
    const BY_PATH: Requirement = Requirement::on(
        Resource::ByPath {
            param: "kind",
            map: &[("chat", "chat")],
            otherwise: "killed",
        },
        "read",
    )
    .org(Org::none());
    let mounted = |requirement: Requirement, outer: &'static str, path: &'static str| {
        refused(move |app, gate| {
            app.service(scope(outer).route(path, gate.get(requirement, handler)));
        })
    };
    let own = SITE_WIDE.owner(Owner::Path("who"));
    let header_too = READ.org(Org::header("x-org").and(Org::path("org")));
    for (requirement, outer, path, missing) in [
        (READ, "/orgs/{org}", "/chats", None),
        (READ, r"/orgs/{org:[a-z]{2,9}}", "", None),
        (READ, "/orgs", "/{org}*", None),
        (READ, "/orgs/{og}", "/chats", Some("org")),
        (READ, "/orgs", "/{id:org}", Some("org")),
        (header_too, "/orgs", "/{id}", Some("org")),
        (own, "/of/{who}", "/chats", None),
        (own, "/of/{whom}", "/chats", Some("who")),
        (BY_PATH, "/of", "/{kind}", None),
        (BY_PATH, "/of", "/{sort}", Some("kind")),
    ] {
        let said = mounted(requirement, outer, path);
        let want =
            missing.map(|param| format!("which reads `{{{param}}}` of a path that has none ("));
        assert_eq!(said.len(), usize::from(want.is_some()), "{said:?}");
        assert!(
            said.first()
                .zip(want)
                .is_none_or(|(said, want)| said.contains(&want)),
            "{said:?}"
        );
    }
    // A scope knows its own path alone.
    let said = refused(|app, gate| {
        app.service(
            gate.scope("/chats", READ)
                .route("/{org}", get().to(handler)),
        );
    });
    assert!(
        said[0].starts_with("* /chats: requires `chat:read`, which reads `{org}`"),
        "{said:?}"
    );
}

#[actix_web::test]
async fn one_method_twice_on_one_path_is_refused_where_no_guard_chooses() {
    let said = refused(|app, gate| {
        app.service(
            gate.resource("/{org}/a")
                .get(READ, handler)
                .get(UPDATE, handler),
        )
        .service(gate.resource("/{org}/b").get(READ, handler).public(
            Method::GET,
            "a test",
            handler,
        ))
        .service(
            gate.resource("/{org}/c")
                .get(READ, handler)
                .post(UPDATE, handler),
        )
        .service(
            gate.choice("/{org}/d")
                .when(UPDATE, handler)
                .when(READ, handler),
        )
        .service(
            resource("/{org}/e")
                .route(gate.get(UPDATE, handler).guard(guard::Header("x-go", "1")))
                .route(gate.get(READ, handler)),
        );
    });
    let twice: Vec<_> = said
        .iter()
        .filter(|said| said.contains("is there twice, first at"))
        .collect();
    assert_eq!(twice.len(), 2, "{said:?}");
    for (said, route) in twice.iter().zip(["GET /{org}/a: ", "GET /{org}/b: "]) {
        assert!(said.starts_with(route), "{said}");
    }
    let others = said
        .iter()
        .filter(|said| !said.contains("/{org}/a: ") && !said.contains("/{org}/b: "));
    assert_eq!(others.count(), 0, "{said:?}");
}

#[actix_web::test]
async fn a_gated_scope_has_a_path_of_its_own() {
    for path in ["", "/"] {
        let said = refused(move |app, gate| {
            app.service(
                gate.scope(path, SITE_WIDE)
                    .route("/x", gate.get(SITE_WIDE, handler)),
            );
        });
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].contains("is a scope without a path of its own"),
            "{said:?}"
        );
    }
}

#[actix_web::test]
async fn what_the_policy_does_not_know_is_refused() {
    const TYPO: Requirement = Requirement::new("chat", "raed").org(Org::none());
    let said = refused(|app, gate| {
        app.service(gate.resource("/a").get(TYPO, handler))
            .service(gate.scope("/b", TYPO).route("/c", get().to(handler)));
    });
    assert_eq!(said.len(), 2, "{said:?}");
    for (said, route) in said.iter().zip(["GET /a: ", "* /b: "]) {
        assert!(
            said.starts_with(route)
                && said.contains("`chat:raed`, which the policy does not declare"),
            "{said}"
        );
    }
}

#[test]
fn what_does_not_come_to_its_end_while_it_is_tried_out_is_told() {
    let said = refused(|app, gate| {
        let never = || pending::<Result<BoxService<ServiceRequest, ServiceResponse, Error>, ()>>();
        app.service(gate.resource("/{org}").get(READ, handler))
            .default_service(fn_factory(never));
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("*: wait for something that does not come"),
        "{said:?}"
    );
}

#[actix_web::test]
async fn a_mistake_that_actix_panics_on_is_told_like_any_other() {
    let said = refused(|app, gate| {
        app.service(gate.resource("/{org}/{").get(READ, handler));
    });
    assert!(
        said[0].starts_with("*: panic while they are tried out: "),
        "{said:?}"
    );
    let said = refused(|app, gate| {
        app.route("/{org}", gate.get(READ, handler).to(handler));
    });
    assert!(
        said.last()
            .unwrap()
            .contains("panic while they are tried out: Route middleware"),
        "{said:?}"
    );
}

#[actix_web::test]
async fn a_guard_is_refused_what_it_cannot_ask() {
    let of = |requirement: Requirement, at: bool| {
        refused(move |app, gate| {
            let gate = gate.clone().loader("chat", Chats::default());
            let guard = gate.guard(requirement);
            let guard = if at { guard.at("/orgs/{org}") } else { guard };
            app.service(resource("/orgs/{org}").route(gate.get(READ, handler).guard(guard)));
        })
    };
    for (requirement, at, what) in [
        (READ, false, "add `.at("),
        (SITE_WIDE.owner(Owner::Path("id")), false, "add `.at("),
        (RUN, true, "takes its mode from the body"),
        (BY_BODY, true, "takes its org from what a guard cannot read"),
        (READ_LOADED, true, "depends on a loaded object"),
    ] {
        let said = of(requirement, at);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with("guard: ") && said[0].contains(what),
            "{said:?}"
        );
    }
    for (requirement, at) in [(READ, true), (SITE_WIDE, false)] {
        assert_eq!(of(requirement, at), Vec::<String>::new());
    }
}

#[actix_web::test]
async fn a16_a_route_that_was_not_tried_out_and_cannot_be_met_runs_for_nobody() {
    const NO_ORG: Requirement = Requirement::new("chat", "read");
    let canary = Canary::default();
    let gate = gated();
    let app = serve(|app| {
        app.route("/own", gate.get(NO_ORG, canary.handler("own")))
            .route("/loaded/{org}/{id}", gate.get(READ_LOADED, canary.handler("loaded")))
            .service(resource("/around").get(canary.handler("in")).wrap(gate.require(NO_ORG)))
            .service(gate.choice("/choice").when(NO_ORG, canary.handler("choice")))
            // The path has no such parameter.
            .route("/unbound", gate.get(READ, canary.handler("unbound")));
    })
    .await;
    for who in ["", "mallory", "alice", "root"] {
        for path in ["/own", "/loaded/acme/alices", "/around", "/choice"] {
            let answer = ask(&app, "GET", path, who).await;
            assert_eq!(
                (answer.said(), answer.status.as_u16()),
                ("permit_missing".into(), 500)
            );
        }
        assert!(ask(&app, "GET", "/unbound", who).await.code().is_some());
    }
    canary.assert_silent();
}

#[actix_web::test]
async fn routes_that_were_tried_out_are_what_is_served_in_each_worker() {
    let canary = Canary::default();
    let inner = canary.clone();
    let routes = gated().routes(move |app, gate| {
        app.route("/orgs/{org}", gate.get(READ, inner.handler("read")));
    });
    let routes = routes.unwrap();
    for _ in 0..2 {
        let app = serve(&*routes).await;
        assert_eq!(
            ask(&app, "GET", "/orgs/acme", "mallory").await.said(),
            "not_a_member"
        );
        assert_eq!(ask(&app, "GET", "/orgs/acme", "gina").await.said(), "200");
    }
    assert_eq!(canary.ran(), ["read", "read"]);
}

#[actix_web::test]
async fn a01_a_handler_cannot_be_put_in_a_gated_ones_place() {
    let canary = Canary::default();
    let gate = gated();
    let replaced = [
        catch_unwind(AssertUnwindSafe(|| {
            gate.get(READ, handler).to(canary.handler("to"))
        })),
        catch_unwind(AssertUnwindSafe(|| {
            gate.post(READ, handler)
                .service(fn_service(async |request: ServiceRequest| {
                    Ok::<_, Error>(request.into_response(HttpResponse::Ok()))
                }))
        })),
    ];
    assert!(replaced.iter().all(Result::is_err));
    // A guard and a middleware behind it add to the requirement.
    let route = gate.get(READ, canary.handler("read"));
    let route = route
        .guard(guard::Header("x-go", "1"))
        .wrap(Compress::default());
    let app = serve(|app| {
        app.route("/orgs/{org}", route);
    })
    .await;
    for (who, go, said) in [
        ("gina", "1", "200"),
        ("gina", "0", "404"),
        ("mallory", "1", "not_a_member"),
    ] {
        let asked = request("GET", "/orgs/acme", who).insert_header(("x-go", go));
        assert_eq!(send(&app, asked).await.said(), said);
    }
    assert_eq!(canary.only().name, "read");
}
