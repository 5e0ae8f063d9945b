use gatepost::{PolicyText, explain};
use serde_json::{Value, json};

use super::*;

fn facts() -> Snapshot {
    let text = r#"
        version = 1
        resources.chat = ["create", "read"]
        [site.gates.chat]
        switch = "opt-out"
        access = "everyone"
        [site.roles.staff]
        grants = ["!chat:read#background"]
        [org_roles.guest]
        level = 10
        grants = ["chat:read", "chat:create@own"]
        [orgs.acme.members]
        alice.roles = ["guest"]
        bob.roles = ["guest"]
        [orgs.zeta]
        [subjects.gina]
        status = "suspended"
        [subjects.planner]
        kind = "agent"
    "#;
    PolicyText::toml(text).compile(7).unwrap()
}

/// A record with these members in the place of those of an allow.
fn record(bend: impl FnOnce(&mut Value)) -> LogRecord {
    let mut line = json!({
        "schema": 1, "decision_id": "8G3S9X34NSB6PHJY", "time": "2026-11-22T03:42:26Z", "service": "chats",
        "decision": true, "outcome": "allow", "enforced": true,
        "subject": { "id": "alice" },
        "action": { "name": "read" },
        "resource": { "type": "chat", "properties": { "org": "acme" } },
        "context": { "org_rule": "required", "mode": "foreground" },
        "requirement": "chat:read#foreground", "route": { "method": "GET", "path": "/orgs/{org}/chats" },
        "version": 7, "latency_ns": 1800
    });
    bend(&mut line);
    serde_json::from_value(line).unwrap()
}

fn refused(line: &mut Value, outcome: &str, code: &str) {
    line["decision"] = json!(false);
    line["outcome"] = json!(outcome);
    line["code"] = json!(code);
}

fn set(line: &mut Value, place: &str, value: Value) {
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = line.pointer_mut(parent).unwrap();
    parent[name] = value;
}

#[test]
fn a_record_is_asked_again_with_all_that_it_tells() {
    let at: Timestamp = "2026-11-22T03:42:26Z".parse().unwrap();
    let full = record(|line| {
        set(line, "/subject/type", json!("agent"));
        let properties = json!({ "acting_for": "alice", "scopes": ["chat:read"] });
        set(line, "/subject/properties", properties);
        set(line, "/resource/properties/owner", json!("bob"));
    });
    let replay = full.replay().unwrap();
    let request = replay.as_request();
    let subject = request.subject.unwrap();
    assert_eq!(subject.id().as_str(), "alice");
    assert_eq!(subject.claimed_kind(), Some(gatepost::Kind::Agent));
    assert_eq!(subject.delegator().map(SubjectId::as_str), Some("alice"));
    let scopes: Vec<_> = subject.scope_list().unwrap().iter().collect();
    assert_eq!(scopes, ["chat:read"]);
    assert!(matches!(request.org, OrgInput::Named(org) if org.as_str() == "acme"));
    assert_eq!(request.mode, Input::Known(Some(Mode::Foreground)));
    assert!(matches!(request.owner, Input::Known(Some(owner)) if owner.as_str() == "bob"));
    assert_eq!(request.at, Some(at));
}

