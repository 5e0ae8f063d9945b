//! What the client sees, and what of it is hidden.

use async_trait::async_trait;
use gatepost::{Feed, Gate, Org, Owner, Requirement, Resource, Subject};
use gatepost_tower::{DeniedResponse, Enforcer, LoadSubject, SourceError};
use http::request::Parts;
use serde_json::json;

use crate::fixture::{
    Canary, CountedBody, Shelf, answer, ask, assert_hidden, assert_refused, enforcer, facts, gate,
    refusal_of, subject, who,
};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));

#[tokio::test]
async fn a_refusal_is_a_whole_problem_document_that_no_cache_keeps() {
    let background = Requirement::new("agent", "execute")
        .mode(gatepost::Mode::Background)
        .org(Org::path("org"));
    let in_default_org = Requirement::new("chat", "update").org(Org::default_org());
    let agent = subject("planner-7").acting_for(gatepost::SubjectId::new("mallory").unwrap());
    let rows = [
        (
            READ,
            "/acme",
            None,
            "unauthenticated",
            json!({"resource": "chat", "action": "read"}),
        ),
        (
            READ,
            "/globex",
            Some(subject("gina")),
            "not_a_member",
            json!({"resource": "chat", "action": "read", "org": "globex"}),
        ),
        (
            background,
            "/acme",
            Some(subject("gina")),
            "mode_floor",
            json!({
                "resource": "agent", "action": "execute", "org": "acme",
                "mode": "background", "required_role": "developer",
            }),
        ),
        (
            READ,
            "/acme",
            Some(agent),
            "not_a_member",
            json!({"resource": "chat", "action": "read", "org": "acme", "whose": "subject"}),
        ),
        (
            in_default_org,
            "/",
            Some(subject("gina")),
            "org_grant_missing",
            json!({"resource": "chat", "action": "update", "org": "acme"}),
        ),
        (
            READ,
            "/",
            Some(subject("gina")),
            "org_required",
            json!({"resource": "chat", "action": "read"}),
        ),
    ];
    for (requirement, path, who, code, members) in rows {
        let canary = Canary::default();
        let request = ask(path, who, CountedBody::empty());
        let response = answer(&enforcer(gate()), requirement, &canary, request).await;
        assert_refused(&response, code, members);
        assert_eq!(canary.calls(), 0);
    }
}

#[tokio::test]
async fn no_two_refusals_have_the_same_decision() {
    let decision = async || {
        let request = ask("/acme", None, CountedBody::empty());
        let response = answer(&enforcer(gate()), READ, &Canary::default(), request).await;
        refusal_of(&response).0.decision()
    };
    assert_ne!(decision().await, decision().await);
}

#[tokio::test]
async fn a_hidden_denial_is_the_missing_objects_404_and_the_log_knows_why() {
    let shelf = Shelf::default();
    let enforcer = enforcer(gate())
        .loader("chat", shelf.clone())
        .loader("killed", shelf.clone())
        .loader("paid", shelf);
    let loaded = |name| {
        Requirement::new(name, "read")
            .org(Org::path("org"))
            .owner(Owner::Loaded)
            .hidden()
    };
    let by_body = Requirement::new("chat", "read")
        .org(Org::json_within("org", 8))
        .hidden();
    let narrow = subject("alice").scopes(["chat:update"]);
    let rows = [
        (
            loaded("chat"),
            Some(subject("sam")),
            "/acme/alices",
            "",
            "subject_suspended",
        ),
        (
            loaded("chat"),
            Some(narrow),
            "/acme/alices",
            "",
            "scope_missing",
        ),
        (
            loaded("killed"),
            Some(subject("alice")),
            "/acme/alices",
            "",
            "site_off",
        ),
        (
            loaded("paid"),
            Some(subject("alice")),
            "/acme/alices",
            "",
            "site_grant_missing",
        ),
        (
            loaded("chat"),
            Some(subject("gina")),
            "/nowhere/alices",
            "",
            "not_a_member",
        ),
        (
            loaded("chat"),
            Some(subject("gina")),
            "/globex/alices",
            "",
            "not_a_member",
        ),
        (
            loaded("chat"),
            Some(subject("otto")),
            "/acme/alices",
            "",
            "org_grant_missing",
        ),
        (
            loaded("chat"),
            Some(subject("gina")),
            "/acme/unreadable",
            "",
            "bad_request",
        ),
        (by_body, Some(subject("gina")), "/", "{}", "org_required"),
        (by_body, Some(subject("gina")), "/", "[]", "bad_request"),
        (
            by_body,
            Some(subject("gina")),
            "/",
            "         ",
            "body_too_large",
        ),
    ];
    for (requirement, who, path, body, code) in rows {
        let canary = Canary::default();
        let request = ask(path, who, CountedBody::declared(body));
        let response = answer(&enforcer, requirement, &canary, request).await;
        assert_hidden(&response, code);
        assert_eq!(canary.calls(), 0);
    }
}

