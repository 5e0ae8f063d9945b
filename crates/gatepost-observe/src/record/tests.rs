use std::collections::BTreeSet;
use std::time::Duration;

use gatepost::{Code, Denial, Kind, Mode, OrgRule, SubjectId, Tier};
use gatepost_enforce::{Observer, Verdict};
use serde_json::{Value, json};

use super::LogRecord;
use crate::log::DecisionLog;
use crate::redact::{Redact, Redaction, RedactionKey};
use crate::testing::{CREATE, Kept, UPDATE, allowed, asked, decided, denied, facts, subject};

const SCHEMA: &str = include_str!("../../../../docs/decision-log.schema.json");
const DOCUMENT: &str = include_str!("../../../../docs/decision-log.md");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// The schema of what stands at a path of a record.
fn at<'s>(schema: &'s Value, path: &str) -> &'s Value {
    path.split('.')
        .fold(schema, |schema, name| &schema["properties"][name])
}

/// Each path of a record at which there is no further object.
fn leaves(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value.as_object() {
        Some(members) => {
            for (name, member) in members {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                leaves(member, &path, found);
            }
        }
        None => drop(found.insert(path.to_owned())),
    }
}

fn leaves_of_schema(schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    match schema["properties"].as_object() {
        Some(members) => {
            for (name, member) in members {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                leaves_of_schema(member, &path, found);
            }
        }
        None => drop(found.insert(path.to_owned())),
    }
}

/// A record with every member that there is; not one that comes out so.
fn full() -> Value {
    let full = json!({
        "schema": 1, "decision_id": "0123456789ABCDEF", "time": "2027-01-01T12:00:00Z",
        "service": "web", "decision": false, "outcome": "deny", "enforced": true, "code": "org_off",
        "tier": "org", "whose": "subject", "via": "all_orgs", "reason": "a reason",
        "subject": {
            "type": "agent", "id": "planner",
            "properties": { "acting_for": "alice", "scopes": ["chat:*"] },
        },
        "action": { "name": "create" },
        "resource": { "type": "chat", "properties": { "org": "acme", "owner": "alice" } },
        "context": { "mode": "foreground", "org_rule": "required", "unread": ["owner"] },
        "requirement": "chat:create#foreground",
        "route": { "method": "POST", "path": "/orgs/{org}/chats" },
        "version": 7, "latency_ns": 1234, "times": 2, "revoked": "0123456789ABCDEF",
        "redacted": ["scopes"],
    });
    let record: LogRecord = serde_json::from_value(full.clone()).unwrap();
    assert_eq!(serde_json::to_value(record).unwrap(), full);
    full
}

#[test]
fn the_schema_and_the_document_have_every_member_and_no_other() {
    let (mut of_record, mut of_schema) = (BTreeSet::new(), BTreeSet::new());
    leaves(&full(), "", &mut of_record);
    leaves_of_schema(&schema(), "", &mut of_schema);
    assert_eq!(of_record, of_schema);
    for path in of_record {
        assert!(DOCUMENT.contains(&format!("`{path}`")), "{path}");
    }
}

#[test]
fn the_schema_has_every_word() {
    let schema = schema();
    let words = |path: &str| at(&schema, path)["enum"].clone();
    let all = |words: Vec<&str>| json!(words);
    let kinds = Kind::ALL
        .iter()
        .map(|kind| kind.as_str())
        .collect::<BTreeSet<_>>();
    let told = words("subject.type");
    let told: BTreeSet<_> = told
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(told, kinds);
    let modes = Mode::ALL.iter().map(|mode| mode.as_str()).collect();
    assert_eq!(words("context.mode"), all(modes));
    let rules = OrgRule::ALL.iter().map(|rule| rule.as_str()).collect();
    assert_eq!(words("context.org_rule"), all(rules));
    let tiers = [Tier::Identity, Tier::Site, Tier::Org, Tier::Mode];
    assert_eq!(words("tier"), all(tiers.map(Tier::as_str).to_vec()));
}

#[test]
fn what_is_written_is_by_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    assert!(validator.is_valid(&full()));
    let kept = Kept::default();
    let key = RedactionKey::new([7; 32]).unwrap();
    let hash = || Redact::Hash(key.clone());
    for redaction in [
        Redaction::none(),
        Redaction::none()
            .subjects(hash())
            .org(hash())
            .scopes(hash())
            .reason(hash()),
        Redaction::none().subjects(Redact::Drop).org(Redact::Drop),
    ] {
        let log = DecisionLog::builder(&"x".repeat(1000))
            .sink("kept", kept.clone())
            .redact(redaction)
            .one_allow_in(1)
            .build()
            .unwrap();
        let facts = facts();
        let agent = subject("planner").acting_for(SubjectId::new("alice").unwrap());
        let agent = agent
            .kind(Kind::Agent)
            .scopes((0..100).map(|it| format!("chat:s{it}")));
        for who in [None, Some(subject("olga")), Some(agent)] {
            for org in ["acme", &"o".repeat(255)] {
                let asked = asked(&CREATE, who.clone(), org);
                if org == "acme" && who.as_ref().is_some_and(|who| who.id().as_str() == "olga") {
                    let permit = allowed(&facts, &asked);
                    log.decided(&decided(Verdict::Allow(&permit), &asked));
                    log.revoked(&permit, &Denial::new(Code::SiteOff));
                    continue;
                }
                let denial = denied(&facts, &asked);
                log.decided(&decided(Verdict::Report(&denial), &asked));
                for code in Code::ALL {
                    let denial = asked.reject(Denial::new(*code));
                    log.decided(&decided(Verdict::Refuse(&denial), &asked));
                }
                let pending = crate::testing::asked(&UPDATE, who.clone(), org);
                let denial = pending.reject(Denial::bad_request("ü".repeat(1000)));
                log.decided(&decided(Verdict::Refuse(&denial), &pending));
            }
        }
        assert!(log.flush(Duration::from_secs(20)));
    }
    let lines = kept.lines();
    assert!(lines.len() > 300, "{}", lines.len());
    for line in lines {
        let value: Value = serde_json::from_str(&line.text).unwrap();
        let wrong = validator.iter_errors(&value).map(|error| error.to_string());
        assert_eq!(wrong.collect::<Vec<_>>(), [""; 0], "{}", line.text);
        let again: LogRecord = serde_json::from_value(value).unwrap();
        assert_eq!(again, line.record);
    }
}
