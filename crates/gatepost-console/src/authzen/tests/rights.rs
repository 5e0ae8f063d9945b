//! Who may ask about whom, and what an answer tells.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use super::{EVALUATION, Pdp, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT, found};

const POLICY: &str = r#"
version = 1
resources.chat = ["read", "create"]
site.gates.chat = { switch = "on", access = "everyone", background = { floor = "lead" } }
site.roles.console = { grants = ["gatepost-audit:read"] }
site.roles.root = { grants = ["gatepost-site:read", "gatepost-audit:read"], all_orgs = true }
site.roles.site-auditor = { grants = ["gatepost-site:read", "gatepost-audit:read"] }
org_roles.guest = { level = 10, grants = ["chat:*"] }
org_roles.lead = { level = 40, grants = ["chat:*", "gatepost-audit:read"] }
org_roles.anyone.grants = ["chat:read"]
[orgs.town]
visibility = "public"
members.lead.roles = ["lead"]
[orgs.acme.members]
alice.roles = ["guest"]
bob.roles = ["guest"]
planner.roles = ["guest"]
lead.roles = ["lead"]
[orgs.globex.members]
carol.roles = ["guest"]
[subjects]
lead.site_roles = ["console"]
root.site_roles = ["root"]
desk.site_roles = ["site-auditor"]
planner.kind = "agent"
"#;

fn about(subject: &str, org: Option<&str>) -> Value {
    json!({
        "subject": {"type": "user", "id": subject},
        "action": {"name": "read"},
        "resource": {"type": "chat", "id": "1"},
        "context": {"org": org},
    })
}

#[tokio::test]
async fn everybody_may_ask_about_itself_and_about_others_who_may_audit_where_they_are() {
    let pdp = Pdp::new(POLICY).await;
    let (acme, globex) = (Some("acme"), Some("globex"));
    for (asker, subject, org, status) in [
        ("alice", "alice", acme, 200),
        ("alice", "alice", None, 200),
        ("alice", "alice", Some("nowhere"), 200),
        ("alice", "bob", acme, 403),
        ("alice", "bob", None, 403),
        ("alice", "bob", Some("nowhere"), 403),
        ("lead", "bob", acme, 200),
        // Who is no member there is none of the org's to know.
        ("lead", "carol", acme, 403),
        ("lead", "nobody", acme, 403),
        ("lead", "carol", globex, 403),
        ("lead", "bob", None, 403),
        ("desk", "bob", None, 200),
        // Who audits the site may ask about anybody in any org.
        ("desk", "bob", acme, 200),
        ("root", "bob", None, 200),
        ("root", "bob", acme, 200),
        ("root", "nobody", globex, 200),
    ] {
        for path in [EVALUATION, SEARCH_RESOURCE, SEARCH_ACTION] {
            let answered = pdp.post(path, asker, &about(subject, org)).await;
            assert_eq!(answered.status, status, "{path} {asker} {subject} {org:?}");
        }
    }
}

