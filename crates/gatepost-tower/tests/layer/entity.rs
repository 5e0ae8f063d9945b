//! The loaded object: loaded once, in the request's org, and the same for the decision and the handler.

use std::sync::Arc;

use gatepost::{Org, Owner, Reach, Requirement, Resource};
use gatepost_tower::{RequireLayer, RouteError};
use http::Response;
use serde_json::json;

use crate::fixture::{
    Book, Canary, CountedBody, Shelf, answer, ask, assert_refused, enforcer, gate, subject,
};

const READ: Requirement = Requirement::new("chat", "read")
    .org(Org::path("org"))
    .owner(Owner::Loaded);

struct Sent {
    response: Response<Vec<u8>>,
    canary: Canary,
    shelf: Shelf,
}

impl Sent {
    /// The object that the handler got.
    #[track_caller]
    fn book(&self) -> Option<Arc<Book>> {
        let entity = self.canary.seen().entity.expect("an entity was loaded");
        entity.get::<Book>().expect("books are loaded").ok()
    }
}

async fn send_to(requirement: Requirement, who: &str, path: &str) -> Sent {
    let (shelf, canary) = (Shelf::default(), Canary::default());
    let enforcer = enforcer(gate())
        .loader("chat", shelf.clone())
        .loader("agent", shelf.clone());
    let request = ask(path, Some(subject(who)), CountedBody::empty());
    let response = answer(&enforcer, requirement, &canary, request).await;
    Sent {
        response,
        canary,
        shelf,
    }
}

async fn send(who: &str, path: &str) -> Sent {
    send_to(READ, who, path).await
}

#[tokio::test]
async fn the_handler_gets_the_object_that_was_decided_on_loaded_once() {
    for (who, path, owner) in [
        ("alice", "/acme/ottos", "otto"),
        ("otto", "/acme/ottos", "otto"),
        ("gina", "/acme/alices", "alice"),
    ] {
        let sent = send(who, path).await;
        assert_eq!(sent.response.status(), 200);
        sent.shelf.assert_asked(Some("acme"), &path[6..]);
        assert_eq!(
            *sent.book().unwrap(),
            Book(if owner == "otto" { "ottos" } else { "alices" })
        );
        let permit = sent.canary.permit();
        assert_eq!(permit.owner().unwrap().as_str(), owner);
        assert_eq!(permit.reach() == Reach::Own, who == "otto");
    }
}

#[tokio::test]
async fn another_owners_object_is_refused_where_the_grant_reaches_only_ones_own() {
    let sent = send("otto", "/acme/alices").await;
    let members = json!({"resource": "chat", "action": "read", "org": "acme"});
    assert_refused(&sent.response, "org_grant_missing", members);
    assert_eq!(sent.canary.calls(), 0);
    sent.shelf.assert_asked(Some("acme"), "alices");
}

#[tokio::test]
async fn an_object_of_another_org_or_of_none_is_a_missing_one_and_has_no_owner() {
    for id in ["ottos-in-globex", "ottos-site-wide", "not-there"] {
        // Decided on: whoever may read any object learns that there is none.
        let sent = send("alice", &format!("/acme/{id}")).await;
        assert_eq!(sent.response.status(), 200);
        sent.shelf.assert_asked(Some("acme"), id);
        assert_eq!(sent.book(), None);
        assert_eq!(sent.canary.permit().owner(), None);
        // Whoever may read only his own is refused, also where the stray object is his.
        let sent = send("otto", &format!("/acme/{id}")).await;
        let members = json!({"resource": "chat", "action": "read", "org": "acme"});
        assert_refused(&sent.response, "org_grant_missing", members);
        assert_eq!(sent.canary.calls(), 0);
    }
}

#[tokio::test]
async fn an_object_of_an_org_is_missing_on_a_route_without_one() {
    let site_wide = Requirement::new("chat", "read")
        .org(Org::none())
        .owner(Owner::Loaded);
    let sent = send_to(site_wide, "otto", "/x/ottos").await;
    assert_eq!(sent.response.status(), 200);
    assert_eq!((sent.book(), sent.canary.permit().owner()), (None, None));
    let sent = send_to(site_wide, "otto", "/x/ottos-site-wide").await;
    assert_eq!(*sent.book().unwrap(), Book("site"));
    assert_eq!(sent.canary.permit().owner().unwrap().as_str(), "otto");
}

#[tokio::test]
async fn the_default_org_is_the_loaders_org() {
    let requirement = Requirement::new("chat", "read")
        .org(Org::default_org())
        .owner(Owner::Loaded);
    let sent = send_to(requirement, "alice", "/x/ottos").await;
    assert_eq!(sent.response.status(), 200);
    sent.shelf.assert_asked(Some("acme"), "ottos");
    assert_eq!(sent.canary.permit().org().unwrap().as_str(), "acme");
}

