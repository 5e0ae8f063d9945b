//! Paths that start-up refuses: those that axum cannot serve, and those without what is read of them.

use axum::routing::get;
use gatepost_axum::{Org, Owner, Requirement, Resource};

use super::assert_problems;
use crate::fixture::{Canary, READ, UPDATE, gated};

#[test]
fn what_axum_would_panic_at_is_refused_like_every_mistake() {
    let canary = Canary::default();
    let rows = [
        (
            "/{org}",
            "/{team}",
            "conflict with previously registered route: /{org}",
        ),
        (
            "/{org}/a/{b}",
            "/{team}/a/{c}",
            "conflict with previously registered route",
        ),
        ("/{org}", "/x/{org", "cannot be served"),
        ("/{org}", "/x/:id", "Path segments must not start with `:`"),
        (
            "/{org}",
            "/x/*rest",
            "Path segments must not start with `*`",
        ),
        ("/{org}", "/x/{*rest}/more", "cannot be served"),
        ("/{org}", "/x/{a}{b}", "cannot be served"),
        ("/{org}", "/x/{}", "cannot be served"),
    ];
    for (first, second, part) in rows {
        let route = format!("* {second}");
        let gated = gated()
            .get(first, READ, canary.handler("run"))
            .public(second, get(|| async {}), "an example")
            .post(first, UPDATE, canary.handler("run"));
        assert_problems(gated, &[(&route, part)]);
    }
}

#[test]
fn a_path_parameter_that_is_read_is_in_the_path_once() {
    const AGENT: Resource = Resource::ByPath {
        param: "agent",
        map: &[],
        otherwise: "chat",
    };
    let canary = Canary::default();
    let of = |org| Requirement::new("chat", "read").org(org);
    let site_wide = of(Org::none());
    let rows = [
        (
            of(Org::path("og")),
            "/orgs/{org}",
            Some("`og`, which the path does not have"),
        ),
        (
            of(Org::path("or")),
            "/orgs/{org}",
            Some("`or`, which the path does not have"),
        ),
        (
            of(Org::path("org")),
            "/orgs/{{org}}",
            Some("`org`, which the path does not have"),
        ),
        (
            of(Org::path("*org")),
            "/orgs/{*org}",
            Some("`*org`, which the path does not have"),
        ),
        (
            of(Org::header("x-org").and(Org::path("og"))),
            "/orgs/{org}",
            Some("`og`, which the path does not have"),
        ),
        (of(Org::path("og").or_default()), "/orgs", Some("`og`")),
        (
            site_wide.owner(Owner::Path("who")),
            "/of/{whom}",
            Some("`who`"),
        ),
        (
            Requirement::on(AGENT, "read").org(Org::none()),
            "/agents/{name}",
            Some("`agent`"),
        ),
        (
            of(Org::path("org")),
            "/{org}/of/{org}",
            Some("`org`, which the path has more than once"),
        ),
        (of(Org::path("org")), "/orgs/{org}/{{a}}/{id}", None),
        (of(Org::path("org")), "/orgs/{*org}", None),
        (
            of(Org::path("org").and(Org::path("in"))),
            "/{in}/{org}",
            None,
        ),
        (site_wide.owner(Owner::Path("who")), "/of/{who}", None),
        (
            Requirement::on(AGENT, "read").org(Org::none()),
            "/agents/{agent}",
            None,
        ),
    ];
    for (requirement, path, wrong) in rows {
        let inner = || gated().get(path, requirement, canary.handler("run"));
        let (shown, below) = (format!("GET {path}"), format!("GET /x{path}"));
        match wrong {
            Some(part) => {
                assert_problems(inner(), &[(&shown, part)]);
                assert_problems(gated().nest("/x", inner()), &[(&below, part)]);
            }
            None => assert!(inner().into_router().is_ok(), "{path}"),
        }
    }
    // What the prefix has, the path has.
    let inner = gated().get("/chats", READ, canary.handler("run"));
    assert!(gated().nest("/orgs/{org}", inner).into_router().is_ok());
}