#[tokio::test]
async fn a_refusal_to_tell_is_the_same_whoever_and_wherever_it_is() {
    let pdp = Pdp::new(POLICY).await;
    let mut bodies = Vec::new();
    for subject in ["bob", "carol", "nobody"] {
        for org in [Some("acme"), Some("globex"), Some("nowhere"), None] {
            for path in [EVALUATION, SEARCH_RESOURCE, SEARCH_ACTION, SEARCH_SUBJECT] {
                let answered = pdp.post(path, "mallory", &about(subject, org)).await;
                assert_eq!(answered.status, 403);
                bodies.push(answered.body);
            }
        }
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test]
async fn an_org_that_may_not_be_known_is_answered_as_one_that_there_is_not() {
    let pdp = Pdp::new(POLICY).await;
    let told = |mut answer: Value| {
        answer["context"]["decision"].take();
        answer
    };
    for (asker, mode) in [("alice", Value::Null), ("mallory", "background".into())] {
        let asked = |org| {
            let mut asked = about(asker, Some(org));
            asked["context"]["mode"] = mode.clone();
            asked
        };
        let private = pdp.ok(EVALUATION, asker, &asked("globex")).await;
        let nowhere = pdp.ok(EVALUATION, asker, &asked("nowhere")).await;
        assert_eq!(private["context"]["code"], "not_a_member");
        assert_eq!(told(private.clone()), told(nowhere));
        assert!(!private.to_string().contains("globex"), "{private}");
    }
}

#[tokio::test]
async fn a_denial_tells_what_a_refusal_tells() {
    let pdp = Pdp::new(POLICY).await;
    let mut asked = about("alice", Some("acme"));
    asked["context"]["mode"] = "background".into();
    let answer = pdp.ok(EVALUATION, "alice", &asked).await;
    let context = &answer["context"];
    assert_eq!(answer["decision"], false);
    assert_eq!(context["code"], "mode_floor");
    assert_eq!(context["tier"], "mode");
    assert_eq!(context["required_role"], "lead");
    assert_eq!(context["remedy"]["who"], "org_admin");
    assert_eq!(context["version"], 7);
    assert!(context["decision"].is_string());
    assert!(context.get("whose").is_none());

    asked["context"]["mode"] = Value::Null;
    let answer = pdp.ok(EVALUATION, "alice", &asked).await;
    assert_eq!(
        answer,
        json!({"decision": true, "context": {"org": "acme", "reach": "any", "version": 7}})
    );
}

/// Asks about the asker itself, who came with these headers.
async fn asked_as(pdp: &Pdp, headers: &[(&str, &str)], properties: Value) -> Value {
    let mut body = about(headers[0].1, Some("acme"));
    body["subject"]["properties"] = properties;
    let mut request = Request::post(EVALUATION).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answered = pdp
        .send(request.body(Body::from(body.to_string())).unwrap())
        .await;
    match answered.status.as_u16() {
        200 => answered.json(),
        status => json!({ "status": status }),
    }
}

#[tokio::test]
async fn the_scopes_of_a_token_limit_what_is_told_of_its_bearer() {
    let pdp = Pdp::new(POLICY).await;
    for (token, asked, decision) in [
        (Some("chat:read"), Value::Null, true),
        (Some("chat:create"), Value::Null, false),
        (Some(""), Value::Null, false),
        // Whoever asks cannot lift them, but can ask about fewer.
        (Some("chat:create"), json!(["chat:*"]), false),
        (Some("chat:create"), json!(["*:*"]), false),
        (Some("chat:*"), json!(["chat:create"]), false),
        (Some("chat:*"), json!(["chat:read"]), true),
        (Some("chat:*"), json!([]), false),
        (None, json!(["chat:read"]), true),
        (None, json!(["chat:create"]), false),
    ] {
        let mut headers = vec![("x-subject", "alice")];
        headers.extend(token.map(|scopes| ("x-scopes", scopes)));
        let answer = asked_as(&pdp, &headers, json!({"scopes": asked})).await;
        assert_eq!(answer["decision"], decision, "{token:?} {asked}");
        if !decision {
            assert_eq!(answer["context"]["code"], "scope_missing");
        }
    }
}

#[tokio::test]
async fn what_acts_for_somebody_is_answered_as_it_acts() {
    let pdp = Pdp::new(POLICY).await;
    let planner = ("x-subject", "planner");
    let for_alice = ("x-acting-for", "alice");
    let for_carol = ("x-acting-for", "carol");

    // As the token says; in the request it need not be said again.
    let answer = asked_as(&pdp, &[planner, for_alice], Value::Null).await;
    assert_eq!(answer["decision"], true);
    let answer = asked_as(&pdp, &[planner, for_alice], json!({"acting_for": "alice"})).await;
    assert_eq!(answer["decision"], true);
    let answer = asked_as(&pdp, &[planner, for_carol], Value::Null).await;
    assert_eq!(answer["context"]["code"], "not_a_member");
    assert_eq!(answer["context"]["whose"], "acting_for");
    let answer = asked_as(&pdp, &[planner], Value::Null).await;
    assert_eq!(answer["context"]["code"], "delegator_missing");

    // To say that one acts for somebody else is to ask about somebody else.
    for acting_for in ["alice", "carol", "nobody"] {
        let properties = json!({ "acting_for": acting_for });
        let answer = asked_as(&pdp, &[planner], properties).await;
        assert_eq!(answer, json!({"status": 403}), "{acting_for}");
    }
    let properties = json!({"acting_for": "bob"});
    let answer = asked_as(&pdp, &[planner, for_alice], properties).await;
    assert_eq!(answer, json!({"status": 403}));
}

#[tokio::test]
async fn what_its_identity_says_that_it_is_cannot_be_asked_away() {
    let pdp = Pdp::new(POLICY).await;
    let asker = [("x-subject", "alice"), ("x-kind", "agent")];
    let mut headers = asker.to_vec();
    // The policy names no `dora`, so the identity says what it is.
    headers[0].1 = "dora";
    let answer = asked_as(&pdp, &headers, Value::Null).await;
    assert_eq!(answer["context"]["code"], "delegator_missing");
}

#[tokio::test]
async fn whoever_may_audit_an_org_finds_its_members_and_nobody_else() {
    let pdp = Pdp::new(POLICY).await;
    let users = |answer: &Value| {
        let ids = found(answer).into_iter();
        ids.map(|it| it["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let search = |kind: &str, org: Option<&str>| {
        let mut asked = about("", org);
        asked["subject"] = json!({ "type": kind });
        asked
    };
    let answer = pdp
        .ok(SEARCH_SUBJECT, "lead", &search("user", Some("acme")))
        .await;
    assert_eq!(users(&answer), ["alice", "bob", "lead"]);
    let answer = pdp
        .ok(SEARCH_SUBJECT, "root", &search("user", Some("globex")))
        .await;
    assert_eq!(users(&answer), ["carol"]);
    // Everybody may there, and it may ask about its members alone.
    let answer = pdp
        .ok(SEARCH_SUBJECT, "lead", &search("user", Some("town")))
        .await;
    assert_eq!(users(&answer), ["lead"]);
    let answer = pdp
        .ok(SEARCH_SUBJECT, "root", &search("user", Some("town")))
        .await;
    assert!(users(&answer).len() > 4);
    // An agent that acts for nobody may nothing; for alice it is asked with her.
    let answer = pdp
        .ok(SEARCH_SUBJECT, "lead", &search("agent", Some("acme")))
        .await;
    assert_eq!(users(&answer), [] as [&str; 0]);
    let mut asked = search("agent", Some("acme"));
    asked["subject"]["properties"] = json!({"acting_for": "alice"});
    let answer = pdp.ok(SEARCH_SUBJECT, "lead", &asked).await;
    let planner = json!({"type": "agent", "id": "planner", "properties": {"acting_for": "alice"}});
    assert!(found(&answer).contains(&planner), "{answer}");
    for (asker, org) in [("alice", "acme"), ("lead", "globex"), ("desk", "acme")] {
        let answered = pdp
            .post(SEARCH_SUBJECT, asker, &search("user", Some(org)))
            .await;
        assert_eq!(answered.status, 403);
    }
}

#[tokio::test]
async fn where_nobody_may_be_asked_about_nothing_is_found() {
    let pdp = Pdp::new(POLICY).await;
    // It may audit one org, and the other is no member there.
    let answer = pdp
        .post(SEARCH_RESOURCE, "lead", &about("carol", None))
        .await;
    assert!(answer.status == 403 || found(&answer.json()).is_empty());
    for who in ["desk", "root", "bob"] {
        let answer = pdp.ok(SEARCH_RESOURCE, who, &about("bob", None)).await;
        assert_eq!(found(&answer).len(), 2);
    }
}