#[tokio::test]
async fn a_loader_that_fails_is_an_error_and_never_a_denial() {
    for who in ["alice", "otto", "gina"] {
        let sent = send(who, "/acme/broken").await;
        let members = json!({"resource": "chat", "action": "read"});
        assert_refused(&sent.response, "policy_unavailable", members.clone());
        assert_eq!((sent.canary.calls(), sent.shelf.asked().len()), (0, 1));
        let sent = send(who, "/acme/unreadable").await;
        assert_refused(&sent.response, "bad_request", members);
        assert_eq!((sent.canary.calls(), sent.shelf.asked().len()), (0, 1));
    }
    // Hidden or not: it is no denial.
    let sent = send_to(READ.hidden(), "otto", "/acme/broken").await;
    let members = json!({"resource": "chat", "action": "read"});
    assert_refused(&sent.response, "policy_unavailable", members);
    assert_eq!(sent.canary.calls(), 0);
}

#[tokio::test]
async fn the_default_org_does_not_stand_in_for_a_parameter_that_the_path_lacks() {
    let requirement = Requirement::new("chat", "read").org(Org::path("org").or_default());
    let sent = send_to(requirement, "alice", "/").await;
    assert_eq!(sent.response.status(), 500);
    assert_eq!(sent.canary.calls(), 0);
    let sent = send_to(requirement, "alice", "/acme").await;
    assert_eq!(sent.response.status(), 200);
}

#[tokio::test]
async fn the_owner_that_a_path_names_is_the_objects() {
    let requirement = Requirement::new("chat", "read")
        .org(Org::path("org"))
        .owner(Owner::Path("id"));
    let sent = send_to(requirement, "otto", "/acme/otto").await;
    assert_eq!(sent.response.status(), 200);
    assert_eq!(sent.canary.permit().owner().unwrap().as_str(), "otto");
    for path in ["/acme/alice", "/acme/Otto", "/acme"] {
        let sent = send_to(requirement, "otto", path).await;
        let members = json!({"resource": "chat", "action": "read", "org": "acme"});
        assert_refused(&sent.response, "org_grant_missing", members);
        assert_eq!((sent.canary.calls(), sent.shelf.asked().len()), (0, 0));
    }
}

#[test]
fn a_requirement_whose_object_nothing_loads_is_refused_at_start_up() {
    const AGENT: Resource = Resource::ByPath {
        param: "kind",
        map: &[("planner", "planner")],
        otherwise: "agent",
    };
    let enforcer = enforcer(gate()).loader("agent", Shelf::default());
    let error = RequireLayer::new(&enforcer, READ).unwrap_err();
    assert_eq!(error, RouteError::NoLoader("chat"));
    assert!(
        error.to_string().contains("`.loader(\"chat\", ..)`"),
        "{error}"
    );
    // Every resource that the path can choose needs its own.
    let by_path = Requirement::on(AGENT, "execute")
        .org(Org::path("org"))
        .owner(Owner::Loaded);
    let error = RequireLayer::new(&enforcer, by_path).unwrap_err();
    assert_eq!(error, RouteError::NoLoader("planner"));
    let enforcer = enforcer.loader("planner", Shelf::default());
    assert!(RequireLayer::new(&enforcer, by_path).is_ok());
}

#[tokio::test]
async fn the_resource_that_the_path_chooses_has_its_own_loader() {
    const AGENT: Resource = Resource::ByPath {
        param: "kind",
        map: &[("planner", "planner")],
        otherwise: "agent",
    };
    let requirement = Requirement::on(AGENT, "execute")
        .org(Org::path("org"))
        .owner(Owner::Loaded);
    for (path, planners, agents) in [
        ("/acme/alices/planner", 1, 0),
        ("/acme/alices/Planner", 0, 1),
        ("/acme/alices/coder", 0, 1),
    ] {
        let (planner, agent) = (Shelf::default(), Shelf::default());
        let canary = Canary::default();
        let enforcer = enforcer(gate())
            .loader("planner", planner.clone())
            .loader("agent", agent.clone());
        let request = ask(path, Some(subject("alice")), CountedBody::empty());
        let response = answer(&enforcer, requirement, &canary, request).await;
        assert_eq!((response.status().as_u16(), canary.calls()), (200, 1));
        assert_eq!(
            (planner.asked().len(), agent.asked().len()),
            (planners, agents)
        );
        let resource = if planners == 1 { "planner" } else { "agent" };
        assert_eq!(canary.permit().resource(), resource);
    }
}
