//! What each command makes of a policy, by the operator, whom nothing bounds.

mod kill;
mod orgs;
mod site;

use gatepost::{FORMAT_VERSION, PolicyDocument};
use serde_json::{Value, json};

use super::plan;
use super::testing::{command, document, noon, operator, planned};
use crate::command::WriteRefusal;

const POLICY: &str = r#"
version = 1
[resources]
chat = ["read", "create"]
agent = ["execute"]
bare = ["read"]

[site.gates.chat]
switch = "opt-in"
access = "everyone"
[site.gates.agent]
switch = "on"
background = { floor = "developer" }

[site.roles.reader]
grants = ["chat:read"]

[org_roles.anyone]
grants = ["chat:read"]
[org_roles.guest]
level = 10
[org_roles.developer]
level = 30
include = ["guest"]

[orgs.holding]
[orgs.holding.roles.clerk]
level = 15
[orgs.acme]
parent = "holding"
[orgs.acme.gates.chat]
switch = "on"
[orgs.acme.gates.agent]
background = { min_role = "developer" }
[orgs.acme.roles.lead]
level = 20
include = ["clerk"]
grants = ["chat:create"]
[orgs.acme.members.alice]
roles = ["guest"]
[orgs.acme.members.carol]
roles = ["guest", "retired"]
expires = "2027-01-01T00:00:00Z"
[orgs.acme.members.over]
roles = ["guest", "developer"]
expires = "2026-06-01T12:00:00Z"
[orgs.branch]
parent = "acme"
[orgs.branch.roles.sub]
level = 5
include = ["clerk"]
[orgs.globex]

[subjects.alice]
site_roles = ["reader", "retired"]
default_org = "acme"
"#;

fn as_json(document: &PolicyDocument) -> Value {
    serde_json::to_value(document).unwrap()
}

/// JSON merge patch (RFC 7396).
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let target = target.as_object_mut().unwrap();
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// Each row: a command, what of the document is other after it, and what the summary says.
fn accepted(rows: &[(&str, Value, &str)]) {
    let policy = document(POLICY);
    for (text, patch, summary) in rows {
        let planned = planned(&command(text), &operator(), &policy)
            .unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
        let mut want = as_json(&policy);
        merge(&mut want, patch);
        let want = PolicyDocument::from_json_value(&want).unwrap();
        assert_eq!(planned.document, want, "{text}");
        let lines: Vec<&str> = if summary.is_empty() {
            vec![]
        } else {
            vec![*summary]
        };
        assert_eq!(planned.summary, lines, "{text}");
    }
}

/// Each row: a command, and what it is refused with.
fn invalid(rows: &[(&str, &str)]) {
    let policy = document(POLICY);
    for (text, want) in rows {
        let refusal = planned(&command(text), &operator(), &policy).unwrap_err();
        assert!(matches!(refusal, WriteRefusal::Invalid(_)), "{text}");
        assert_eq!(refusal.to_string(), *want, "{text}");
    }
}

#[test]
fn subjects() {
    accepted(&[
        (
            r#"{"command":"site_role_add","subject":"bob","role":"reader"}"#,
            json!({"subjects": {"bob": {"site_roles": ["reader"]}}}),
            "site roles of bob: nothing -> reader",
        ),
        (
            r#"{"command":"site_role_add","subject":"alice","role":"reader"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"site_role_remove","subject":"alice","role":"retired"}"#,
            json!({"subjects": {"alice": {"site_roles": ["reader"]}}}),
            "site roles of alice: reader, retired -> reader",
        ),
        (
            r#"{"command":"site_role_remove","subject":"alice","role":"unheld"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"site_role_remove","subject":"nobody","role":"reader"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"subject_status","subject":"bob","status":"suspended"}"#,
            json!({"subjects": {"bob": {"status": "suspended"}}}),
            "subject bob: active -> suspended",
        ),
        // Nothing is said of him, and to name him would be to say that he is a user.
        (
            r#"{"command":"subject_status","subject":"bob","status":"active"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"subject_default_org","subject":"bob"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"subject_kind","subject":"bob","kind":"user"}"#,
            json!({"subjects": {"bob": {"kind": "user"}}}),
            "kind of bob: unset -> user",
        ),
        (
            r#"{"command":"subject_kind","subject":"alice","kind":"user"}"#,
            json!({}),
            "",
        ),
        (
            r#"{"command":"subject_default_org","subject":"alice"}"#,
            json!({"subjects": {"alice": {"default_org": null}}}),
            "default org of alice: acme -> unset",
        ),
    ]);
    invalid(&[
        (
            r#"{"command":"site_role_add","subject":"bob","role":"guest"}"#,
            "`role`: no site role `guest` is defined",
        ),
        (
            r#"{"command":"subject_default_org","subject":"bob","org":"nowhere"}"#,
            "`org`: no org `nowhere` is defined",
        ),
    ]);
}

#[test]
fn a_slice_need_not_say_its_format() {
    let mut policy = document(POLICY);
    policy.version = None;
    let switch = command(r#"{"command":"site_switch","resource":"chat","to":"on"}"#);
    let planned = planned(&switch, &operator(), &policy).unwrap();
    assert_eq!(planned.document.version, None);
    // One that says another is not read as this one.
    policy.version = Some(FORMAT_VERSION + 1);
    let refusal = plan(&switch, &operator(), &policy, 7, noon()).unwrap_err();
    assert!(matches!(refusal, WriteRefusal::Unreadable(_)));
}
