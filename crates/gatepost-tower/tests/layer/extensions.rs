//! What a request carries from elsewhere: a permit or an entity of another route is none here.

use gatepost::{Org, Owner, Permit, Requirement};
use gatepost_tower::Entity;
use http::Request;

use crate::fixture::{
    Canary, CountedBody, Shelf, answer, ask, assert_refused, enforcer, gate, subject,
};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const READ_LOADED: Requirement = READ.owner(Owner::Loaded);
const UPDATE: Requirement = Requirement::new("chat", "update").org(Org::path("org"));

/// A request by `who` with the permit and the entity that alice was given for her own chat in acme.
async fn carrying(who: Option<&str>, path: &str) -> (Request<CountedBody>, Permit) {
    let canary = Canary::default();
    let enforcer = enforcer(gate()).loader("chat", Shelf::default());
    let first = ask("/acme/alices", Some(subject("alice")), CountedBody::empty());
    assert_eq!(
        answer(&enforcer, READ_LOADED, &canary, first)
            .await
            .status(),
        200
    );
    let (permit, entity) = (canary.permit(), canary.seen().entity);
    let mut request = ask(path, who.map(subject), CountedBody::empty());
    request.extensions_mut().insert(permit.clone());
    request.extensions_mut().insert::<Entity>(entity.unwrap());
    (request, permit)
}

#[tokio::test]
async fn a_permit_that_a_request_brings_along_opens_nothing() {
    let rows = [
        (None, "/acme", "unauthenticated", serde_json::json!({})),
        (
            Some("gina"),
            "/acme",
            "org_grant_missing",
            serde_json::json!({"org": "acme"}),
        ),
        (
            Some("alice"),
            "/nowhere",
            "not_a_member",
            serde_json::json!({"org": "nowhere"}),
        ),
    ];
    for (who, path, code, mut members) in rows {
        let canary = Canary::default();
        let (request, _) = carrying(who, path).await;
        let response = answer(&enforcer(gate()), UPDATE, &canary, request).await;
        members["resource"] = "chat".into();
        members["action"] = "update".into();
        assert_refused(&response, code, members);
        assert_eq!(canary.calls(), 0);
    }
}

#[tokio::test]
async fn an_earlier_routes_permit_and_entity_are_replaced_or_gone() {
    let canary = Canary::default();
    let (request, earlier) = carrying(Some("alice"), "/globex").await;
    let response = answer(&enforcer(gate()), READ, &canary, request).await;
    assert_eq!(response.status(), 200);
    let permit = canary.permit();
    assert_ne!(permit.decision(), earlier.decision());
    assert_eq!(permit.org().unwrap().as_str(), "globex");
    // This route loads nothing: the earlier one's object is not handed on as if it had.
    assert!(canary.seen().entity.is_none());
}

#[tokio::test]
async fn an_earlier_routes_permit_is_gone_in_the_awaited_path_too() {
    let by_body = Requirement::new("chat", "read").org(Org::json("org"));
    let canary = Canary::default();
    let (request, earlier) = carrying(Some("alice"), "/globex").await;
    let request = request.map(|_| CountedBody::chunked(br#"{"org":"globex"}"#, 2));
    let response = answer(&enforcer(gate()), by_body, &canary, request).await;
    assert_eq!(response.status(), 200);
    assert_ne!(canary.permit().decision(), earlier.decision());
    assert_eq!(canary.permit().org().unwrap().as_str(), "globex");
    assert!(canary.seen().entity.is_none());
}

#[tokio::test]
async fn nothing_that_a_request_brings_along_is_in_its_refusal() {
    let names = [
        "cookie",
        "authorization",
        "x-forwarded-for",
        "set-cookie",
        "vary",
        "etag",
    ];
    for who in [None, Some("gina"), Some("alice")] {
        for count in [0, 1, names.len(), 60] {
            let (mut request, _) = carrying(who, "/nowhere").await;
            request.extensions_mut().insert("of the request");
            for place in 0..count {
                let headers = request.headers_mut();
                let own = format!("x-{place}");
                let name = names.get(place).copied().unwrap_or(&own);
                let name = name.parse::<http::HeaderName>().unwrap();
                headers.append(name, "of the request".parse().unwrap());
            }
            let response = answer(&enforcer(gate()), UPDATE, &Canary::default(), request).await;
            let code = if who.is_some() {
                "not_a_member"
            } else {
                "unauthenticated"
            };
            let members = match who {
                Some(_) => {
                    serde_json::json!({"resource": "chat", "action": "update", "org": "nowhere"})
                }
                None => serde_json::json!({"resource": "chat", "action": "update"}),
            };
            // It looks at each header that there is.
            assert_refused(&response, code, members);
            assert_eq!(response.extensions().len(), 1, "the denial alone");
        }
    }
}
