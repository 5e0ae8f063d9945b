//! Choices: the first handler whose requirement the request meets, and nothing of those it does not meet.

use actix_web::http::Method;
use gatepost_actix::{Entity, Org, Owner, Requirement};

use crate::fixture::{
    BY_BODY, Canary, Chat, Chats, READ, READ_LOADED, READ_OWN, UPDATE, ask, gated, request, send,
    serve,
};

const READ_BY_BODY: Requirement =
    Requirement::new("chat", "read").org(Org::json_within("org", 1024));

#[actix_web::test]
async fn the_first_that_admits_runs_and_the_last_denial_is_the_answer() {
    let canary = Canary::default();
    let app = serve(|app| {
        app.service(
            gated()
                .choice("/orgs/{org}/chats")
                .when(UPDATE, canary.handler("update"))
                .when(READ, canary.handler("read"))
                .when(READ_OWN, canary.handler("own"))
                .method(Method::POST)
                .when(UPDATE, canary.handler("post")),
        );
    })
    .await;
    for (method, org, who, said) in [
        ("GET", "acme", "alice", "update"),
        ("HEAD", "acme", "alice", "update"),
        ("GET", "acme", "gina", "read"),
        ("GET", "globex", "alice", "read"),
        ("GET", "acme", "otto", "own"),
        ("POST", "acme", "alice", "post"),
        ("POST", "acme", "gina", "org_grant_missing"),
        ("GET", "acme", "mallory", "not_a_member"),
        ("GET", "nowhere", "root", "not_a_member"),
        ("GET", "acme", "", "unauthenticated"),
        ("GET", "%ff", "alice", "bad_request"),
        ("GET", "acme", "store down", "policy_unavailable"),
        ("GET", "acme", "panic", "policy_unavailable"),
        ("DELETE", "acme", "alice", "405"),
    ] {
        let answer = ask(&app, method, &format!("/orgs/{org}/chats"), who).await;
        if answer.status == 200 {
            let hit = canary.only();
            assert_eq!((hit.name, hit.org()), (said, Some(org)), "{method} {who}");
            let wanted = match hit.name {
                "read" => READ,
                "own" => READ_OWN,
                _ => UPDATE,
            };
            assert!(hit.permit.unwrap().requirement().is_same(&wanted));
        } else {
            assert_eq!(answer.said(), said, "{method} {org} by {who}");
            canary.assert_silent();
        }
    }
}

#[actix_web::test]
async fn alternatives_that_read_the_body_read_it_once_and_hand_it_on_whole() {
    let canary = Canary::default();
    let app = serve(|app| {
        app.service(
            gated()
                .choice("/chats")
                .method(Method::POST)
                .when(BY_BODY, canary.reader("update"))
                .when(READ_BY_BODY, canary.reader("read")),
        );
    })
    .await;
    let long = format!("{:100}", r#"{"org":"globex"}"#);
    for (body, said) in [
        (r#"{"org":"acme"}"#, "update"),
        (r#"{"org":"globex"}"#, "read"),
        (r#"{"org":"nowhere"}"#, "not_a_member"),
        (r#"{"org":"#, "bad_request"),
        // The second could read that much, but whether the first would have admitted is not known.
        (&long, "body_too_large"),
    ] {
        let answer = send(
            &app,
            request("POST", "/chats", "alice").set_payload(body.to_owned()),
        )
        .await;
        if answer.status == 200 {
            let hit = canary.only();
            assert_eq!(
                (hit.name, hit.body.as_deref()),
                (said, Some(body.as_bytes()))
            );
        } else {
            assert_eq!(answer.said(), said, "{body}");
        }
    }
    canary.assert_silent();
}

#[actix_web::test]
async fn a_body_that_one_alternative_may_read_is_not_the_next_ones_beyond_its_own_bound() {
    const UPDATE_BY_BODY: Requirement =
        Requirement::new("chat", "update").org(Org::json_within("org", 1024));
    const READ_BY_SHORT_BODY: Requirement =
        Requirement::new("chat", "read").org(Org::json_within("org", 64));
    let canary = Canary::default();
    let app = serve(|app| {
        app.service(
            gated()
                .choice("/chats")
                .method(Method::POST)
                .when(UPDATE_BY_BODY, canary.reader("update"))
                .when(READ_BY_SHORT_BODY, canary.reader("read")),
        );
    })
    .await;
    for (length, said) in [(64, "200"), (65, "body_too_large")] {
        let body = r#"{"org":"globex"}"#;
        let body = format!("{body}{}", " ".repeat(length - body.len()));
        let asked = request("POST", "/chats", "alice").set_payload(body);
        assert_eq!(send(&app, asked).await.said(), said);
    }
    assert_eq!(canary.only().name, "read");
}

#[actix_web::test]
async fn an_object_that_one_alternative_was_decided_on_is_not_the_next_ones() {
    let (canary, chats) = (Canary::default(), Chats::default());
    let shown = async |chat: Entity<Chat>| chat.0.0;
    let app = serve(|app| {
        let gate = gated().loader("chat", chats.clone());
        app.service(
            gate.choice("/orgs/{org}/chats/{id}")
                .when(UPDATE.owner(Owner::Loaded), canary.handler("update"))
                .when(READ_LOADED, shown)
                .when(READ_OWN, shown),
        );
    })
    .await;
    for (id, who, said) in [
        ("ottos", "otto", "200"),
        ("alices", "alice", "200"),
        ("alices", "gina", "200"),
        // Not his: what admits him is a requirement that loads nothing, and so there is nothing to show.
        ("alices", "otto", "permit_missing"),
        ("none", "gina", "404"),
        ("broken", "gina", "policy_unavailable"),
        ("panic", "gina", "policy_unavailable"),
    ] {
        let path = format!("/orgs/acme/chats/{id}");
        assert_eq!(
            ask(&app, "GET", &path, who).await.said(),
            said,
            "{id} by {who}"
        );
    }
    let loads = chats.loads();
    for (org, who) in [("acme", "mallory"), ("acme", ""), ("globex", "otto")] {
        let path = format!("/orgs/{org}/chats/alices");
        assert!(ask(&app, "GET", &path, who).await.code().is_some());
    }
    assert_eq!(chats.loads(), loads);
}