#[tokio::test]
async fn hiding_hides_neither_who_is_missing_nor_what_cannot_be_read() {
    let hidden = READ.owner(Owner::Loaded).hidden();
    let (unfed, _feed) = Gate::channel();
    let rows = [
        (gate(), None, "/acme/alices", "unauthenticated"),
        (
            gate(),
            Some(subject("otto")),
            "/acme/broken",
            "policy_unavailable",
        ),
        (
            unfed.clone(),
            Some(subject("alice")),
            "/acme/alices",
            "policy_unavailable",
        ),
        (unfed, None, "/acme/alices", "policy_unavailable"),
    ];
    for (gate, who, path, code) in rows {
        let canary = Canary::default();
        let enforcer = enforcer(gate).loader("chat", Shelf::default());
        let request = ask(path, who, CountedBody::empty());
        let response = answer(&enforcer, hidden, &canary, request).await;
        assert_refused(
            &response,
            code,
            json!({"resource": "chat", "action": "read"}),
        );
        assert_eq!(canary.calls(), 0);
    }
}

/// [`who`], awaited.
struct Awaited;

#[async_trait]
impl LoadSubject for Awaited {
    async fn load(&self, request: &Parts) -> Result<Option<Subject>, SourceError> {
        who(request)
    }
}

#[tokio::test]
async fn without_a_policy_nothing_is_decided_read_or_loaded_until_there_is_one() {
    let channel = || -> (Gate, Feed) { Gate::channel() };
    let requirement = Requirement::new("chat", "read")
        .org(Org::json("org"))
        .owner(Owner::Loaded);
    for awaited in [false, true] {
        let (gate, feed) = channel();
        let shelf = Shelf::default();
        let enforcer = if awaited {
            Enforcer::with_loaded_subject(gate, Awaited)
        } else {
            enforcer(gate)
        };
        let enforcer = enforcer.loader("chat", shelf.clone());
        let canary = Canary::default();
        let request = || {
            let body = CountedBody::declared(r#"{"org":"acme"}"#);
            (body.polls(), ask("/x/alices", Some(subject("alice")), body))
        };
        let (polls, first) = request();
        let response = answer(&enforcer, requirement, &canary, first).await;
        let members = json!({"resource": "chat", "action": "read"});
        assert_refused(&response, "policy_unavailable", members);
        assert_eq!(canary.calls() + shelf.asked().len(), 0);
        assert_eq!(polls.load(std::sync::atomic::Ordering::SeqCst), 0);

        feed.publish(facts(crate::fixture::POLICY, 1));
        let (_, second) = request();
        let response = answer(&enforcer, requirement, &canary, second).await;
        assert_eq!((response.status().as_u16(), canary.calls()), (200, 1));
    }
}

/// A requirement whose resource the path names, where the path cannot be read.
const BY_PATH: Requirement = Requirement::on(
    Resource::ByPath {
        param: "kind",
        map: &[("planner", "planner")],
        otherwise: "agent",
    },
    "execute",
)
.org(Org::path("org"));

#[tokio::test]
async fn a_path_that_cannot_be_read_is_a_bad_request() {
    for requirement in [READ, BY_PATH] {
        let canary = Canary::default();
        let enforcer = Enforcer::new(gate(), who)
            .path_params(|_, _| Err(gatepost::Denial::bad_request("not UTF-8")));
        let request = || {
            ask(
                "/acme/1/planner",
                Some(subject("alice")),
                CountedBody::empty(),
            )
        };
        let response = answer(&enforcer, requirement, &canary, request()).await;
        let resource = requirement.resource().resolve(|_| None);
        let members = json!({"resource": resource, "action": requirement.action()});
        assert_refused(&response, "bad_request", members);
        let response = answer(&enforcer, requirement.hidden(), &canary, request()).await;
        assert_hidden(&response, "bad_request");
        assert_eq!(canary.calls(), 0);
    }
}

#[tokio::test]
async fn nobody_is_told_to_authenticate_before_anything_else_is_read() {
    for requirement in [READ, BY_PATH, BY_PATH.hidden()] {
        let canary = Canary::default();
        let enforcer = Enforcer::new(gate(), who)
            .path_params(|_, _| Err(gatepost::Denial::bad_request("not UTF-8")));
        let request = ask("/acme/1/planner", None, CountedBody::empty());
        let response = answer(&enforcer, requirement, &canary, request).await;
        let resource = requirement.resource().resolve(|_| None);
        let members = json!({"resource": resource, "action": requirement.action()});
        assert_refused(&response, "unauthenticated", members);
        assert_eq!(canary.calls(), 0);
    }
}

#[tokio::test]
async fn nothing_is_hidden_while_there_is_no_policy_not_even_a_path_that_cannot_be_read() {
    let (unfed, _feed) = Gate::channel();
    let enforcer = Enforcer::new(unfed, who)
        .path_params(|_, _| Err(gatepost::Denial::bad_request("not UTF-8")));
    for requirement in [READ, BY_PATH] {
        let canary = Canary::default();
        let request = ask(
            "/acme/1/planner",
            Some(subject("alice")),
            CountedBody::empty(),
        );
        let response = answer(&enforcer, requirement.hidden(), &canary, request).await;
        let DeniedResponse(denial) = refusal_of(&response);
        assert_eq!(denial.code().as_str(), "policy_unavailable");
        assert_eq!((response.status().as_u16(), canary.calls()), (503, 0));
    }
}
