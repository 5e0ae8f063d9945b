//! Nesting: a requirement hangs on the handler, so a stripped prefix changes nothing of it.

use axum::Router;
use gatepost_axum::Gated;
use serde_json::json;

use crate::fixture::{Canary, READ, UPDATE, ask, assert_refused, closed_gate, gated, who};

/// A router whose routes lie relative to an org.
fn chats(canary: &Canary) -> Gated {
    gated()
        .get("/chats", READ, canary.handler("list"))
        .post("/chats", UPDATE, canary.handler("create"))
        .get("/", READ, canary.handler("root"))
}

#[tokio::test]
async fn a_nested_route_is_decided_by_the_whole_path_however_it_was_nested() {
    let canary = Canary::default();
    let routers = [
        gated()
            .nest("/orgs/{org}", chats(&canary))
            .into_router()
            .unwrap(),
        gated()
            .nest("/orgs/{org}/", chats(&canary))
            .into_router()
            .unwrap(),
        gated()
            .nest("/orgs", gated().nest("/{org}", chats(&canary)))
            .into_router()
            .unwrap(),
        Router::new().nest(
            "/orgs",
            gated()
                .nest("/{org}", chats(&canary))
                .into_router()
                .unwrap(),
        ),
        Router::new().nest_service(
            "/orgs",
            gated()
                .nest("/{org}", chats(&canary))
                .into_router()
                .unwrap(),
        ),
    ];
    for (position, router) in routers.into_iter().enumerate() {
        for (path, name) in [("/orgs/acme/chats", "list"), ("/orgs/acme", "root")] {
            for (who, code) in [("", "unauthenticated"), ("mallory", "not_a_member")] {
                let answer = ask(&router, "GET", path, who).await;
                assert_eq!(answer.code(), Some(code), "{position} {path}");
                canary.assert_silent();
            }
            assert_eq!(
                ask(&router, "GET", path, "alice").await.status,
                200,
                "{position} {path}"
            );
            let hit = canary.only();
            assert_eq!((hit.name, hit.org()), (name, Some("acme")));
            assert_eq!(hit.params["org"], "acme");
            canary.reset();
        }
        // The other org is another decision.
        let answer = ask(&router, "POST", "/orgs/globex/chats", "alice").await;
        let members = json!({"resource": "chat", "action": "update", "org": "globex"});
        assert_refused(&answer, "org_grant_missing", members);
        // The inner path alone is none.
        for path in ["/chats", "/", "/acme/chats"] {
            assert_eq!(
                ask(&router, "GET", path, "alice").await.status,
                404,
                "{position} {path}"
            );
        }
        canary.assert_silent();
    }
}

#[test]
fn a_parameter_that_only_axum_knows_of_is_refused_with_what_to_do() {
    // Below axum's own `nest` it would be there; the router cannot know.
    let refused = chats(&Canary::default()).into_router().unwrap_err();
    assert_eq!(refused.problems().len(), 3);
    for problem in refused.problems() {
        assert!(problem.message.contains("`Gated::nest`"), "{refused}");
    }
}

#[tokio::test]
async fn a_nested_router_keeps_its_own_gate() {
    let canary = Canary::default();
    let closed =
        || Gated::new(closed_gate(), who).get("/{org}/chats", READ, canary.handler("closed"));
    let open = || gated().get("/{org}/chats", READ, canary.handler("open"));
    let routers = [
        gated().nest("/open", open()).nest("/closed", closed()),
        Gated::new(closed_gate(), who)
            .nest("/open", open())
            .nest("/closed", closed()),
        gated()
            .nest("/closed", closed().nest("/deeper", open()))
            .nest("/open", open()),
    ];
    for router in routers {
        let router = router.into_router().unwrap();
        assert_eq!(
            ask(&router, "GET", "/closed/acme/chats", "alice")
                .await
                .code(),
            Some("site_off")
        );
        canary.assert_silent();
        assert_eq!(
            ask(&router, "GET", "/open/acme/chats", "alice")
                .await
                .status,
            200
        );
        assert_eq!(canary.only().name, "open");
        canary.reset();
    }
}

#[tokio::test]
async fn a_prefix_that_names_the_same_parameter_again_decides_on_neither() {
    // The inner `{org}` and the outer one name different orgs: which was meant is not guessed.
    let canary = Canary::default();
    let inner = || gated().get("/of/{org}/chats", READ, canary.handler("list"));
    let refused = gated().nest("/orgs/{org}", inner()).into_router();
    assert!(refused.unwrap_err().to_string().contains("more than once"));
    let router = Router::new().nest("/orgs/{org}", inner().into_router().unwrap());
    for path in ["/orgs/acme/of/nowhere/chats", "/orgs/nowhere/of/acme/chats"] {
        let answer = ask(&router, "GET", path, "alice").await;
        let members = json!({"resource": "chat", "action": "read"});
        assert_refused(&answer, "bad_request", members);
    }
    canary.assert_silent();
}

#[tokio::test]
async fn what_is_public_inside_a_nest_is_public_there_and_nowhere_else() {
    let canary = Canary::default();
    let inner = gated()
        .public(
            "/health",
            axum::routing::get(canary.handler("health")),
            "liveness probe",
        )
        .get("/{org}/chats", READ, canary.handler("list"));
    let router = gated().nest("/api", inner).into_router().unwrap();
    assert_eq!(ask(&router, "GET", "/api/health", "").await.status, 200);
    assert_eq!(canary.only().name, "health");
    canary.reset();
    assert_eq!(
        ask(&router, "GET", "/api/acme/chats", "").await.code(),
        Some("unauthenticated")
    );
    assert_eq!(ask(&router, "GET", "/health", "").await.status, 404);
    canary.assert_silent();
}
