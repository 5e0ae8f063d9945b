//! Routes that cannot be gated as they are meant are refused before anything is served.

use std::panic::{AssertUnwindSafe, catch_unwind};

use actix_web::dev::{ServiceRequest, fn_service};
use actix_web::http::Method;
use actix_web::middleware::Compress;
use actix_web::web::{ServiceConfig, resource};
use actix_web::{Error, HttpResponse, guard};
use gatepost_actix::{Gated, Owner, Requirement};

use crate::fixture::{
    BY_BODY, Canary, Chats, READ, READ_LOADED, RUN, SITE_WIDE, ask, gated, request, send, serve,
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
        assert_eq!(refused, ["*: there is no route"]);
    }
    let protected = refused(|app, gate| {
        app.service(
            resource("/chats")
                .get(handler)
                .wrap(gate.require(SITE_WIDE)),
        );
    });
    assert!(protected.is_empty(), "{protected:?}");
}

#[actix_web::test]
async fn a_requirement_that_no_request_could_meet_is_refused_and_not_only_the_first() {
    const NO_ORG: Requirement = Requirement::new("chat", "read");
    const NO_ORG_EITHER: Requirement = Requirement::new("chat", "update");
    let said = refused(|app, gate| {
        app.service(resource("/a").route(gate.get(NO_ORG, handler)))
            .service(resource("/b").route(gate.post(NO_ORG_EITHER, handler)))
            .service(resource("/c").route(gate.get(READ_LOADED, handler)))
            .service(resource("/d").get(handler).wrap(gate.require(NO_ORG)))
            .service(gate.choice("/e").when(READ, handler).when(NO_ORG, handler))
            .service(resource("/f").route(gate.public(Method::GET, " ", handler)))
            .service(resource("/g").route(gate.get(READ, handler)));
    });
    let routes: Vec<_> = said
        .iter()
        .map(|problem| problem.split(": ").next().unwrap())
        .collect();
    let want = [
        "GET chat:read",
        "POST chat:update",
        "GET chat:read",
        "* chat:read",
        "GET chat:read",
        "GET",
    ];
    assert_eq!(routes, want, "{said:?}");
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
        let app = serve(routes.clone()).await;
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
