//! The probe: what it takes for right, and that it never passes for want of something to look at.

use axum::Router;
use axum::routing::{MethodFilter, any, get};
use gatepost_axum::testing::assert_decided;
use gatepost_axum::{Gated, Inventory, InventoryRoute, Org, Requirement, only_decided};

use crate::fixture::{Canary, READ, SITE_WIDE, UPDATE, ask, gated};
use crate::unguarded::{CHATS, base, probed};

/// The routes of every form, each decided.
fn all_forms(canary: &Canary) -> Gated {
    let both = MethodFilter::HEAD.or(MethodFilter::OPTIONS);
    let in_org = gated()
        .get("/", READ, canary.handler("root"))
        .post("/files/{*rest}", UPDATE.bound(), canary.handler("file"))
        .public("/hello", any(canary.handler("hello")), "says hello");
    gated()
        .get(CHATS, READ.hidden(), canary.handler("list"))
        .on(both, CHATS, UPDATE, canary.handler("others"))
        .get("/two/{a}/{b}", SITE_WIDE, canary.handler("two"))
        .get("/odd/{{c}}/x_{d}", SITE_WIDE, canary.handler("odd"))
        .public(
            "/{*rest}",
            get(canary.handler("rest")),
            "a page of its own for what is not there",
        )
        .public("/orgs/new", get(canary.handler("new")), "an example")
        .nest("/orgs/{org}", in_org)
        .capabilities("/.well-known/gatepost/capabilities")
}

#[tokio::test]
async fn routes_of_every_form_are_asked_and_no_handler_runs() {
    let canary = Canary::default();
    let gated = all_forms(&canary);
    let inventory = gated.routes();
    let app = gated.into_router().unwrap();
    assert_eq!(probed(app.clone(), &inventory).await, Ok(()));
    // Two routers in one, and around all of it what lets nothing out.
    let (more, other) = base(&canary);
    let app = Router::new().nest("/api", app).merge(more);
    let below = inventory.routes().iter().cloned().map(|mut route| {
        route.path = format!("/api{}", route.path);
        route
    });
    let inventory = Inventory::new(below).and(other);
    assert_decided(only_decided(app.clone()), &inventory).await;
    assert_eq!(probed(app, &inventory).await, Ok(()));
    canary.assert_silent();
}

/// An inventory in which something is otherwise than it is served.
fn but(routes: &Inventory, method: &str, path: &str, other: Option<InventoryRoute>) -> Inventory {
    let is_it = |route: &InventoryRoute| route.method == method && route.path == path;
    assert!(routes.routes().iter().any(is_it));
    let rest = routes.routes().iter().filter(|route| !is_it(route));
    Inventory::new(rest.cloned().chain(other))
}

#[tokio::test]
async fn a18_what_is_served_otherwise_than_the_inventory_says_is_found() {
    let canary = Canary::default();
    let route = InventoryRoute::requiring;
    let rows = [
        (
            "GET",
            CHATS,
            Some(InventoryRoute::public("GET", CHATS, "by mistake")),
            vec![
                "`GET /orgs/gatepost-probe/chats` requires `chat:read`, and is something else",
                "`GET /orgs/{org}/chats` is in the inventory, and no request comes to it",
            ],
        ),
        (
            "*",
            "/healthz",
            Some(route("GET", "/healthz", &READ)),
            vec![
                "`GET /healthz` is public, and is something else",
                "`POST /healthz` is public, and is not in the inventory",
                "`GET /healthz` is in the inventory, and no request comes to it",
            ],
        ),
        (
            "GET",
            CHATS,
            Some(route("GET", CHATS, &READ.hidden())),
            vec!["`HEAD /orgs/gatepost-probe/chats` requires `chat:read`, and is something else"],
        ),
        (
            "GET",
            CHATS,
            Some(route(
                "GET",
                CHATS,
                &Requirement::new("chat", "read").org(Org::header("x-org")),
            )),
            vec!["`GET /orgs/gatepost-probe/chats` requires `chat:read`, and is something else"],
        ),
        (
            "GET",
            CHATS,
            None,
            vec![
                "`GET /orgs/gatepost-probe/chats` requires `chat:read`, and is not in the inventory",
            ],
        ),
        (
            "GET",
            CHATS,
            Some(route("POST", CHATS, &READ)),
            vec![
                "`GET /orgs/gatepost-probe/chats` requires `chat:read`, and is not in the inventory",
                "`POST /orgs/{org}/chats` is in the inventory, and no request comes to it",
            ],
        ),
    ];
    for (method, path, other, told) in rows {
        let (app, inventory) = base(&canary);
        let said = probed(app, &but(&inventory, method, path, other))
            .await
            .unwrap_err();
        for part in told {
            assert!(said.contains(part), "lacks {part}\n{said}");
        }
    }
    canary.assert_silent();
}

