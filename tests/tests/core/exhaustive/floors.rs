//! Floors: the site's floor and default, the path's `min_role`s, and the levels held on the path.

use gatepost::RequestFields;
use gatepost_tests::question::Question;
use serde_json::{Value, json};

use super::{MODES, Table, read_chat, set};

pub(super) const CELLS: usize = FLOORS.len() * FLOORS.len() * MIN_ROLES.len() * MIN_AT_PARENT.len() * 2 // policies
    * AT_ORG.len() * AT_PARENT.len() * SITE.len() * MODES.len() * 2; // requests

const FLOORS: [Option<&str>; 4] = [None, Some("everyone"), Some("low"), Some("high")];
const MIN_ROLES: [Option<&str>; 5] = [
    None,
    Some("everyone"),
    Some("low"),
    Some("mid"),
    Some("high"),
];
const MIN_AT_PARENT: [Option<&str>; 3] = [None, Some("low"), Some("high")];
/// What a membership in the org holds; `lead` is the org's own, of the level between `mid` and `high`,
/// and `includer` includes `high` at the level of `low`.
const AT_ORG: [Option<&[&str]>; 7] = [
    None,
    Some(&[]),
    Some(&["low"]),
    Some(&["mid", "low"]),
    Some(&["lead"]),
    Some(&["includer"]),
    Some(&["low", "high"]),
];
const AT_PARENT: [Option<&[&str]>; 3] = [None, Some(&["low"]), Some(&["high"])];
const SITE: [&str; 3] = ["plain", "root", "own-root"];

fn subject(org: usize, parent: usize, site: &str) -> String {
    format!("{site}-{org}-{parent}")
}

fn questions() -> Vec<Question> {
    let mut questions = Vec::new();
    for org in 0..AT_ORG.len() {
        for parent in 0..AT_PARENT.len() {
            for site in SITE {
                let who = subject(org, parent, site);
                for mode in MODES {
                    for owner in [&who, "another"] {
                        questions.push(Question::new(&RequestFields {
                            subject: Some(who.clone()),
                            org: Some("child".to_owned()),
                            mode,
                            owner: Some(owner.to_owned()),
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
    let (mut at_org, mut at_parent, mut subjects) = (json!({}), json!({}), json!({}));
    for (row, org) in AT_ORG.into_iter().enumerate() {
        for (parent_row, parent) in AT_PARENT.into_iter().enumerate() {
            for site in SITE {
                let who = subject(row, parent_row, site);
                for (members, roles) in [(&mut at_org, org), (&mut at_parent, parent)] {
                    if let Some(roles) = roles {
                        members[&who] = json!({ "roles": roles });
                    }
                }
                subjects[&who] = json!({ "site_roles": [site] });
            }
        }
    }
    json!({
        "version": 1,
        "resources": { "chat": ["read", "create"] },
        "site": {
            "gates": {},
            "roles": {
                "plain": { "grants": ["chat:read"] },
                "root": { "grants": ["chat:read"], "all_orgs": true },
                "own-root": { "grants": ["chat:read@own"], "all_orgs": true },
            },
        },
        "org_roles": {
            "low": { "level": 10, "grants": ["chat:read"] },
            "mid": { "level": 20, "grants": ["chat:read"] },
            "high": { "level": 30, "grants": ["chat:read"] },
            "includer": { "level": 10, "include": ["high"] },
        },
        "orgs": {
            "parent": { "members": at_parent },
            "child": {
                "parent": "parent",
                "members": at_org,
                "roles": { "lead": { "level": 25, "include": ["low"] } },
            },
        },
        "subjects": subjects,
    })
}

/// The two modes with values of their own, so that mixing them up shows.
fn modes(foreground: &[(&str, Option<&str>)], background: &[(&str, Option<&str>)]) -> Value {
    let mut modes = json!({ "foreground": {}, "background": {} });
    for (mode, values) in [("foreground", foreground), ("background", background)] {
        for (key, value) in values {
            set(&mut modes[mode], key, *value);
        }
    }
    modes
}

#[test]
fn floors_defaults_and_levels_combine_as_the_oracle_says() {
    let questions = questions();
    let mut table = Table::default();
    let mut policy = base();
    for (floor, default) in FLOORS
        .into_iter()
        .flat_map(|floor| FLOORS.map(|default| (floor, default)))
    {
        for (at_child, at_parent) in MIN_ROLES
            .into_iter()
            .flat_map(|child| MIN_AT_PARENT.map(|parent| (child, parent)))
        {
            for governed in [true, false] {
                let mut gate = modes(
                    &[("floor", floor), ("default", default)],
                    &[("floor", default), ("default", floor)],
                );
                gate["switch"] = "on".into();
                if !governed {
                    gate["actions"] = json!([]);
                }
                policy["site"]["gates"]["chat"] = gate;
                policy["orgs"]["child"]["gates"]["chat"] = modes(&[("min_role", at_child)], &[]);
                policy["orgs"]["parent"]["gates"]["chat"] =
                    modes(&[("min_role", at_parent)], &[("min_role", at_child)]);
                table.fill(&policy, &questions);
            }
        }
    }
    table.assert(
        CELLS,
        &[
            "any",
            "via_all_orgs",
            "site_grant_missing",
            "not_a_member",
            "org_grant_missing",
            "mode_floor",
        ],
    );
}
