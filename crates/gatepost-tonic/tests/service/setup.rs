//! What is refused at start-up.

use gatepost_tonic::{Gated, Mode, Org, Owner, Requirement, Resource};
use tonic_health::pb::FILE_DESCRIPTOR_SET;
use tonic_health::pb::health_server::HealthServer;

use crate::fixture::{BY_METADATA, CHECK, Reached, SITE_WIDE, WATCH, gated};

const ON: Requirement = Requirement::new("chat", "read");
const AGENTS: Resource = Resource::ByPath {
    param: "agent",
    map: &[("planner", "agent-planner")],
    otherwise: "agent",
};

/// What is wrong, with which method.
fn problems(gated: Gated) -> Vec<(String, String)> {
    let refused = gated.service(Reached::new().server()).unwrap_err();
    let problems = refused.problems().iter().map(|one| {
        let method = one.route.strip_prefix("POST /grpc.health.v1.Health/");
        (method.unwrap().to_owned(), one.message.clone())
    });
    problems.collect()
}

#[test]
fn a_service_that_cannot_be_gated_as_it_is_meant_does_not_start() {
    let check = |requirement: Requirement| gated().method("Check", requirement);
    for (gated, method, message) in [
        (gated(), "*", "has no requirement at all"),
        (
            check(SITE_WIDE).method("Check", SITE_WIDE),
            "Check",
            "twice",
        ),
        (check(SITE_WIDE).public("Check", "why"), "Check", "twice"),
        (gated().public("Check", " "), "Check", "does not say why"),
        (gated().method("", SITE_WIDE), "", "no name"),
        (gated().method("/Check", SITE_WIDE), "/Check", "no name"),
        (gated().method("che ck", SITE_WIDE), "che ck", "no name"),
        (check(ON), "Check", "nothing of an org"),
        (check(SITE_WIDE.mode(Mode::Background)), "Check", "billed"),
        (check(ON.org(Org::path("org"))), "Check", "reads a "),
        (check(ON.org(Org::json("org"))), "Check", "reads a "),
        (
            check(BY_METADATA.owner(Owner::Path("who"))),
            "Check",
            "reads a path",
        ),
        (
            check(Requirement::on(AGENTS, "execute").org(Org::none())),
            "Check",
            "reads a path",
        ),
        (
            check(
                Requirement::new("run", "read")
                    .org(Org::none())
                    .owner(Owner::Loaded),
            ),
            "Check",
            "add `.loader(\"run\", ..)`",
        ),
    ] {
        let found = problems(gated);
        assert_eq!(found.len(), 1, "{message}: {found:?}");
        assert_eq!(found[0].0, method);
        assert!(found[0].1.contains(message), "{message}: {found:?}");
    }
}

#[test]
fn every_problem_is_told_in_one_go() {
    let line = line!() + 2;
    let refused = gated()
        .public("Check", "")
        .method("Watch", ON)
        .service(Reached::new().server())
        .unwrap_err();
    let at = |line| format!("(crates/gatepost-tonic/tests/service/setup.rs:{line})");
    let (check, watch) = (at(line), at(line + 1));
    assert_eq!(
        refused.to_string(),
        format!(
            "the routes cannot be gated: \
             `POST /grpc.health.v1.Health/Check` is public and does not say why {check}; \
             `POST /grpc.health.v1.Health/Watch` says nothing of an org: \
             add `.org(Org::path(\"org\"))`, or `Org::none()` for a site-wide route {watch}"
        )
    );
}

#[test]
fn what_the_policy_does_not_declare_is_refused() {
    let delete = Requirement::new("chat", "delete").org(Org::none());
    let found = problems(gated().method("Check", delete));
    assert_eq!((found.len(), &*found[0].0), (1, "Check"));
    let message = "requires `chat:delete`, which the policy does not declare";
    assert!(found[0].1.starts_with(message), "{found:?}");
    let with_mode = SITE_WIDE.mode(Mode::Foreground);
    let found = problems(
        gated()
            .method("Check", SITE_WIDE)
            .method("Watch", with_mode),
    );
    assert_eq!((found.len(), &*found[0].0), (1, "Watch"));
}

#[test]
fn the_inventory_has_the_methods_as_they_are_called() {
    let line = line!() + 2;
    let gated = gated()
        .method("Watch", BY_METADATA)
        .public("Check", "an example");
    let inventory = gated.routes::<HealthServer<Reached>>();
    let told = inventory.routes().iter().map(|route| {
        let action = route
            .requirement()
            .map(|requirement| requirement.action.as_str());
        (
            &*route.method,
            &*route.path,
            action,
            route.source.clone().unwrap(),
        )
    });
    let at = |line| format!("crates/gatepost-tonic/tests/service/setup.rs:{line}");
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("POST", CHECK, None, at(line + 1)),
            ("POST", WATCH, Some("read"), at(line)),
        ]
    );
    let service = gated.service(Reached::new().server()).unwrap();
    assert_eq!(service.routes(), inventory);
}

#[test]
fn a_descriptor_finds_the_method_that_was_forgotten_and_the_one_that_does_not_exist() {
    let described = gated().described_by(FILE_DESCRIPTOR_SET);
    let found = problems(
        described
            .clone()
            .method("Check", SITE_WIDE)
            .public("Ping", "why"),
    );
    let want = [
        ("Ping", "is no method of the service"),
        ("Watch", "has no requirement, and is not public"),
    ];
    assert_eq!(found.len(), want.len());
    for ((method, message), (named, part)) in found.iter().zip(want) {
        assert!(method == named && message.starts_with(part), "{found:?}");
    }
    let whole = described.method("Check", SITE_WIDE).public("Watch", "why");
    assert!(whole.service(Reached::new().server()).is_ok());
}

#[test]
fn a_descriptor_of_something_else_is_none() {
    let other = tonic_types::pb::FILE_DESCRIPTOR_SET;
    for (descriptor, message) in [
        (&b"\xff"[..], "no file descriptor set"),
        (other, "is not in"),
    ] {
        let found = problems(gated().described_by(descriptor).method("Check", SITE_WIDE));
        assert_eq!((found.len(), &*found[0].0), (1, "*"));
        assert!(found[0].1.contains(message), "{found:?}");
    }
}
