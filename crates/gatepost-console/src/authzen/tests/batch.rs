//! Several evaluations in one request.

use serde_json::{Value, json};

use super::{EVALUATIONS, Pdp};

const POLICY: &str = r#"
version = 1
resources.document = ["read"]
site.gates.document = { switch = "on", access = "everyone" }
org_roles.reader = { level = 10, grants = ["document:read"] }
orgs.one.members.alice.roles = ["reader"]
orgs.two.members.alice.roles = []
orgs.three.members.alice.roles = ["reader"]
"#;

/// Asks about documents in these orgs.
fn asked(semantic: Option<&str>, orgs: &[&str]) -> Value {
    let document = |org: &&str| json!({"resource": {"type": "document", "id": "1", "properties": {"org": org}}});
    json!({
        "subject": {"type": "user", "id": "alice"},
        "action": {"name": "read"},
        "options": {"evaluations_semantic": semantic, "another_option": "value"},
        "evaluations": orgs.iter().map(document).collect::<Vec<_>>(),
    })
}

fn decisions(answer: &Value) -> Vec<bool> {
    let list = answer["evaluations"].as_array().unwrap().iter();
    list.map(|it| it["decision"].as_bool().unwrap()).collect()
}

#[tokio::test]
async fn it_ends_where_the_semantic_says() {
    let pdp = Pdp::new(POLICY).await;
    let all = ["one", "two", "three"];
    for (semantic, orgs, want) in [
        (None, &all[..], &[true, false, true][..]),
        (Some("execute_all"), &all, &[true, false, true]),
        (Some("deny_on_first_deny"), &all, &[true, false]),
        (Some("deny_on_first_deny"), &["one", "three"], &[true, true]),
        (Some("permit_on_first_permit"), &all, &[true]),
        (
            Some("permit_on_first_permit"),
            &["two", "one", "two"],
            &[false, true],
        ),
        (
            Some("permit_on_first_permit"),
            &["two", "two"],
            &[false, false],
        ),
    ] {
        let answer = pdp.ok(EVALUATIONS, "alice", &asked(semantic, orgs)).await;
        assert_eq!(decisions(&answer), want, "{semantic:?} {orgs:?}");
    }
}

#[tokio::test]
async fn one_that_cannot_be_read_is_a_denial_in_its_place_under_each_semantic() {
    let pdp = Pdp::new(POLICY).await;
    for item in [
        json!({"resource": {"type": "document"}}),
        json!({"resource": "document"}),
        json!({"subject": {"type": 1, "id": "alice"}}),
        json!({"subject": {"type": "user", "id": ""}}),
        json!({"context": {"mode": "batch"}}),
        json!({"action": {}}),
        json!([]),
        json!("x"),
        Value::Null,
    ] {
        for (semantic, want) in [
            ("execute_all", &[true, false, true][..]),
            ("deny_on_first_deny", &[true, false]),
        ] {
            let mut body = asked(Some(semantic), &["one", "two", "three"]);
            body["resource"] = body["evaluations"][0]["resource"].clone();
            body["evaluations"][1] = item.clone();
            let answer = pdp.ok(EVALUATIONS, "alice", &body).await;
            assert_eq!(decisions(&answer), want, "{item}");
            let error = &answer["evaluations"][1]["context"]["error"];
            assert_eq!(error["status"], 400, "{item}");
            assert!(error["message"].is_string());
        }
        let mut body = asked(Some("permit_on_first_permit"), &["two", "one"]);
        body["evaluations"][0] = item;
        body["resource"] = json!({"type": "document", "id": "1", "properties": {"org": "two"}});
        let answer = pdp.ok(EVALUATIONS, "alice", &body).await;
        assert_eq!(decisions(&answer), [false, true]);
    }
}

#[tokio::test]
async fn one_about_somebody_else_is_a_denial_in_its_place() {
    let pdp = Pdp::new(POLICY).await;
    let mut body = asked(None, &["one", "one"]);
    body["evaluations"][1]["subject"] = json!({"type": "user", "id": "bob"});
    let answer = pdp.ok(EVALUATIONS, "alice", &body).await;
    assert_eq!(decisions(&answer), [true, false]);
    assert_eq!(answer["evaluations"][1]["context"]["error"]["status"], 403);
}

#[tokio::test]
async fn a_default_is_taken_as_a_whole() {
    let pdp = Pdp::new(POLICY).await;
    // Of the default's properties nothing is left, and so no org is named.
    let body = json!({
        "subject": {"type": "user", "id": "alice"},
        "action": {"name": "read"},
        "resource": {"type": "document", "id": "1", "properties": {"org": "one"}},
        "context": {"org_rule": "required"},
        "evaluations": [
            {},
            {"resource": {"type": "document", "id": "1"}},
            {"resource": {"type": "document", "id": "1"}, "context": {"org": "three"}},
        ],
    });
    let answer = pdp.ok(EVALUATIONS, "alice", &body).await;
    assert_eq!(decisions(&answer), [true, false, true]);
    assert_eq!(answer["evaluations"][1]["context"]["code"], "org_required");
}

#[tokio::test]
async fn what_is_wrong_with_all_of_it_is_a_bad_request() {
    let pdp = Pdp::new(POLICY).await;
    for (member, value) in [
        ("evaluations", json!({})),
        ("evaluations", json!("x")),
        ("options", json!([])),
        ("options", json!({"evaluations_semantic": "all"})),
        ("options", json!({"evaluations_semantic": 1})),
        ("subject", json!("alice")),
        ("subject", json!({"type": "user"})),
        ("action", json!({})),
        ("resource", json!({"type": "document"})),
        ("context", json!([])),
    ] {
        let mut body = asked(None, &["one"]);
        body[member] = value;
        let answered = pdp.post(EVALUATIONS, "alice", &body).await;
        assert_eq!(answered.status, 400, "{body}");
    }
}
