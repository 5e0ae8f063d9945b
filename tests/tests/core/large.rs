//! A policy with more of everything than others have: whatever is stored otherwise where there is
//! much of it must say the same.

use gatepost::{Mode, RequestFields};
use gatepost_tests::question::Question;
use gatepost_tests::twin::Twin;
use serde_json::{Value, json};

const RESOURCES: usize = 100;
const ORGS: usize = 40;
const LEVELS: [&str; 4] = ["r0", "r1", "r2", "r3"];

fn resource(row: usize) -> String {
    format!("res-{row:03}")
}

/// The first half of the orgs lie one under the other, the others side by side.
fn org(row: usize) -> String {
    format!("org-{row:02}")
}

/// One of some values, by two numbers and without a pattern to the eye.
fn pick<T: Clone>(values: &[T], one: usize, other: usize) -> T {
    values[(one * 31 + other * 17 + one * other) % values.len()].clone()
}

fn policy() -> Value {
    let (mut resources, mut gates) = (json!({}), json!({}));
    for row in 0..RESOURCES {
        let floor = pick(&LEVELS, row, 1);
        resources[resource(row)] = json!(["read"]);
        gates[resource(row)] = json!({
            "switch": pick(&["opt-in", "opt-out", "on"], row, 2),
            "access": "everyone",
            "foreground": { "default": floor },
        });
    }
    let mut org_roles = json!({});
    for (level, name) in LEVELS.into_iter().enumerate() {
        org_roles[name] = json!({ "level": level * 10, "grants": [pick(&["*:*", "*:read", "*:read#foreground"], level, 3)] });
    }
    let mut orgs = json!({});
    for row in 0..ORGS {
        let mut entry = json!({ "gates": {}, "members": {} });
        if (1..ORGS / 2).contains(&row) {
            entry["parent"] = org(row - 1).into();
        }
        for of in (row % 7..RESOURCES).step_by(3 + row % 5) {
            entry["gates"][resource(of)] = json!({
                "switch": pick(&["on", "on", "off"], row, of),
                "foreground": { "min_role": pick(&LEVELS, of, row) },
                "background": { "switch": pick(&["off", "on"], of, row) },
            });
        }
        // One is a member of all, one of a few, one of none.
        entry["members"]["everywhere"] = json!({ "roles": [pick(&LEVELS, row, 4)] });
        if row % 11 == 3 {
            entry["members"]["somewhere"] = json!({ "roles": [pick(&LEVELS, row, 5)] });
        }
        orgs[org(row)] = entry;
    }
    json!({
        "version": 1,
        "resources": resources,
        "site": { "gates": gates },
        "org_roles": org_roles,
        "orgs": orgs,
    })
}

#[test]
fn a_large_policy_is_decided_like_a_small_one() {
    let twin = Twin::of(&policy());
    let mut allowed = 0;
    for row in 0..RESOURCES {
        for at in 0..ORGS {
            for subject in ["everywhere", "somewhere", "nowhere"] {
                for mode in [None, Some(Mode::Foreground), Some(Mode::Background)] {
                    let question = Question::new(&RequestFields {
                        subject: Some(subject.to_owned()),
                        org: Some(org(at)),
                        resource: resource(row),
                        action: "read".to_owned(),
                        mode,
                        ..RequestFields::default()
                    });
                    let verdict = twin.engine(&question);
                    assert_eq!(verdict, twin.oracle(&question), "{:?}", question.oracle);
                    allowed += usize::from(verdict.allows());
                }
            }
        }
    }
    assert!(allowed > 1000, "{allowed}");
}
