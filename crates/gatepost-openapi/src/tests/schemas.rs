//! The schemas, held against what is sent.

use gatepost::{
    Code, Decision, Denial, InventoryRoute, Mode, OrgId, PolicyText, Request, Step, Subject,
    SubjectId, decide,
};
use serde_json::{Value, json};

use super::{described, with};
use crate::add_capabilities;

fn is_valid(schema: &str, instance: &Value) -> Result<(), String> {
    let mut api = with(&[]);
    add_capabilities(&mut api, "/capabilities", "token");
    let routes = [InventoryRoute::public("GET", "/capabilities", "asks")];
    let mut api = described(api, routes).unwrap();
    api["$ref"] = json!(format!("#/components/schemas/{schema}"));
    let validator = jsonschema::validator_for(&api).unwrap();
    let said = validator.validate(instance);
    said.map_err(|error| format!("{error}: {instance}"))
}

/// A denial with every member that one can have.
fn full() -> Denial {
    let policy = PolicyText::toml(
        "version = 1\n\
         [resources]\nchat = [\"create\"]\n\
         [site.gates.chat]\nswitch = \"on\"\naccess = \"everyone\"\nbackground = { floor = \"developer\" }\n\
         [org_roles.developer]\nlevel = 30\ngrants = [\"chat:*\"]\n\
         [org_roles.guest]\nlevel = 10\ngrants = [\"chat:*\"]\n\
         [orgs.acme.members.planner]\nroles = [\"developer\"]\n\
         [orgs.acme.members.alice]\nroles = [\"guest\"]\n",
    );
    let facts = policy.compile(1).unwrap();
    let [planner, alice] = ["planner", "alice"].map(|id| SubjectId::new(id).unwrap());
    let subject = Subject::new(planner).acting_for(alice);
    let org = OrgId::new("acme").unwrap();
    let request = Request::new("chat", "create")
        .subject(&subject)
        .org(&org)
        .mode(Mode::Background);
    let Step::Done(Decision::Deny(deny)) = decide(&facts, &request) else {
        panic!("alice is below the floor");
    };
    Denial::of(&deny, &subject).asked("chat", "create")
}

#[test]
fn every_refusal_is_what_the_schema_says() {
    let full = full();
    assert_eq!(full.code(), Code::ModeFloor);
    let codes = Code::ALL.iter().flat_map(|code| {
        let denial = Denial::new(*code);
        let asked = denial.clone().asked("chat", "create");
        [denial, asked.clone(), asked.hidden(true)]
    });
    let schema = serde_json::to_value(crate::problem::schema()).unwrap();
    let described = schema["properties"].as_object().unwrap();
    for denial in codes.chain([full.clone()]) {
        let problem: Value = serde_json::from_slice(&denial.body()).unwrap();
        is_valid("Problem", &problem).unwrap();
        for member in problem.as_object().unwrap().keys() {
            assert!(described.contains_key(member), "{member} of {problem}");
        }
    }
    // And it has no member that no refusal has.
    let problem: Value = serde_json::from_slice(&full.body()).unwrap();
    let members: Vec<_> = problem.as_object().unwrap().keys().collect();
    assert_eq!(members, described.keys().collect::<Vec<_>>());
}

#[test]
fn what_is_no_refusal_is_not_what_the_schema_says() {
    let good: Value = serde_json::from_slice(&full().body()).unwrap();
    is_valid("Problem", &good).unwrap();
    let bent = [
        ("/code", json!("made_up")),
        ("/tier", json!("tenant")),
        ("/mode", json!("batch")),
        ("/whose", json!("nobody")),
        ("/status", json!(200)),
        ("/remedy/who", json!("anyone")),
        ("/remedy", json!({"who": "self"})),
        ("/detail", Value::Null),
    ];
    for (place, value) in bent {
        let mut problem = good.clone();
        *problem.pointer_mut(place).unwrap() = value;
        assert!(is_valid("Problem", &problem).is_err(), "{place}");
    }
    for member in ["type", "title", "status", "decision"] {
        let mut problem = good.clone();
        problem.as_object_mut().unwrap().remove(member);
        assert!(is_valid("Problem", &problem).is_err(), "{member}");
    }
}

#[test]
fn a_capabilities_route_is_described_with_its_answer() {
    let row = |more: Value| {
        let mut row =
            json!({"method": "GET", "path": "/chats", "resource": "chat", "action": "read"});
        row.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        row
    };
    let denied = json!({
        "outcome": "deny", "code": "org_off", "tier": "org", "title": "t", "detail": "d",
        "remedy": {"who": "org_admin", "action": "a"},
    });
    let answer = json!({"subject": "alice", "acting_for": "bob", "org": "acme", "routes": [
        {"method": "*", "path": "/healthz", "outcome": "allow", "public": true},
        row(denied.clone()),
        row(json!({"outcome": "deny", "mode": "background", "when": {"agent": "planner"}})),
        row(json!({"outcome": "depends", "on": ["org"]})),
        row(json!({"outcome": "depends", "on": ["owner"], "own": {"outcome": "allow"}, "other": denied})),
    ]});
    is_valid("Capabilities", &answer).unwrap();
    for (place, value) in [
        ("/routes/0/outcome", json!("perhaps")),
        ("/routes/1/remedy/who", json!("anyone")),
        ("/routes/2/when", json!({"agent": 1})),
        ("/routes/3/on", json!(["time"])),
        ("/routes/4/own", json!({"outcome": "depends"})),
        ("/routes/4/other/code", json!("made_up")),
    ] {
        let mut bent = answer.clone();
        *bent.pointer_mut(place).unwrap() = value;
        assert!(is_valid("Capabilities", &bent).is_err(), "{place}");
    }
}
