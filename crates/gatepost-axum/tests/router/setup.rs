//! Mistakes that start-up refuses, and the list of what a router was told.

use axum::routing::{MethodFilter, any, get};
use gatepost_axum::{Gated, Mode, Org, Owner, Requirement, Resource, SetupError};

use crate::fixture::{Canary, READ, UPDATE, ask, gated};

/// The problems of a router that must be refused, as `(route, part of the message)`.
#[track_caller]
fn assert_problems(gated: Gated, want: &[(&str, &str)]) {
    let error: SetupError = gated.into_router().expect_err("start-up is refused");
    let problems = error.problems();
    assert_eq!(problems.len(), want.len(), "{error}");
    let shown = error.to_string();
    for (problem, (route, part)) in problems.iter().zip(want) {
        assert_eq!(problem.route, *route);
        assert!(problem.message.contains(part), "{}", problem.message);
        // The one line that an operator gets names them all.
        assert!(
            shown.contains(&format!("`{route}`")) && shown.contains(part),
            "{shown}"
        );
    }
}

const PATH: &str = "/orgs/{org}/chats";

#[test]
fn a_router_without_any_route_is_refused() {
    assert_problems(gated(), &[("*", "there is no route")]);
    assert_problems(
        gated().merge(gated()).nest("/x", gated()),
        &[("*", "there is no route")],
    );
}

#[test]
fn a_route_that_is_there_twice_is_refused_with_its_method_and_path() {
    let canary = Canary::default();
    let run = || canary.handler("run");
    let list = || gated().get(PATH, READ, run());
    assert_problems(
        list().get(PATH, UPDATE, run()),
        &[("GET /orgs/{org}/chats", "is there twice")],
    );
    assert_problems(
        list().merge(list()),
        &[("GET /orgs/{org}/chats", "is there twice")],
    );
    let nested = gated().nest("/orgs/{org}", gated().get("/chats", READ, run()));
    assert_problems(
        list().merge(nested),
        &[("GET /orgs/{org}/chats", "is there twice")],
    );
    let public = || get(|| async {});
    assert_problems(
        gated()
            .public("/a", public(), "why")
            .public("/a", public(), "why"),
        &[("* /a", "is there twice")],
    );
}

#[test]
fn methods_that_overlap_are_refused_with_the_one_that_is_there_twice() {
    let canary = Canary::default();
    let both = MethodFilter::GET.or(MethodFilter::POST);
    let run = || canary.handler("run");
    assert_problems(
        gated().get(PATH, READ, run()).on(both, PATH, UPDATE, run()),
        &[("GET|POST /orgs/{org}/chats", "is there twice for `GET`")],
    );
    assert_problems(
        gated()
            .on(both, PATH, UPDATE, run())
            .post(PATH, READ, run()),
        &[("POST /orgs/{org}/chats", "is there twice for `POST`")],
    );
}

#[test]
#[should_panic = "Overlapping method route. Handler for `GET /orgs/{org}/chats` already exists"]
fn a_public_route_cannot_take_a_gated_ones_method() {
    let canary = Canary::default();
    let gated = gated().get(PATH, READ, canary.handler("run"));
    let _ = gated
        .public(PATH, get(|| async {}), "an example")
        .into_router();
}

#[test]
fn a_public_route_says_why() {
    for why in ["", " ", "\n\t"] {
        assert_problems(
            gated().public("/healthz", get(|| async {}), why),
            &[("* /healthz", "is public and does not say why")],
        );
    }
}

#[test]
fn a_requirement_that_no_request_could_meet_is_refused() {
    const BASE: Requirement = Requirement::new("chat", "read");
    const AGENT: Resource = Resource::ByPath {
        param: "agent",
        map: &[("planner", "planner")],
        otherwise: "agent",
    };
    let canary = Canary::default();
    let rows = [
        (READ.owner(Owner::Loaded), "add `.loader(\"chat\", ..)`"),
        (
            Requirement::on(AGENT, "execute")
                .org(Org::path("org"))
                .owner(Owner::Loaded),
            "`.loader(\"planner\", ..)`",
        ),
        (BASE, "says nothing of an org"),
        (
            BASE.org(Org::none()).mode(Mode::Background),
            "background work is billed to an org",
        ),
    ];
    for (requirement, part) in rows {
        let gated = gated().delete(PATH, requirement, canary.handler("run"));
        assert_problems(gated, &[("DELETE /orgs/{org}/chats", part)]);
        // Nested it is named by its whole path.
        let inner = Gated::new(crate::fixture::gate(), crate::fixture::who).put(
            "/{org}",
            requirement,
            canary.handler("run"),
        );
        assert_problems(
            crate::fixture::gated().nest("/api", inner),
            &[("PUT /api/{org}", part)],
        );
    }
}

