//! What costs something is fetched late: which facts are read before which check.

use std::sync::atomic::Ordering;

use gatepost::{Org, Owner, Requirement, Subject};
use serde_json::{Value, json};

use crate::fixture::{
    Canary, CountedBody, Shelf, answer, ask, assert_refused, enforcer, gate, subject,
};

const READ: Requirement = Requirement::new("chat", "read")
    .org(Org::path("org"))
    .owner(Owner::Loaded);
const READ_KILLED: Requirement = Requirement::new("killed", "read")
    .org(Org::path("org"))
    .owner(Owner::Loaded);
const READ_PAID: Requirement = Requirement::new("paid", "read")
    .org(Org::path("org"))
    .owner(Owner::Loaded);

/// Sends a request for `path` and gives what the loader was asked for, and whether the handler ran.
async fn refused(
    requirement: Requirement,
    who: Option<Subject>,
    path: &str,
    code: &str,
    members: Value,
) -> Shelf {
    let shelf = Shelf::default();
    let canary = Canary::default();
    let enforcer = ["chat", "killed", "paid"]
        .into_iter()
        .fold(enforcer(gate()), |enforcer, name| {
            enforcer.loader(name, shelf.clone())
        });
    let body = CountedBody::chunked(br#"{"org":"acme"}"#, 4);
    let polls = body.polls();
    let response = answer(&enforcer, requirement, &canary, ask(path, who, body)).await;
    assert_refused(&response, code, members);
    assert_eq!(canary.calls(), 0);
    if *requirement.org_rule() == Org::path("org") {
        assert_eq!(polls.load(Ordering::SeqCst), 0);
    }
    shelf
}

fn asked(resource: &str) -> Value {
    json!({"resource": resource, "action": "read"})
}

fn asked_in(resource: &str, org: &str) -> Value {
    json!({"resource": resource, "action": "read", "org": org})
}

#[tokio::test]
async fn nothing_is_loaded_for_a_request_that_an_earlier_check_refuses() {
    let narrow = subject("alice").scopes(["chat:update"]);
    let alice = || Some(subject("alice"));
    let rows = [
        (READ, None, "/acme/alices", "unauthenticated", asked("chat")),
        (
            READ,
            Some(subject("sam")),
            "/acme/alices",
            "subject_suspended",
            asked("chat"),
        ),
        (
            READ,
            Some(narrow),
            "/acme/alices",
            "scope_missing",
            asked("chat"),
        ),
        (
            READ_KILLED,
            alice(),
            "/acme/alices",
            "site_off",
            asked("killed"),
        ),
        (
            READ_PAID,
            alice(),
            "/acme/alices",
            "site_grant_missing",
            asked("paid"),
        ),
        (READ, alice(), "/", "org_required", asked("chat")),
        (
            READ,
            alice(),
            "/nowhere/alices",
            "not_a_member",
            asked_in("chat", "nowhere"),
        ),
        (
            READ,
            Some(subject("mallory")),
            "/acme/alices",
            "not_a_member",
            asked_in("chat", "acme"),
        ),
    ];
    for (requirement, who, path, code, members) in rows {
        let shelf = refused(requirement, who, path, code, members).await;
        assert_eq!(shelf.asked(), [], "{code}");
    }
}

#[tokio::test]
async fn an_own_site_grant_is_settled_by_the_owner_before_the_org_tier() {
    let olga = || Some(subject("olga"));
    // Another's object: the site tier says no, once it knows the owner.
    let members = asked("paid");
    let shelf = refused(
        READ_PAID,
        olga(),
        "/acme/ottos",
        "site_grant_missing",
        members,
    )
    .await;
    shelf.assert_asked(Some("acme"), "ottos");
    // The org that she is no member of is not what it falls on.
    let members = asked("paid");
    let shelf = refused(
        READ_PAID,
        olga(),
        "/nowhere/olgas",
        "site_grant_missing",
        members,
    )
    .await;
    shelf.assert_asked(Some("nowhere"), "olgas");
}

#[tokio::test]
async fn an_own_scope_is_settled_by_the_owner_first_of_all() {
    let narrow = || Some(subject("alice").scopes(["chat:read@own", "paid:read@own"]));
    let members = asked("chat");
    let shelf = refused(READ, narrow(), "/acme/ottos", "scope_missing", members).await;
    shelf.assert_asked(Some("acme"), "ottos");
    // Without a grant of the site the same scope makes the loader's answer matter all the same: scopes come first.
    let members = asked("paid");
    let shelf = refused(READ_PAID, narrow(), "/acme/ottos", "scope_missing", members).await;
    shelf.assert_asked(Some("acme"), "ottos");
}

#[tokio::test]
async fn an_own_scope_of_a_killed_resource_still_loads_at_most_once() {
    let narrow = Some(subject("alice").scopes(["killed:read@own"]));
    let members = asked("killed");
    let shelf = refused(READ_KILLED, narrow, "/acme/alices", "site_off", members).await;
    shelf.assert_asked(Some("acme"), "alices");
}

#[tokio::test]
async fn a_body_that_names_the_org_is_read_before_the_object_is_loaded_in_it() {
    let requirement = Requirement::new("paid", "read")
        .org(Org::json("org"))
        .owner(Owner::Loaded);
    let members = asked("paid");
    let shelf = refused(
        requirement,
        Some(subject("olga")),
        "/x/ottos",
        "site_grant_missing",
        members,
    )
    .await;
    shelf.assert_asked(Some("acme"), "ottos");
}

#[tokio::test]
async fn without_an_org_the_object_is_looked_for_site_wide() {
    let requirement = Requirement::new("paid", "read")
        .org(Org::none())
        .owner(Owner::Loaded);
    let shelf = refused(
        requirement,
        Some(subject("olga")),
        "/x/ottos-site-wide",
        "site_grant_missing",
        asked("paid"),
    )
    .await;
    shelf.assert_asked(None, "ottos-site-wide");
}
