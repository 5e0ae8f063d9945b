//! The policy document means what the population means: read by itself, plainly
//! and slowly, it gives the yardstick's answers.

use gatepost_benches::population::Population;
use gatepost_benches::requests::{Request, Requests};
use gatepost_benches::yardstick::{Answer, Yardstick};
use serde_json::Value;

/// What stands at the path, or null.
fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter()
        .fold(value, |value, key| value.get(key).unwrap_or(&Value::Null))
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// The checks of a decision, as far as a population has anything for them.
fn decide(policy: &Value, request: &Request<'_>) -> &'static str {
    let resource = request.permission.resource_name();
    let wanted = format!("{resource}:{}", request.permission.action_name());
    let granted = |held: &Value, roles: &Value| {
        texts(held).any(|role| texts(at(roles, &[role, "grants"])).any(|grant| grant == wanted))
    };

    let subject = at(policy, &["subjects", request.subject]);
    if *at(subject, &["status"]) == "suspended" {
        return "subject_suspended";
    }
    let gate = at(policy, &["site", "gates", resource]);
    if *at(gate, &["switch"]) == "off" {
        return "site_off";
    }
    let site_roles = at(policy, &["site", "roles"]);
    if *at(gate, &["access"]) == "granted" && !granted(at(subject, &["site_roles"]), site_roles) {
        return "site_grant_missing";
    }

    let org = at(policy, &["orgs", request.org]);
    let member = at(org, &["members", request.subject]);
    let over = *at(member, &["expires"]) == "2020-01-01T00:00:00Z";
    let held = if over {
        &Value::Null
    } else {
        at(member, &["roles"])
    };
    if held.is_null() && *at(org, &["visibility"]) != "public" {
        return "not_a_member";
    }
    let said = at(org, &["gates", resource, "switch"]);
    match at(gate, &["switch"]).as_str() {
        Some("on") => {}
        Some("opt-out") if said != "off" => {}
        Some("opt-in") if said == "on" => {}
        _ => return "org_off",
    }
    if !granted(held, at(policy, &["org_roles"])) {
        return "org_grant_missing";
    }

    let level = |role: &str| at(policy, &["org_roles", role, "level"]).as_u64();
    let floor = request
        .mode
        .and_then(|mode| at(gate, &[mode.name(), "floor"]).as_str())
        .and_then(level);
    let own = texts(held).filter_map(level).max();
    if own < floor { "mode_floor" } else { "allow" }
}

#[test]
fn the_document_gives_the_yardsticks_answers() {
    let population = Population::generate(4000);
    let policy: Value = serde_json::from_str(&population.to_policy_json().unwrap()).unwrap();
    let yardstick = Yardstick::load(&population);
    let requests = Requests::draw(&population, 7, 5000, |_| true);
    let mut seen = std::collections::BTreeSet::new();
    for request in requests.list() {
        let Request {
            subject,
            org,
            permission,
            mode,
        } = request;
        let answer = match yardstick.decide(subject, org, permission, mode) {
            Answer::Deny(code) => code.name(),
            _ => "allow",
        };
        assert_eq!(answer, decide(&policy, &request), "{request:?}");
        seen.insert(answer);
    }
    // Every answer there is, so that none was compared by luck alone.
    assert_eq!(seen.len(), 8, "{seen:?}");
}
