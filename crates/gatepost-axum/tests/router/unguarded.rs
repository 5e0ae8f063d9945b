//! The ways to add a route that nothing guards, and how each of them is found.
//!
//! What does not compile is in `tests/ui`; what start-up refuses, here and in `setup`. What is left is added
//! to the router that is gated already, or around it. Two ways are found by nothing, and the crate's page says
//! so: what a decided request passes and what answers by itself there, as a handler does that dispatches further,
//! and a second server beside it.

mod ways;

use std::collections::BTreeSet;
use std::path::Path;

use axum::Router;
use axum::routing::get;
use gatepost_axum::testing::assert_decided;
use gatepost_axum::{Gated, Inventory, only_decided};
use tower::ServiceExt;

use crate::fixture::{Answer, Canary, READ, UPDATE, gated, request};
use ways::{Found, WAYS, Way};

pub(crate) const CHATS: &str = "/orgs/{org}/chats";

/// The router that something is added to.
pub(crate) fn base(canary: &Canary) -> (Router, Inventory) {
    let gated = gated()
        .get(CHATS, READ, canary.handler("list"))
        .patch("/orgs/{org}/chats/{id}", UPDATE, canary.handler("update"))
        .public("/healthz", get(canary.handler("healthz")), "an example");
    let inventory = gated.routes();
    (gated.into_router().unwrap(), inventory)
}

/// What the probe finds, if anything.
pub(crate) async fn probed(app: Router, inventory: &Inventory) -> Result<(), String> {
    let inventory = inventory.clone();
    let probing = tokio::spawn(async move { assert_decided(app, &inventory).await });
    probing
        .await
        .map_err(|failed| *failed.into_panic().downcast::<String>().unwrap())
}

/// What leaves an app that lets nothing out which nothing decided.
pub(crate) async fn late(app: Router, method: &str, path: &str, who: &str) -> Answer {
    let app = only_decided(app);
    Answer::of(app.oneshot(request(method, path, who)).await.unwrap()).await
}

