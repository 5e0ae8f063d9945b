//! Extractors: without the right permit or entity no handler runs.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::routing::get;
use gatepost_axum::{
    DeniedResponse, EntityKey, EntityLoader, Loaded, OrgId, Owner, Permit, PermitFor, Requirement,
    Requires, SourceError, SubjectId,
};
use serde_json::json;

use crate::fixture::{READ, UPDATE, ask, assert_refused, gated};

/// What a handler said when it ran.
type Said = Arc<Mutex<Vec<String>>>;

struct Reading;

impl Requires for Reading {
    const REQUIREMENT: Requirement = READ;
}

struct Updating;

impl Requires for Updating {
    const REQUIREMENT: Requirement = UPDATE;
}

#[derive(Debug)]
struct Chat(&'static str);

#[derive(Debug)]
struct NotAChat;

/// Chats by the path's `id`.
struct Chats;

#[async_trait]
impl EntityLoader for Chats {
    type Entity = Chat;

    async fn load(&self, key: EntityKey<'_>) -> Result<Option<Loaded<Chat>>, SourceError> {
        let chat = |org: &str, title| Loaded::in_org(OrgId::new(org).unwrap(), Chat(title));
        Ok(match key.path("id") {
            Some("ottos") => Some(chat("acme", "otto's").owned_by(SubjectId::new("otto").unwrap())),
            Some("strange") => Some(chat("globex", "a stranger's")),
            _ => None,
        })
    }
}

#[tokio::test]
async fn a_handler_on_a_public_route_that_asks_for_a_permit_does_not_run() {
    let said = Said::default();
    let (first, second, third) = (said.clone(), said.clone(), said.clone());
    let router = gated()
        .public(
            "/a",
            get(|_: Permit| async move { first.lock().unwrap().push("a".into()) }),
            "an example",
        )
        .public(
            "/b",
            get(|_: PermitFor<Reading>| async move { second.lock().unwrap().push("b".into()) }),
            "an example",
        )
        .public(
            "/c",
            get(|_: gatepost_axum::Entity<Chat>| async move {
                third.lock().unwrap().push("c".into());
            }),
            "an example",
        )
        .into_router()
        .unwrap();
    for path in ["/a", "/b", "/c"] {
        for who in ["", "alice"] {
            assert_refused(
                &ask(&router, "GET", path, who).await,
                "permit_missing",
                json!({}),
            );
        }
    }
    assert!(said.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_permit_of_another_requirement_is_none() {
    let said = Said::default();
    let (reading, updating) = (said.clone(), said.clone());
    let router = gated()
        .get(
            "/orgs/{org}/right",
            READ,
            |permit: PermitFor<Reading>| async move {
                reading.lock().unwrap().push(permit.subject().to_string());
            },
        )
        .get(
            "/orgs/{org}/wrong",
            READ,
            |_: PermitFor<Updating>| async move {
                updating.lock().unwrap().push("wrong".into());
            },
        )
        .into_router()
        .unwrap();
    assert_refused(
        &ask(&router, "GET", "/orgs/acme/wrong", "alice").await,
        "permit_missing",
        json!({}),
    );
    assert!(said.lock().unwrap().is_empty());
    // Whoever is refused is refused by policy, and learns nothing of the mistake.
    assert_eq!(
        ask(&router, "GET", "/orgs/acme/wrong", "mallory")
            .await
            .code(),
        Some("not_a_member")
    );
    assert_eq!(
        ask(&router, "GET", "/orgs/acme/right", "alice")
            .await
            .status,
        200
    );
    assert_eq!(*said.lock().unwrap(), ["alice"]);
}

fn chat_routes(said: &Said) -> Router {
    let read = READ.owner(Owner::Loaded);
    let (right, wrong, unloaded, hidden) = (said.clone(), said.clone(), said.clone(), said.clone());
    gated()
        .get(
            "/orgs/{org}/right/{id}",
            read,
            |chat: gatepost_axum::Entity<Chat>| async move {
                right.lock().unwrap().push(chat.0.0.to_owned());
            },
        )
        .get(
            "/orgs/{org}/wrong/{id}",
            read,
            |_: gatepost_axum::Entity<NotAChat>| async move {
                wrong.lock().unwrap().push("wrong".into());
            },
        )
        .get(
            "/orgs/{org}/unloaded/{id}",
            READ,
            |_: gatepost_axum::Entity<Chat>| async move {
                unloaded.lock().unwrap().push("unloaded".into());
            },
        )
        .get(
            "/orgs/{org}/hidden/{id}",
            read.hidden(),
            |chat: gatepost_axum::Entity<Chat>| async move {
                hidden.lock().unwrap().push(chat.0.0.to_owned());
            },
        )
        .loader("chat", Chats)
        .into_router()
        .unwrap()
}

#[tokio::test]
async fn an_entity_of_another_type_or_of_no_loader_is_a_mistake_of_the_service() {
    let said = Said::default();
    let router = chat_routes(&said);
    for path in ["/orgs/acme/wrong/ottos", "/orgs/acme/unloaded/ottos"] {
        assert_refused(
            &ask(&router, "GET", path, "alice").await,
            "permit_missing",
            json!({}),
        );
    }
    assert!(said.lock().unwrap().is_empty());
    assert_eq!(
        ask(&router, "GET", "/orgs/acme/right/ottos", "alice")
            .await
            .status,
        200
    );
    assert_eq!(
        ask(&router, "GET", "/orgs/acme/right/ottos", "otto")
            .await
            .status,
        200
    );
    assert_eq!(*said.lock().unwrap(), ["otto's", "otto's"]);
}

#[tokio::test]
async fn a_missing_object_and_a_hidden_denial_are_the_same_but_for_the_decision() {
    let said = Said::default();
    let router = chat_routes(&said);
    let missing = [
        ("/orgs/acme/right/none", "alice"),
        ("/orgs/acme/right/strange", "alice"),
        ("/orgs/acme/hidden/none", "alice"),
    ];
    let hidden = [
        ("/orgs/acme/hidden/ottos", "mallory"),
        ("/orgs/acme/hidden/none", "otto"),
        ("/orgs/nowhere/hidden/ottos", "alice"),
        ("/orgs/acme/hidden/strange", "mallory"),
    ];
    let mut seen = Vec::new();
    for (path, who) in missing.into_iter().chain(hidden) {
        let answer = ask(&router, "GET", path, who).await;
        assert_eq!(answer.status, 404, "{path}");
        let mut body = String::from_utf8(answer.body.to_vec()).unwrap();
        let decision = body.find(r#""decision":""#).unwrap() + r#""decision":""#.len();
        body.replace_range(decision..decision + 16, "0123456789ABCDEF");
        if let Some(DeniedResponse(denial)) = &answer.denied {
            assert!(denial.is_hidden());
        }
        seen.push((answer.headers, body));
    }
    assert!(said.lock().unwrap().is_empty());
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
}
