//! Where a request falls: the org that it names or means, who belongs there, and until when.

use gatepost::{OrgRule, RequestFields};
use gatepost_tests::question::Question;
use serde_json::{Value, json};

use super::{MODES, Table, read_chat};

pub(super) const CELLS: usize = DEFAULTS.len() * HELD.len() * HELD.len() * HELD.len() // subjects
    * PLACES.len() * AT.len() * MODES.len() * 2 // requests of each, alone and through an agent
    * STATUS.len() * STATUS.len() * VISIBILITY.len() * VISIBILITY.len(); // policies

const DEFAULTS: [Option<&str>; 5] = [
    None,
    Some("child"),
    Some("parent"),
    Some("other"),
    Some("nowhere"),
];
/// No membership; one without an end; one that ends at noon.
const HELD: [Option<bool>; 3] = [None, Some(false), Some(true)];
const NOON: &str = "2026-06-01T12:00:00Z";
const AT: [&str; 3] = [
    "2026-06-01T11:59:59.999999999Z",
    NOON,
    "2026-06-01T12:00:00.000000001Z",
];
const PLACES: [Result<&str, OrgRule>; 7] = [
    Ok("child"),
    Ok("parent"),
    Ok("other"),
    Ok("nowhere"),
    Err(OrgRule::Required),
    Err(OrgRule::Default),
    Err(OrgRule::None),
];
const STATUS: [&str; 2] = ["active", "suspended"];
const VISIBILITY: [&str; 2] = ["private", "public"];

/// Each combination of a default org and memberships, as a subject of its own.
fn subjects() -> impl Iterator<Item = (String, Option<&'static str>, [Option<bool>; 3])> {
    DEFAULTS.into_iter().enumerate().flat_map(|(row, default)| {
        (0..27).map(move |number| {
            let held = [number / 9, number / 3 % 3, number % 3].map(|row: usize| HELD[row]);
            (format!("{row}-{number}"), default, held)
        })
    })
}

fn questions() -> Vec<Question> {
    let mut questions = Vec::new();
    for (subject, ..) in subjects() {
        for place in PLACES {
            for at in AT {
                for mode in MODES {
                    for through_agent in [false, true] {
                        questions.push(Question::new(&RequestFields {
                            subject: Some(if through_agent {
                                "agent".to_owned()
                            } else {
                                subject.clone()
                            }),
                            acting_for: through_agent.then(|| subject.clone()),
                            org: place.ok().map(str::to_owned),
                            org_rule: place.err(),
                            mode,
                            at: Some(at.parse().unwrap()),
                            ..read_chat()
                        }));
                    }
                }
            }
        }
    }
    questions
}

fn base() -> Value {
    let orgs = ["child", "parent", "other"];
    let mut members = [json!({}), json!({}), json!({})];
    let mut named = json!({ "agent": { "kind": "agent" } });
    members[1]["agent"] = json!({ "roles": ["member"], "expires": NOON });
    members[2]["agent"] = json!({ "roles": ["member"] });
    for (subject, default, held) in subjects() {
        for (members, held) in members.iter_mut().zip(held) {
            match held {
                None => {}
                Some(false) => members[&subject] = json!({ "roles": ["member"] }),
                Some(true) => members[&subject] = json!({ "roles": ["member"], "expires": NOON }),
            }
        }
        if let Some(default) = default {
            named[&subject] = json!({ "default_org": default });
        }
    }
    let mut policy = json!({
        "version": 1,
        "resources": { "chat": ["read"] },
        "site": { "gates": { "chat": { "switch": "on", "access": "everyone", "background": { "floor": "member" } } } },
        "org_roles": {
            "member": { "level": 10, "grants": ["chat:read"] },
            "anyone": { "level": 0, "grants": ["chat:read"] },
        },
        "orgs": {},
        "subjects": named,
    });
    for (org, members) in orgs.into_iter().zip(members) {
        policy["orgs"][org]["members"] = members;
    }
    policy["orgs"]["child"]["parent"] = "parent".into();
    policy
}

#[test]
fn orgs_memberships_and_expiries_combine_as_the_oracle_says() {
    let questions = questions();
    let mut table = Table::default();
    let mut policy = base();
    let pairs = |words: [&'static str; 2]| {
        words
            .into_iter()
            .flat_map(move |child| words.map(|parent| (child, parent)))
    };
    for (child, parent) in pairs(STATUS) {
        policy["orgs"]["child"]["status"] = child.into();
        policy["orgs"]["parent"]["status"] = parent.into();
        for (child, parent) in pairs(VISIBILITY) {
            policy["orgs"]["child"]["visibility"] = child.into();
            policy["orgs"]["parent"]["visibility"] = parent.into();
            table.fill(&policy, &questions);
        }
    }
    table.assert(
        CELLS,
        &[
            "any",
            "org_required",
            "no_default_org",
            "not_a_member",
            "org_suspended",
            "mode_floor",
        ],
    );
}