/// Asserts of every way of an attack how it is found.
async fn assert_found(attack: &str) {
    let ways = WAYS.iter().filter(|way| way.attack == attack);
    for Way {
        name,
        add,
        ask,
        found,
        ..
    } in ways
    {
        let (method, path) = ask.split_once(' ').unwrap();
        let canary = Canary::default();
        let (router, inventory) = base(&canary);
        let app = add(router, &canary);
        // It is there, and open to anybody.
        let plain = app
            .clone()
            .oneshot(request(method, path, "mallory"))
            .await
            .unwrap();
        let plain = Answer::of(plain).await;
        assert!(plain.status.is_success(), "{name}: {}", plain.status);
        assert_eq!(canary.ran().last(), Some(&"secret"), "{name}");

        match (probed(app.clone(), &inventory).await, found) {
            (Err(said), Found::ByProbe(told) | Found::ByProbeAlone(told)) => {
                assert!(said.contains(told), "{name} lacks {told}\n{said}");
            }
            (Ok(()), Found::Late) => {}
            (other, _) => panic!("{name}: {other:?}"),
        }
        let answer = late(app, method, path, "mallory").await;
        if matches!(found, Found::ByProbeAlone(_)) {
            assert_eq!(answer.status, 200, "{name}");
            continue;
        }
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (500, Some("permit_missing")),
            "{name}"
        );
        assert!(answer.headers.get("x-secret").is_none(), "{name}");
        assert!(
            !answer.body.windows(6).any(|part| part == b"secret"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a01_a_route_that_was_added_behind_the_gate_is_found() {
    assert_found("a01").await;
}

#[tokio::test]
async fn a02_a_fallback_of_any_kind_is_found() {
    assert_found("a02").await;
}

#[tokio::test]
async fn a03_a_method_that_was_put_on_a_gated_path_is_found() {
    assert_found("a03").await;
}

#[tokio::test]
async fn a13_what_dispatches_to_a_decided_route_is_not_taken_for_it() {
    assert_found("a13").await;
}

#[tokio::test]
async fn a17_what_a_layer_answers_in_front_of_the_decision_is_found() {
    assert_found("a17").await;
}

#[tokio::test]
async fn what_is_gated_whole_is_found_to_be_so_and_leaves_as_it_is() {
    let canary = Canary::default();
    let (app, inventory) = base(&canary);
    assert_eq!(probed(app.clone(), &inventory).await, Ok(()));
    canary.assert_silent();
    for (path, who, status) in [
        ("/orgs/acme/chats", "alice", 200),
        ("/orgs/acme/chats", "mallory", 403),
        ("/orgs/acme/chats", "", 401),
        ("/healthz", "", 200),
        ("/nowhere", "alice", 404),
    ] {
        let answer = late(app.clone(), "GET", path, who).await;
        assert_eq!(answer.status, status, "{path} {who}");
    }
    let answer = late(app, "DELETE", "/orgs/acme/chats", "alice").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("allow")),
        (405, Some("GET,HEAD"))
    );
    assert_eq!(canary.ran(), ["list", "healthz"]);
}

#[test]
fn start_up_finds_what_says_neither() {
    let canary = Canary::default();
    let run = || canary.handler("secret");
    let nothing_said = gatepost_axum::Requirement::new("chat", "read");
    let ways: [(Gated, &str); 4] = [
        (gated().public("/open", get(run()), ""), "does not say why"),
        (
            gated().get("/open", nothing_said, run()),
            "says nothing of an org",
        ),
        (
            gated()
                .get(CHATS, READ, run())
                .public(CHATS, get(run()), "an example"),
            "Overlapping method route",
        ),
        (
            gated()
                .get("/{org}", READ, run())
                .public("/{x}", get(run()), "an example"),
            "conflict with previously registered route",
        ),
    ];
    for (gated, part) in ways {
        let refused = gated.into_router().unwrap_err().to_string();
        assert!(refused.contains(part), "{refused}");
    }
    canary.assert_silent();
}

#[test]
#[should_panic = "Overlapping method route. Handler for `GET /orgs/{org}/chats` already exists"]
fn a03_axum_takes_no_second_handler_for_a_gated_method() {
    let canary = Canary::default();
    let (router, _) = base(&canary);
    let _ = router.route(CHATS, get(canary.handler("secret")));
}

#[test]
fn the_compiler_finds_what_has_no_requirement_and_what_is_put_behind_the_last_layer() {
    // Each is a case of `ui`, which compiles it.
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    for case in [
        "plain_route.rs",
        "no_requirement.rs",
        "public_without_why.rs",
        "behind_only_decided.rs",
    ] {
        assert!(cases.join(case).exists(), "{case}");
    }
}

#[tokio::test]
async fn two_ways_are_found_by_nothing() {
    // What a decided handler does itself by dispatching further.
    let canary = Canary::default();
    let plain = Router::new().route("/plain", get(canary.handler("secret")));
    let gated = gated().get(CHATS, READ, async move || {
        plain.oneshot(request("GET", "/plain", "mallory")).await
    });
    let inventory = gated.routes();
    let app = gated.into_router().unwrap();
    assert_eq!(probed(app.clone(), &inventory).await, Ok(()));
    // It is decided by what the handler requires, and by that alone.
    assert_eq!(
        late(app.clone(), "GET", "/orgs/acme/chats", "mallory")
            .await
            .status,
        403
    );
    canary.assert_silent();
    assert_eq!(
        late(app, "GET", "/orgs/acme/chats", "alice").await.status,
        200
    );
    assert_eq!(canary.only().name, "secret");

    // A second server beside it: neither knows of the other.
    canary.reset();
    let (app, inventory) = base(&canary);
    let beside = Router::new().route("/plain", get(canary.handler("secret")));
    assert_eq!(probed(app, &inventory).await, Ok(()));
    let answer = beside
        .oneshot(request("GET", "/plain", "mallory"))
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
}

#[test]
fn at_least_fourteen_ways_are_looked_at() {
    let names: BTreeSet<_> = WAYS.iter().map(|way| way.name).collect();
    assert!(names.len() == WAYS.len() && names.len() >= 14);
}
