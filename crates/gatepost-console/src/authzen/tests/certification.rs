//! The scenario by which the `OpenID` Foundation certifies, as far as it goes without evaluating `properties`.

use serde_json::{Value, json};

use super::{
    EVALUATION, EVALUATIONS, Pdp, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT, found,
    in_default_org,
};

const POLICY: &str = r#"
version = 1
resources.record = ["read", "write", "delete"]
site.gates.record = { switch = "on", access = "everyone" }
site.roles.harness = { grants = ["gatepost-site:read", "gatepost-audit:read"], all_orgs = true }
org_roles.reader = { level = 10, grants = ["record:read"] }
org_roles.writer = { level = 20, include = ["reader"], grants = ["record:write"] }
orgs.record-1.members = { alice.roles = ["writer"], bob.roles = ["reader"] }
subjects.harness = { kind = "service", site_roles = ["harness"] }
"#;

fn asks(subject: &str, action: &str, resource: &str) -> Value {
    json!({
        "subject": {"type": "user", "id": subject},
        "action": {"name": action},
        "resource": {"type": "record", "id": resource},
    })
}

#[tokio::test]
async fn basic_core() {
    let pdp = Pdp::new(POLICY).await;
    for (subject, action, want) in [
        ("alice", "read", true),
        ("alice", "write", true),
        ("bob", "read", true),
        ("bob", "write", false),
    ] {
        let mut asked = asks(subject, action, "record-1");
        for context in [
            Value::Null,
            json!({"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"}),
        ] {
            asked["context"] = context;
            let answer = pdp.ok(EVALUATION, "harness", &in_default_org(&asked)).await;
            assert_eq!(answer["decision"], want, "{asked}");
        }
    }
    // Properties beyond those that are known, and members that are not.
    let asked = json!({
        "subject": {"type": "user", "id": "alice", "properties": {"department": "Sales", "role": "manager"}},
        "action": {"name": "read", "properties": {"method": "GET"}},
        "resource": {"type": "record", "id": "record-1", "properties": {"status": "active", "owner": "bob"}},
        "foo": "bar",
        "futureField": {"nested": true},
    });
    assert_eq!(
        pdp.ok(EVALUATION, "harness", &in_default_org(&asked)).await["decision"],
        true
    );
}

#[tokio::test]
async fn batch_core() {
    let pdp = Pdp::new(POLICY).await;
    let decisions = |answer: &Value| {
        let list = answer["evaluations"].as_array().unwrap().iter();
        list.map(|it| it["decision"].as_bool().unwrap())
            .collect::<Vec<_>>()
    };
    let mut asked = json!({
        "subject": {"type": "user", "id": "bob"},
        "resource": {"type": "record", "id": "record-1"},
        "evaluations": [{"action": {"name": "read"}}, {"action": {"name": "write"}}],
    });
    let answer = pdp
        .ok(EVALUATIONS, "harness", &in_default_org(&asked))
        .await;
    assert_eq!(decisions(&answer), [true, false]);

    // Defaults are taken as a whole.
    asked["action"] = json!({"name": "read"});
    asked["evaluations"] =
        json!([{}, {"subject": {"type": "user", "id": "alice"}, "action": {"name": "write"}}]);
    let answer = pdp
        .ok(EVALUATIONS, "harness", &in_default_org(&asked))
        .await;
    assert_eq!(decisions(&answer), [true, true]);

    // One that lacks an entity is denied in its place.
    let asked = json!({
        "subject": {"type": "user", "id": "alice"},
        "action": {"name": "read"},
        "options": {"evaluations_semantic": "execute_all"},
        "evaluations": [{"resource": {"type": "record", "id": "record-1"}}, {}],
    });
    let answer = pdp
        .ok(EVALUATIONS, "harness", &in_default_org(&asked))
        .await;
    assert_eq!(decisions(&answer), [true, false]);
    assert_eq!(answer["evaluations"][1]["context"]["error"]["status"], 400);

    for evaluations in [Value::Null, json!([])] {
        let mut asked = asks("alice", "read", "record-1");
        asked["evaluations"] = evaluations;
        let answer = pdp
            .ok(EVALUATIONS, "harness", &in_default_org(&asked))
            .await;
        assert_eq!(answer["decision"], true);
        assert!(answer.get("evaluations").is_none());
    }
}

#[tokio::test]
async fn search_core() {
    let pdp = Pdp::new(POLICY).await;
    for id in [None, Some("alice"), Some("nobody"), Some("\u{7}")] {
        let mut asked = asks("", "read", "record-1");
        asked["subject"]["id"] = id.into();
        let users = ["alice", "bob"].map(|id| json!({"type": "user", "id": id}));
        let answer = pdp
            .ok(SEARCH_SUBJECT, "harness", &in_default_org(&asked))
            .await;
        assert_eq!(found(&answer), users);
    }
    let mut asked = asks("alice", "read", "");
    asked["resource"]["id"] = Value::Null;
    let answer = pdp
        .ok(SEARCH_RESOURCE, "harness", &in_default_org(&asked))
        .await;
    assert_eq!(found(&answer)[0]["id"], "record-1");
    asked["resource"]["id"] = json!(["ignored"]);
    assert_eq!(
        pdp.ok(SEARCH_RESOURCE, "harness", &in_default_org(&asked))
            .await,
        answer
    );

    let asked = asks("alice", "", "record-1");
    let answer = pdp
        .ok(SEARCH_ACTION, "harness", &in_default_org(&asked))
        .await;
    assert_eq!(
        found(&answer),
        [json!({"name": "read"}), json!({"name": "write"})]
    );
}

#[tokio::test]
async fn what_is_not_known_is_found_nowhere() {
    let pdp = Pdp::new(POLICY).await;
    let nobody = asks("nonexistent-user", "read", "record-1");
    let mut spaceship = asks("alice", "read", "record-1");
    spaceship["subject"]["type"] = "spaceship".into();
    let mut warp = asks("alice", "read", "record-1");
    warp["resource"]["type"] = "Warp Core".into();
    for (path, asked) in [
        (SEARCH_ACTION, &nobody),
        (SEARCH_RESOURCE, &nobody),
        (SEARCH_SUBJECT, &spaceship),
        (SEARCH_ACTION, &spaceship),
        (SEARCH_RESOURCE, &spaceship),
        (SEARCH_SUBJECT, &warp),
        (SEARCH_ACTION, &warp),
        (SEARCH_RESOURCE, &warp),
        (SEARCH_SUBJECT, &asks("", "Make It So", "record-1")),
    ] {
        let answer = pdp.ok(path, "harness", &in_default_org(asked)).await;
        assert_eq!(found(&answer), [] as [Value; 0], "{path} {asked}");
        assert_eq!(answer["page"]["next_token"], "");
    }
}
