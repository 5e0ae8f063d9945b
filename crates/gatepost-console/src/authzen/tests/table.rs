//! What each form of request is answered with: never with a 500.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use super::{EVALUATION, EVALUATIONS, Pdp, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT};

pub(super) const POLICY: &str = r#"
version = 1
resources.chat = ["read", "create"]
site.gates.chat = { switch = "on", access = "everyone", background = { floor = "lead" } }
site.roles.auditor = { grants = ["gatepost-site:read", "gatepost-audit:read"], all_orgs = true }
org_roles.guest = { level = 10, grants = ["chat:read", "chat:create@own"] }
org_roles.lead = { level = 40, grants = ["chat:*"] }
orgs.acme.members = { alice.roles = ["guest"] }
subjects.root.site_roles = ["auditor"]
"#;

/// A sound request, in which everything that is known is there.
pub(super) fn sound() -> Value {
    json!({
        "subject": {"type": "user", "id": "alice", "properties": {"scopes": ["chat:*"], "acting_for": null}},
        "action": {"name": "read", "properties": {}},
        "resource": {"type": "chat", "id": "1", "properties": {"org": "acme", "owner": "alice"}},
        "context": {
            "org": "acme", "owner": "alice", "org_rule": "required", "mode": "foreground",
            "at": "2026-11-22T00:00:00Z",
        },
    })
}

pub(super) const ALL: [&str; 5] = [
    EVALUATION,
    EVALUATIONS,
    SEARCH_SUBJECT,
    SEARCH_RESOURCE,
    SEARCH_ACTION,
];

/// Sets what a path of members leads to.
fn set(mut request: Value, path: &str, value: Value) -> Value {
    *request
        .pointer_mut(path)
        .unwrap_or_else(|| panic!("{path}")) = value;
    request
}

#[tokio::test]
async fn a_sound_request_is_answered_everywhere() {
    let pdp = Pdp::new(POLICY).await;
    for path in ALL {
        pdp.ok(path, "root", &sound()).await;
    }
}

#[tokio::test]
async fn a_known_member_of_another_type_is_a_bad_request() {
    let pdp = Pdp::new(POLICY).await;
    let wrong = [
        json!(1),
        json!(true),
        json!({}),
        json!(["x"]),
        json!("\u{1}"),
    ];
    let texts = [
        ("/subject/id", true),
        ("/subject/properties/acting_for", true),
        ("/resource/properties/org", true),
        ("/resource/properties/owner", true),
        ("/context/org", true),
        ("/context/owner", true),
        ("/context/org_rule", true),
        ("/context/mode", true),
        ("/context/at", true),
        ("/subject/type", false),
        ("/action/name", false),
        ("/resource/type", false),
    ];
    for (member, is_everywhere) in texts {
        for value in &wrong {
            let request = set(sound(), member, value.clone());
            for path in ALL {
                let is_ignored = (path, member) == (SEARCH_SUBJECT, "/subject/id")
                    || (path, member) == (SEARCH_ACTION, "/action/name")
                    // What is no name is nobody's there.
                    || (!is_everywhere && value.is_string());
                let answered = pdp.post(path, "root", &request).await;
                let want = if is_ignored { 200 } else { 400 };
                assert_eq!(
                    answered.status, want,
                    "{path} {member} {value} {answered:?}"
                );
            }
        }
    }
    for member in ["/subject", "/action", "/resource", "/context"] {
        for value in [json!(1), json!(true), json!("alice"), json!([])] {
            let request = set(sound(), member, value);
            for path in ALL {
                let want = if (path, member) == (SEARCH_ACTION, "/action") {
                    200
                } else {
                    400
                };
                assert_eq!(
                    pdp.post(path, "root", &request).await.status,
                    want,
                    "{path} {request}"
                );
            }
        }
    }
    for member in ["subject", "action", "resource"] {
        for value in [json!(1), json!("x"), json!([])] {
            let request = set(sound(), &format!("/{member}/properties"), value);
            for path in ALL {
                let want = if (path, member) == (SEARCH_ACTION, "action") {
                    200
                } else {
                    400
                };
                assert_eq!(
                    pdp.post(path, "root", &request).await.status,
                    want,
                    "{path} {request}"
                );
            }
        }
    }
    for scopes in [
        json!("chat:*"),
        json!({}),
        json!(["chat:*", 1]),
        json!([null]),
    ] {
        let request = set(sound(), "/subject/properties/scopes", scopes);
        for path in ALL {
            assert_eq!(
                pdp.post(path, "root", &request).await.status,
                400,
                "{path} {request}"
            );
        }
    }
}

#[tokio::test]
async fn what_has_to_be_there_and_is_not_is_a_bad_request() {
    let pdp = Pdp::new(POLICY).await;
    for member in ["/subject", "/action", "/resource"] {
        for path in ALL {
            let answered = pdp
                .post(path, "root", &set(sound(), member, Value::Null))
                .await;
            let want = if (path, member) == (SEARCH_ACTION, "/action") {
                200
            } else {
                400
            };
            assert_eq!(answered.status, want, "{path} {member}");
        }
    }
    for (member, ignored) in [
        ("/subject/type", None),
        ("/subject/id", Some(SEARCH_SUBJECT)),
        ("/action/name", Some(SEARCH_ACTION)),
        ("/resource/type", None),
        ("/resource/id", Some(SEARCH_RESOURCE)),
    ] {
        for path in ALL {
            let answered = pdp
                .post(path, "root", &set(sound(), member, Value::Null))
                .await;
            let want = if ignored == Some(path) { 200 } else { 400 };
            assert_eq!(answered.status, want, "{path} {member} {answered:?}");
        }
    }
}

