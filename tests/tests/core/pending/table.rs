//! The sub-product of policies and askers: each check depends on the mode, the owner or the
//! moment for some of them.

use gatepost::{OrgId, Subject, SubjectId};
use serde_json::{Value, json};

pub(super) const HOME: &str = "home";
pub(super) const NOON: &str = "2026-06-01T12:00:00Z";

const SITE_ROLES: [&[&str]; 8] = [
    &[],
    &["grant"],
    &["grant-own"],
    &["grant-background", "grant-own"],
    &["grant", "deny-own"],
    &["grant", "deny-background"],
    &["all"],
    &["grant", "all-own"],
];

/// Roles in the org; `None` is no membership.
const ORG_ROLES: [Option<&[&str]>; 6] = [
    None,
    Some(&["grant"]),
    Some(&["grant-own", "grant-foreground"]),
    Some(&["grant", "deny-own"]),
    Some(&["grant", "deny-background"]),
    Some(&["low"]),
];

const SCOPES: [Option<&[&str]>; 3] = [
    None,
    Some(&["chat:read#foreground", "chat:read@own"]),
    Some(&["chat:read#background@own"]),
];

/// Someone who asks, for himself or through an agent that may everything of its own.
pub(super) struct Asker {
    pub(super) subject: Subject,
    /// Who the object's owner is, where it is the asker's own.
    pub(super) own: String,
    pub(super) agent: bool,
    pub(super) scopes: Option<Vec<String>>,
    /// Whether the membership in the org ends at noon; `None` without one.
    pub(super) ends: Option<bool>,
}

fn rows() -> impl Iterator<
    Item = (
        String,
        &'static [&'static str],
        Option<&'static [&'static str]>,
        bool,
    ),
> {
    SITE_ROLES
        .into_iter()
        .enumerate()
        .flat_map(|(site_row, site)| {
            ORG_ROLES
                .into_iter()
                .enumerate()
                .flat_map(move |(row, org)| {
                    let ends: &[bool] = if org.is_some() {
                        &[false, true]
                    } else {
                        &[false]
                    };
                    ends.iter()
                        .map(move |&ends| (format!("{site_row}-{row}-{ends}"), site, org, ends))
                })
        })
}

pub(super) fn askers() -> Vec<Asker> {
    let mut askers = Vec::new();
    for (id, _, org, ends) in rows() {
        for words in SCOPES {
            for agent in [false, true] {
                let own = SubjectId::new(&id).unwrap();
                let mut subject = Subject::new(own.clone());
                if agent {
                    subject = Subject::new(SubjectId::new("agent").unwrap()).acting_for(own);
                }
                if let Some(words) = words {
                    subject = subject.scopes(words);
                }
                askers.push(Asker {
                    subject,
                    own: id.clone(),
                    agent,
                    scopes: words.map(|words| words.iter().map(|&word| word.to_owned()).collect()),
                    ends: org.map(|_| ends),
                });
            }
        }
    }
    askers
}

/// Policies that differ in what of a check's outcome is the mode's.
pub(super) fn policies() -> Vec<Value> {
    let org = |switch: &str| json!({ "foreground": {}, "background": { "switch": switch, "min_role": "grant" } });
    let rows = [
        (json!({ "switch": "on", "access": "everyone" }), json!({})),
        (
            json!({ "switch": "on", "background": { "switch": "off" } }),
            json!({}),
        ),
        (
            json!({ "switch": "on", "background": { "switch": "opt-in" } }),
            org("off"),
        ),
        (
            json!({ "switch": "opt-out", "access": "everyone", "foreground": { "floor": "grant" } }),
            org("on"),
        ),
        (
            json!({ "switch": "opt-in", "foreground": { "floor": "grant" }, "background": { "floor": "grant" } }),
            json!({ "switch": "on" }),
        ),
    ];
    rows.into_iter()
        .map(|(site, org)| policy(&site, &org))
        .collect()
}

fn policy(site_gate: &Value, org_gate: &Value) -> Value {
    let grants = [
        ("grant", "chat:read"),
        ("grant-own", "chat:read@own"),
        ("grant-foreground", "chat:read#foreground"),
        ("grant-background", "chat:read#background"),
        ("deny-own", "!chat:read@own"),
        ("deny-background", "!chat:read#background"),
        ("low", "chat:read"),
    ];
    let (mut site_roles, mut org_roles) = (json!({}), json!({}));
    for (name, grant) in grants {
        site_roles[name] = json!({ "grants": [grant] });
        org_roles[name] =
            json!({ "level": if name == "low" { 10 } else { 20 }, "grants": [grant] });
    }
    site_roles["all"] = json!({ "grants": ["chat:read"], "all_orgs": true });
    site_roles["all-own"] = json!({ "grants": ["chat:read@own"], "all_orgs": true });
    let mut members = json!({ "agent": { "roles": ["grant"] } });
    let mut subjects = json!({ "agent": { "kind": "agent", "site_roles": ["grant"] } });
    for (id, site, org, ends) in rows() {
        subjects[&id] = json!({ "site_roles": site });
        if let Some(roles) = org {
            members[&id] = json!({ "roles": roles });
            if ends {
                members[&id]["expires"] = NOON.into();
            }
        }
    }
    json!({
        "version": 1,
        "resources": { "chat": ["read"] },
        "site": { "gates": { "chat": site_gate }, "roles": site_roles },
        "org_roles": org_roles,
        "orgs": {
            HOME: { "members": members, "gates": { "chat": org_gate } },
            "elsewhere": { "gates": { "chat": { "switch": "on" } } },
        },
        "subjects": subjects,
    })
}

pub(super) fn org_id(name: &str) -> OrgId {
    OrgId::new(name).unwrap()
}