#[test]
fn a_path_that_does_not_begin_with_a_slash_is_refused() {
    let canary = Canary::default();
    for path in ["", "orgs/{org}/chats", "*"] {
        let route = format!("GET {path}");
        assert_problems(
            gated().get(path, READ, canary.handler("run")),
            &[(&route, "does not begin with `/`")],
        );
    }
    assert_problems(
        gated().nest("api", gated().get("/{org}", READ, canary.handler("run"))),
        &[("GET api/{org}", "does not begin with `/`")],
    );
}

#[test]
fn every_problem_is_told_at_once_and_in_order() {
    let canary = Canary::default();
    let gated = gated()
        .public("/healthz", get(|| async {}), "")
        .get(PATH, READ, canary.handler("run"))
        .get(PATH, READ, canary.handler("run"))
        .post(
            PATH,
            Requirement::new("chat", "read"),
            canary.handler("run"),
        );
    assert_problems(
        gated,
        &[
            ("* /healthz", "why"),
            ("GET /orgs/{org}/chats", "twice"),
            ("POST /orgs/{org}/chats", "org"),
        ],
    );
}

#[test]
fn a_loader_counts_wherever_it_stands_but_only_for_its_own_router() {
    struct Nothing;

    #[async_trait::async_trait]
    impl gatepost_axum::EntityLoader for Nothing {
        type Entity = ();

        async fn load(
            &self,
            _: gatepost_axum::EntityKey<'_>,
        ) -> Result<Option<gatepost_axum::Loaded<()>>, gatepost_axum::SourceError> {
            Ok(None)
        }
    }

    let canary = Canary::default();
    let loaded = READ.owner(Owner::Loaded);
    let route = || gated().get(PATH, loaded, canary.handler("run"));
    assert!(
        gated()
            .loader("chat", Nothing)
            .get(PATH, loaded, canary.handler("run"))
            .into_router()
            .is_ok()
    );
    assert!(route().loader("chat", Nothing).into_router().is_ok());
    for outer in [
        gated().loader("chat", Nothing).merge(route()),
        gated().merge(route()).loader("chat", Nothing),
    ] {
        assert_problems(outer, &[("GET /orgs/{org}/chats", ".loader(\"chat\", ..)")]);
    }
}

#[test]
fn the_list_of_routes_tells_all_of_them_with_requirement_or_reason() {
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
        .merge(crate::fixture::gated().delete("/x/{org}", UPDATE.mode(Mode::Foreground), run()))
        .public("/healthz", get(|| async {}), "liveness probe");
    let told: Vec<_> = gated
        .routes()
        .map(|route| {
            let what = match &route.requirement {
                Ok(requirement) => requirement.to_string(),
                Err(why) => format!("public: {why}"),
            };
            format!(
                "{} {} {what}",
                route.method.as_deref().unwrap_or("*"),
                route.path
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "GET /orgs/{org}/chats chat:read",
            "PUT|PATCH /orgs/{org}/chats chat:update",
            "POST /api/{org}/chats chat:update",
            "GET /api/{org} chat:read",
            "* /api/{org}/hello public: says hello",
            "DELETE /x/{org} chat:update#foreground",
            "* /healthz public: liveness probe",
        ]
    );
    let debug = format!("{gated:?}");
    assert!(
        told.len() == 7 && debug.contains("/api/{org}/hello") && debug.contains("liveness probe")
    );
}

#[tokio::test]
async fn what_the_list_tells_is_what_is_served() {
    let canary = Canary::default();
    let gated = gated().get(PATH, READ, canary.handler("list")).nest(
        "/api/{org}/",
        gated().post("/chats", UPDATE, canary.handler("create")),
    );
    let told: Vec<_> = gated.routes().cloned().collect();
    let router = gated.into_router().unwrap();
    for route in told {
        let path = route.path.replace("{org}", "acme");
        let answer = ask(&router, route.method.as_deref().unwrap(), &path, "alice").await;
        assert_eq!(answer.status, 200, "{path}");
    }
    assert_eq!(canary.ran(), ["list", "create"]);
}