#[tokio::test]
async fn what_is_null_is_not_there() {
    let pdp = Pdp::new(POLICY).await;
    for member in [
        "/context",
        "/subject/properties",
        "/action/properties",
        "/resource/properties",
        "/subject/properties/scopes",
        "/resource/properties/org",
        "/resource/properties/owner",
        "/context/org",
        "/context/owner",
        "/context/org_rule",
        "/context/mode",
        "/context/at",
    ] {
        let request = set(sound(), member, Value::Null);
        let answer = pdp.ok(EVALUATION, "root", &request).await;
        assert_eq!(answer["decision"], true, "{request} {answer}");
    }
}

#[tokio::test]
async fn an_org_or_an_owner_that_is_two_is_a_bad_request() {
    let pdp = Pdp::new(POLICY).await;
    for member in ["org", "owner"] {
        let request = set(sound(), &format!("/context/{member}"), json!("other"));
        for path in ALL {
            let answered = pdp.post(path, "root", &request).await;
            assert_eq!(answered.status, 400, "{path}");
            assert!(answered.body.contains(member) && !answered.body.contains("other"));
        }
    }
}

#[tokio::test]
async fn what_nothing_can_be_is_a_no_everywhere_and_no_bad_request() {
    let pdp = Pdp::new(POLICY).await;
    let huge = "q".repeat(100_000);
    for (member, value) in [
        ("/subject/type", "spaceship"),
        ("/subject/type", "User"),
        ("/subject/type", ""),
        ("/action/name", "GET"),
        ("/action/name", ""),
        ("/action/name", &huge),
        ("/resource/type", "chat:read"),
        ("/resource/type", "*"),
        ("/resource/type", &huge),
    ] {
        let mut request = set(sound(), member, json!(value));
        let answered = pdp.post(EVALUATION, "root", &request).await;
        assert_eq!(answered.status, 200, "{member} {value}");
        assert_eq!(answered.json()["decision"], false, "{member} {value}");
        assert!(answered.body.len() < 1_000, "{member}");
        for path in [SEARCH_SUBJECT, SEARCH_RESOURCE, SEARCH_ACTION] {
            if (path, member) != (SEARCH_ACTION, "/action/name") {
                let answer = pdp.ok(path, "root", &request).await;
                assert_eq!(answer["results"], json!([]), "{path} {member} {value}");
            }
        }
        request["evaluations"] = json!([{}, {"subject": {"type": "user", "id": "alice"},
            "action": {"name": "read"}, "resource": {"type": "chat", "id": "1"}}]);
        request["context"]["org"] = json!("acme");
        let answer = pdp.ok(EVALUATIONS, "root", &request).await;
        let answer = &answer["evaluations"];
        assert_eq!(answer[0]["decision"], false, "{member} {value}");
        assert!(answer[0]["context"].get("error").is_none(), "{answer}");
        assert_eq!(answer[1]["decision"], true, "{answer}");
        // Nobody is told so of others whom it may not ask about.
        request["evaluations"] = Value::Null;
        let answered = pdp.post(EVALUATION, "mallory", &request).await;
        assert_eq!(answered.status, 403, "{member} {value}");
    }
}

#[tokio::test]
async fn a_check_that_fails_for_the_want_of_an_org_is_a_decision() {
    let pdp = Pdp::new(POLICY).await;
    for (rule, mode, code) in [
        ("required", "foreground", "org_required"),
        ("none", "background", "org_required"),
        ("default", "foreground", "no_default_org"),
    ] {
        let mut request = set(sound(), "/context/org_rule", json!(rule));
        request["context"]["mode"] = json!(mode);
        request["context"]["org"] = Value::Null;
        request["resource"]["properties"]["org"] = Value::Null;
        request["subject"]["id"] = json!("root");
        let answer = pdp.ok(EVALUATION, "root", &request).await;
        assert_eq!(answer["decision"], false);
        assert_eq!(answer["context"]["code"], code);
    }
}

#[tokio::test]
async fn only_post_is_answered_and_only_at_the_endpoints() {
    let pdp = Pdp::new(POLICY).await;
    for path in ALL {
        for method in ["GET", "PUT", "DELETE", "PATCH", "HEAD"] {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("x-subject", "root");
            let answered = pdp.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answered.status, 405, "{method} {path}");
        }
    }
    for path in [
        "/access/v1",
        "/access/v1/evaluation/",
        "/access/v2/evaluation",
        "/access/v1/search",
    ] {
        assert_eq!(pdp.post(path, "root", &sound()).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_identifier_of_a_request_stands_in_whatever_is_answered() {
    let pdp = Pdp::new(POLICY).await;
    for path in ALL {
        for (asker, body, status) in [
            (Some("root"), sound().to_string(), 200),
            (Some("root"), "{".to_owned(), 400),
            (Some("mallory"), sound().to_string(), 403),
            (None, sound().to_string(), 401),
        ] {
            let mut request = Request::post(path)
                .header("content-type", "application/json")
                .header("x-request-id", "bfe9eb29-ab87-4ca3-be83-a1d5d8305716");
            if let Some(asker) = asker {
                request = request.header("x-subject", asker);
            }
            let answered = pdp.send(request.body(body.into()).unwrap()).await;
            assert_eq!(answered.status, status, "{path}");
            let id = &answered.headers["x-request-id"];
            assert_eq!(id, "bfe9eb29-ab87-4ca3-be83-a1d5d8305716");
            if status == 401 {
                assert_eq!(answered.headers["www-authenticate"], "Bearer");
            }
            if status != 200 {
                let media_type = answered.headers["content-type"].to_str().unwrap();
                assert!(media_type.starts_with("text/plain"), "{answered:?}");
                assert!(!answered.body.is_empty());
            }
        }
        let answered = pdp.post(path, "root", &sound()).await;
        assert!(!answered.headers.contains_key("x-request-id"));
    }
}