#[test]
fn each_answer_is_given_again_by_the_same_policy() {
    let facts = facts();
    let rows: [(&str, &dyn Fn(&mut Value)); 10] = [
        ("an allow", &|_| {}),
        ("unauthenticated", &|line| {
            refused(line, "deny", "unauthenticated");
            line.as_object_mut().unwrap().remove("subject");
            set(line, "/context/unread", json!(["org"]));
            set(line, "/resource/properties", json!({}));
        }),
        ("nothing of the org was read", &|line| {
            refused(line, "deny", "subject_suspended");
            set(line, "/subject/id", json!("gina"));
            set(line, "/context/unread", json!(["org", "mode", "owner"]));
            set(line, "/resource/properties", json!({}));
            set(line, "/context/mode", json!(null));
        }),
        ("whose it was", &|line| {
            refused(line, "deny", "not_a_member");
            set(
                line,
                "/subject/properties",
                json!({ "acting_for": "carol" }),
            );
            line["whose"] = json!("acting_for");
        }),
        ("a default org that is none", &|line| {
            refused(line, "deny", "no_default_org");
            set(line, "/subject/id", json!("carol"));
            set(line, "/resource/properties", json!({}));
            set(line, "/context/org_rule", json!("default"));
        }),
        ("no org", &|line| {
            refused(line, "deny", "org_required");
            set(line, "/resource/properties", json!({}));
        }),
        ("different orgs", &|line| {
            refused(line, "deny", "org_conflict");
            set(line, "/resource/properties", json!({}));
            set(line, "/context/unread", json!(["org"]));
        }),
        (
            "an object that was not there, and was to name the org",
            &|line| {
                refused(line, "deny", "not_a_member");
                set(line, "/resource/properties", json!({}));
                set(line, "/context/unread", json!(["org", "owner"]));
            },
        ),
        ("an org that may not be known", &|line| {
            refused(line, "deny", "not_a_member");
            set(line, "/resource/properties/org", json!("zeta"));
        }),
        ("somebody else's", &|line| {
            refused(line, "deny", "org_grant_missing");
            set(line, "/action/name", json!("create"));
            set(line, "/resource/properties/owner", json!("bob"));
        }),
    ];
    for (name, bend) in rows {
        let record = record(bend);
        let replay = record.replay().unwrap();
        let told = explain(&facts, &replay.as_request()).to_string();
        assert!(
            replay.is_answered_as_recorded(&facts, &record),
            "{name}: {told}"
        );
    }
}

#[test]
fn another_answer_than_the_recorded_one_is_seen() {
    let facts = facts();
    let rows: [&dyn Fn(&mut Value); 5] = [
        &|line| refused(line, "deny", "org_off"),
        &|line| refused(line, "error", "policy_stale"),
        &|line| set(line, "/resource/properties/org", json!("zeta")),
        // Whose it was is not the same.
        &|line| {
            refused(line, "deny", "not_a_member");
            set(
                line,
                "/subject/properties",
                json!({ "acting_for": "carol" }),
            );
            line["whose"] = json!("subject");
        },
        // None was named where one is required.
        &|line| set(line, "/resource/properties", json!({})),
    ];
    for bend in rows {
        let record = record(bend);
        let replay = record.replay().unwrap();
        assert!(
            !replay.is_answered_as_recorded(&facts, &record),
            "{record:?}"
        );
    }
}

#[test]
fn what_was_redacted_or_never_decided_is_not_asked_again() {
    let because = |bend: &dyn Fn(&mut Value)| record(bend).replay().unwrap_err().to_string();
    for what in [
        "subject",
        "acting_for",
        "scopes",
        "org",
        "owner",
        "whatever",
    ] {
        let told = because(&|line| set(line, "/redacted", json!([what, "reason"])));
        assert!(told.ends_with(&format!("or cut: `{what}`")), "{told}");
    }
    let kept = record(|line| set(line, "/redacted", json!(["reason"])));
    assert!(kept.replay().is_ok());
    let gone = |line: &mut Value| _ = line.as_object_mut().unwrap().remove("subject");
    assert_eq!(record(gone).replay(), Err(NoReplay::NoSubject));
    assert!(because(&|line| line["revoked"] = json!("X")).contains("revoked"));
    for code in NOT_DECIDED {
        let told = because(&|line| refused(line, "error", code.as_str()));
        assert!(told.contains(code.as_str()), "{told}");
    }
}

#[test]
fn what_was_not_read_is_left_open_and_what_is_known_to_be_none_is_not() {
    let facts = facts();
    for (what, unread) in [
        ("org", true),
        ("mode", true),
        ("owner", true),
        ("none", false),
    ] {
        let record = record(|line| {
            refused(line, "deny", "site_off");
            set(line, "/action/name", json!("create"));
            set(line, "/resource/properties", json!({ "org": "acme" }));
            set(line, "/context/unread", json!([what]));
            if what == "org" {
                set(line, "/resource/properties", json!({}));
            }
            if what == "mode" {
                set(line, "/context/mode", json!(null));
            }
        });
        let replay = record.replay().unwrap();
        let request = replay.as_request();
        assert_eq!(matches!(request.org, OrgInput::Pending), what == "org");
        assert_eq!(request.mode == Input::Pending, what == "mode");
        assert_eq!(request.owner == Input::Pending, what == "owner");
        let is_open = matches!(decide(&facts, &request), Step::Need(_));
        assert_eq!(is_open, unread && what != "mode", "{what}");
    }
}