#[test]
fn a18_a_route_that_is_made_public_by_mistake_is_a_change_of_the_inventory() {
    let canary = Canary::default();
    let run = || canary.handler("run");
    let reviewed = gated().get(CHATS, READ, run()).routes().without_sources();
    let opened = gated()
        .public(CHATS, get(run()), "by mistake")
        .routes()
        .without_sources();
    assert_ne!(reviewed.to_json(), opened.to_json());
    let said = reviewed.changes(&opened).to_string();
    assert!(said.contains("public"), "{said}");
}

#[tokio::test]
async fn a16_a_requirement_that_is_bound_to_no_route_is_found() {
    let canary = Canary::default();
    // A router that was built and never merged.
    let forgotten = gated().post("/orgs/{org}/forgotten", UPDATE, canary.handler("run"));
    let (app, inventory) = base(&canary);
    let said = probed(app, &inventory.and(forgotten.routes()))
        .await
        .unwrap_err();
    assert_eq!(said.lines().count(), 2, "{said}");
    let told = "`POST /orgs/{org}/forgotten` is in the inventory, and no request comes to it";
    assert!(said.contains(told), "{said}");
    // No route at all.
    let said = probed(Router::new(), &forgotten.routes())
        .await
        .unwrap_err();
    assert!(said.contains(told), "{said}");
    assert!(gated().into_router().is_err());
}

#[tokio::test]
async fn a14_a_prefix_that_the_inventory_does_not_know_is_found() {
    let canary = Canary::default();
    let (app, inventory) = base(&canary);
    let said = probed(Router::new().nest("/v1", app), &inventory)
        .await
        .unwrap_err();
    for told in [
        "`GET /v1/orgs/gatepost-probe/chats` requires `chat:read`, and is not in the inventory",
        "`GET /v1/healthz` is public, and is not in the inventory",
        "`GET /orgs/{org}/chats` is in the inventory, and no request comes to it",
    ] {
        assert!(said.contains(told), "lacks {told}\n{said}");
    }
    // A prefix that the router was told of is in the inventory.
    let nested = gated().nest(
        "/v1",
        gated().get("/{org}/chats", READ, canary.handler("list")),
    );
    let inventory = nested.routes();
    assert_eq!(inventory.routes()[0].path, "/v1/{org}/chats");
    assert_eq!(
        probed(nested.into_router().unwrap(), &inventory).await,
        Ok(())
    );
}

#[tokio::test]
async fn a17_two_requirements_on_a_way_are_one_decision_and_the_outer_is_met() {
    use gatepost_tower::{Enforcer, RequireLayer};

    let canary = Canary::default();
    let (app, inventory) = base(&canary);
    let enforcer = Enforcer::new(crate::fixture::gate(), crate::fixture::who);
    let app = app.layer(RequireLayer::new(&enforcer, SITE_WIDE).unwrap());
    let said = probed(app.clone(), &inventory).await.unwrap_err();
    let told = "`GET /orgs/gatepost-probe/chats` requires `chat:read`, and is something else";
    assert!(said.contains(told), "{said}");
    let answer = ask(&app, "GET", "/orgs/acme/chats", "").await;
    assert_eq!(answer.code(), Some("unauthenticated"));
    canary.assert_silent();
}

#[tokio::test]
async fn an_app_that_shows_no_router_is_never_taken_for_right() {
    let canary = Canary::default();
    let (app, inventory) = base(&canary);
    let hidden = Hidden(app);
    let probing = tokio::spawn(async move { assert_decided(hidden, &inventory).await });
    let said = probing
        .await
        .unwrap_err()
        .into_panic()
        .downcast::<String>()
        .unwrap();
    assert!(
        said.contains("there is no router in its `Debug` form"),
        "{said}"
    );
}

/// A router that does not show itself.
#[derive(Clone)]
struct Hidden(Router);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden")
    }
}

impl tower::Service<axum::extract::Request> for Hidden {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = axum::routing::future::RouteFuture<Self::Error>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: axum::extract::Request) -> Self::Future {
        tower::Service::call(&mut self.0, request)
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_nothing_decides_is_told_of_though_it_panics_or_never_answers() {
    let canary = Canary::default();
    let (app, inventory) = base(&canary);
    let app = app
        .route("/panics", get(async || -> () { panic!("of the service") }))
        .route("/waits", get(async || std::future::pending::<()>().await));
    let said = probed(app, &inventory).await.unwrap_err();
    assert!(
        said.contains("`GET /panics` is decided by nothing, and panics"),
        "{said}"
    );
    assert!(
        said.contains("`GET /waits` is decided by nothing, and does not answer"),
        "{said}"
    );
}
