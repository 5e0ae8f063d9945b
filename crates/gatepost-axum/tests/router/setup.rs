//! Mistakes that start-up refuses.

mod paths;

use axum::routing::{MethodFilter, get};
use gatepost_axum::{Gated, Mode, Org, Owner, Requirement, Resource, SetupError};

use crate::fixture::{Canary, READ, UPDATE, gated};

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
        &[("GET /orgs/{org}/chats", "is there twice")],
    );
    assert_problems(
        gated()
            .on(both, PATH, UPDATE, run())
            .post(PATH, READ, run()),
        &[("POST /orgs/{org}/chats", "is there twice")],
    );
}

#[test]
fn a_public_route_cannot_take_a_gated_ones_method() {
    let canary = Canary::default();
    let list = || gated().get(PATH, READ, canary.handler("run"));
    let public = || get(|| async {});
    let overlap = "cannot be served: Overlapping method route. Handler for `GET /orgs/{org}/chats`";
    assert_problems(
        list().public(PATH, public(), "an example"),
        &[("* /orgs/{org}/chats", overlap)],
    );
    assert_problems(
        gated().public(PATH, public(), "an example").merge(list()),
        &[("GET /orgs/{org}/chats", overlap)],
    );
}

#[test]
fn what_the_policy_does_not_declare_is_refused_by_the_gate_of_its_own_router() {
    let canary = Canary::default();
    let run = || canary.handler("run");
    let delete = Requirement::new("chat", "delete").org(Org::path("org"));
    assert_problems(
        gated().delete("/{org}", delete, run()),
        &[("DELETE /{org}", "which the policy does not declare")],
    );
    // The gate of the other router knows no `killed`.
    let other = Gated::new(crate::fixture::closed_gate(), crate::fixture::who);
    let killed = crate::fixture::KILLED;
    assert_problems(
        gated()
            .get("/a/{org}", killed, run())
            .nest("/b", other.get("/{org}", killed, run())),
        &[("GET /b/{org}", "which the policy does not declare")],
    );
    let (empty, _feed) = gatepost_axum::Gate::channel();
    let unfed: Gated = Gated::new(empty, crate::fixture::who).delete("/{org}", delete, run());
    assert!(unfed.into_router().is_ok());
}

#[test]
fn one_action_has_a_mode_on_all_of_its_routes_or_on_none() {
    let canary = Canary::default();
    let gated = gated().get(PATH, READ, canary.handler("run")).post(
        PATH,
        READ.mode(Mode::Foreground),
        canary.handler("run"),
    );
    assert_problems(gated, &[("POST /orgs/{org}/chats", "with a mode")]);
}

#[test]
fn modules_of_one_gate_agree_on_what_has_a_mode() {
    let gate = crate::fixture::gate();
    let module = || Gated::new(gate.clone(), crate::fixture::who);
    let one = module().get(PATH, READ, async || ());
    let other = module().get("/b/{org}", READ.mode(Mode::Foreground), async || ());
    assert_problems(
        module().merge(one).nest("/x", other),
        &[("GET /x/b/{org}", "with a mode, and")],
    );
}

#[test]
fn every_mistake_is_told_with_the_line_of_its_registration() {
    let canary = Canary::default();
    let run = || canary.handler("run");
    let wrong = Requirement::new("chat", "read");
    let first = line!() + 2;
    let gated = gated()
        .get("/a", wrong, run())
        .public("/b", get(|| async {}), " ")
        .nest("/n", crate::fixture::gated().put("/c", wrong, run()))
        .on(MethodFilter::POST, "d", READ, run())
        .capabilities("/{")
        .public("/:e", get(|| async {}), "an example");
    let inventory = gated.routes();
    let error = gated.into_router().unwrap_err();
    let places: Vec<_> = error
        .problems()
        .iter()
        .map(|one| one.message.clone())
        .collect();
    assert_eq!(places.len(), 6, "{error}");
    for (position, message) in (0..).zip(places) {
        let place = format!(
            "(crates/gatepost-axum/tests/router/setup.rs:{})",
            first + position
        );
        assert!(message.ends_with(&place), "{message}");
        let place = place.trim_matches(['(', ')']);
        let mut routes = inventory.routes().iter();
        assert!(routes.any(|route| route.source.as_deref() == Some(place)));
    }
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
    const CHATS: Resource = Resource::ByPath {
        param: "org",
        map: &[("killed", "killed")],
        otherwise: "chat",
    };
    let canary = Canary::default();
    let rows = [
        (READ.owner(Owner::Loaded), "add `.loader(\"chat\", ..)`"),
        (
            Requirement::on(CHATS, "read")
                .org(Org::path("org"))
                .owner(Owner::Loaded),
            "`.loader(\"killed\", ..)`",
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
