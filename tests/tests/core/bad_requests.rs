//! Requests that are none: what `bad_request` is about.

use gatepost::{RequestDocument, RequestFields};
use gatepost_tests::question::Question;
use serde_json::{Value, json};

fn with(key: &str, value: Value) -> Value {
    let mut request = json!({ "resource": "chat", "action": "read" });
    request[key] = value;
    request
}

#[test]
fn what_is_ill_formed_is_no_request_for_either_reader() {
    let mut rows = vec![
        json!(null),
        json!([]),
        json!(["alice", null, "acme", null, "chat", "read"]),
        json!("chat:read"),
        json!({ "resource": "chat" }),
        json!({ "action": "read" }),
    ];
    for (key, values) in [
        ("tenant", vec![json!("acme"), json!(null)]),
        (
            "mode",
            vec![
                json!("detached"),
                json!(""),
                json!("Foreground"),
                json!(true),
                json!({ "foreground": null }),
            ],
        ),
        (
            "kind",
            vec![json!("robot"), json!({ "agent": null }), json!(["agent"])],
        ),
        ("org_rule", vec![json!("any"), json!({ "none": null })]),
        (
            "at",
            vec![json!("yesterday"), json!(1), json!(""), json!("2027-01-01")],
        ),
        (
            "resource",
            vec![json!("Chat"), json!("*"), json!(""), json!(null)],
        ),
        ("action", vec![json!("re ad"), json!("*"), json!(null)]),
        (
            "scopes",
            vec![json!("chat:read"), json!([1]), json!([null])],
        ),
    ] {
        rows.extend(values.into_iter().map(|value| with(key, value)));
    }
    for key in ["subject", "org", "owner", "acting_for"] {
        let long = "x".repeat(256);
        for id in ["", "a\u{0}", "a\nb", "\u{85}", &long] {
            rows.push(with(key, json!(id)));
        }
        rows.push(with(key, json!(7)));
    }
    for row in rows {
        assert!(
            serde_json::from_value::<RequestDocument>(row.clone()).is_err(),
            "{row}"
        );
        assert!(
            gatepost_tests::oracle::Request::from_json(&row).is_err(),
            "{row}"
        );
    }
}

#[test]
fn a_key_given_twice_is_no_request() {
    let text = r#"{"resource": "chat", "action": "read", "org": "acme", "org": "home"}"#;
    assert!(serde_json::from_str::<RequestDocument>(text).is_err());
}

#[test]
fn a_moment_is_rfc_3339_and_nothing_else() {
    for at in [
        "2027-01-01T00Z",
        "2027-01-01T00:00:00+0200",
        "2027-01-01T00:00:00+01:00[Europe/Berlin]",
    ] {
        assert!(
            serde_json::from_value::<RequestDocument>(with("at", json!(at))).is_err(),
            "{at}"
        );
    }
}

#[test]
fn null_is_absent() {
    let mut bare = json!({ "resource": "chat", "action": "read" });
    let read = |request: &Value| Question::read(request).unwrap();
    let absent = read(&bare).engine;
    for key in [
        "subject",
        "kind",
        "org",
        "org_rule",
        "mode",
        "owner",
        "scopes",
        "acting_for",
        "at",
    ] {
        bare[key] = Value::Null;
    }
    assert_eq!(read(&bare).engine, absent);
}

#[test]
fn fields_are_checked_as_a_file_is() {
    let fields = |resource: &str, org: Option<&str>| RequestFields {
        resource: resource.to_owned(),
        action: "read".to_owned(),
        org: org.map(str::to_owned),
        ..RequestFields::default()
    };
    assert!(RequestDocument::from_fields(fields("chat", Some("acme"))).is_ok());
    assert!(RequestDocument::from_fields(fields("Chat", None)).is_err());
    assert!(RequestDocument::from_fields(fields("chat", Some(""))).is_err());
}
