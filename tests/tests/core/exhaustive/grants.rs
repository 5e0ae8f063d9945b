//! Grants and denies: of site roles, of org roles along the path, of `anyone`.

use std::collections::BTreeMap;

use gatepost::RequestFields;
use gatepost_tests::question::Question;
use serde_json::{Value, json};

use super::{MODES, Table, read_chat};

pub(super) const CELLS: usize = SITE.len() * AT_ORG.len() * AT_PARENT.len() // subjects
    * MODES.len() * OWNERS.len() * ORGS.len() // requests of each
    * VISIBILITY.len() * VISIBILITY.len() * ANYONE.len() * 2 * 2; // policies

/// Site roles held together, as they are named in the policy.
const SITE: [&[&str]; 12] = [
    &[],
    &["grant"],
    &["grant-own"],
    &["grant-foreground"],
    &["grant", "deny"],
    &["grant", "deny-own"],
    &["grant", "deny-background"],
    &["all"],
    &["all-own"],
    &["all-background"],
    &["all", "deny-own"],
    &["grant", "all-own", "retired"],
];

/// Org roles held together; `None` is no membership.
const AT_ORG: [Option<&[&str]>; 9] = [
    None,
    Some(&[]),
    Some(&["retired"]),
    Some(&["grant"]),
    Some(&["grant-own"]),
    Some(&["grant-foreground"]),
    Some(&["grant", "deny"]),
    Some(&["deny-own", "grant"]),
    Some(&["grant", "deny-background"]),
];

const AT_PARENT: [Option<&[&str]>; 4] = [
    None,
    Some(&["grant"]),
    Some(&["deny"]),
    Some(&["grant-own", "deny-background"]),
];

const ANYONE: [Option<&str>; 3] = [None, Some("chat:read#background"), Some("!chat:read@own")];
const VISIBILITY: [&str; 2] = ["private", "public"];
const ORGS: [&str; 2] = ["child", "parent"];
const OWNERS: [Option<bool>; 3] = [None, Some(true), Some(false)];

/// Each grant that a role of that name has.
const GRANTS: [(&str, &str); 7] = [
    ("grant", "chat:read"),
    ("grant-own", "chat:read@own"),
    ("grant-foreground", "chat:*#foreground"),
    ("grant-background", "chat:*#background"),
    ("deny", "!chat:*"),
    ("deny-own", "!*:read@own"),
    ("deny-background", "!chat:read#background"),
];

/// Every combination of roles, as a subject of its own.
fn subjects() -> Vec<(
    String,
    &'static [&'static str],
    Option<&'static [&'static str]>,
    Option<&'static [&'static str]>,
)> {
    let mut subjects = Vec::new();
    for (site_row, site) in SITE.into_iter().enumerate() {
        for (org_row, org) in AT_ORG.into_iter().enumerate() {
            for (parent_row, parent) in AT_PARENT.into_iter().enumerate() {
                subjects.push((
                    format!("{site_row}-{org_row}-{parent_row}"),
                    site,
                    org,
                    parent,
                ));
            }
        }
    }
    subjects
}

fn questions() -> Vec<Question> {
    let mut questions = Vec::new();
    for (subject, ..) in subjects() {
        for org in ORGS {
            for mode in MODES {
                for own in OWNERS {
                    questions.push(Question::new(&RequestFields {
                        subject: Some(subject.clone()),
                        org: Some(org.to_owned()),
                        mode,
                        owner: own.map(|own| {
                            if own {
                                subject.clone()
                            } else {
                                "another".to_owned()
                            }
                        }),
                        ..read_chat()
                    }));
                }
            }
        }
    }
    questions
}

fn base() -> Value {
    let mut site_roles = serde_json::Map::new();
    let mut org_roles = serde_json::Map::new();
    for (name, grant) in GRANTS {
        site_roles.insert(name.to_owned(), json!({ "grants": [grant] }));
        org_roles.insert(name.to_owned(), json!({ "level": 10, "grants": [grant] }));
        if let Some(reach) = name.strip_prefix("grant") {
            site_roles.insert(
                format!("all{reach}"),
                json!({ "grants": [grant], "all_orgs": true }),
            );
        }
    }
    let mut named = serde_json::Map::new();
    let mut members = BTreeMap::from([("child", json!({})), ("parent", json!({}))]);
    for (subject, site, org, parent) in subjects() {
        for (place, roles) in [("child", org), ("parent", parent)] {
            if let (Some(roles), Some(members)) = (roles, members.get_mut(place)) {
                members[&subject] = json!({ "roles": roles });
            }
        }
        named.insert(subject, json!({ "site_roles": site }));
    }
    json!({
        "version": 1,
        "resources": { "chat": ["read", "create"] },
        "site": { "gates": {}, "roles": site_roles },
        "org_roles": org_roles,
        "orgs": {
            "parent": { "members": members["parent"] },
            "child": { "parent": "parent", "members": members["child"] },
        },
        "subjects": named,
    })
}

#[test]
fn grants_and_denies_of_both_tiers_combine_as_the_oracle_says() {
    let questions = questions();
    let mut table = Table::default();
    let mut policy = base();
    for anyone in ANYONE {
        let org_roles = policy["org_roles"].as_object_mut().unwrap();
        match anyone {
            Some(grant) => org_roles.insert("anyone".to_owned(), json!({ "grants": [grant] })),
            None => org_roles.remove("anyone"),
        };
        for (child, parent) in VISIBILITY
            .into_iter()
            .flat_map(|child| VISIBILITY.map(|parent| (child, parent)))
        {
            policy["orgs"]["child"]["visibility"] = child.into();
            policy["orgs"]["parent"]["visibility"] = parent.into();
            for access in ["granted", "everyone"] {
                for actions in [json!(["read", "create"]), json!(["create"])] {
                    policy["site"]["gates"]["chat"] =
                        json!({ "switch": "on", "access": access, "actions": actions });
                    table.fill(&policy, &questions);
                }
            }
        }
    }
    table.assert(
        CELLS,
        &[
            "any",
            "own",
            "via_all_orgs",
            "site_denied",
            "site_grant_missing",
            "not_a_member",
            "org_denied",
            "org_grant_missing",
        ],
    );
}
