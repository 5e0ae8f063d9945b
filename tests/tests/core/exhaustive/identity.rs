//! Who asks: status, kind, for whom, under which scopes, and of whose object.

use gatepost::{Kind, OrgRule, RequestFields};
use gatepost_tests::question::Question;
use serde_json::{Value, json};

use super::{MODES, Table, read_chat};

pub(super) const CELLS: usize = WHO.len() * CLAIMED.len() * FOR.len() * SCOPES.len() * OWNERS.len() * MODES.len() * 2 // requests
    * ORG_GRANTS.len(); // policies

/// The kind and status are in the name; `unnamed` and `visitor` stand nowhere in the policy.
const WHO: [&str; 7] = [
    "unnamed",
    "user-active",
    "user-suspended",
    "service-active",
    "service-suspended",
    "agent-active",
    "agent-suspended",
];
const CLAIMED: [Option<Kind>; 4] = [
    None,
    Some(Kind::User),
    Some(Kind::Service),
    Some(Kind::Agent),
];
const SELF: &str = "the subject itself";
const FOR: [Option<&str>; 11] = [
    None,
    Some(SELF),
    Some("ann"),
    Some("own-ann"),
    Some("no-site-role"),
    Some("outsider"),
    Some("root"),
    Some("user-suspended"),
    Some("service-active"),
    Some("agent-active"),
    Some("visitor"),
];
const SCOPES: [Option<&[&str]>; 8] = [
    None,
    Some(&[]),
    Some(&["chat:read"]),
    Some(&["chat:*@own"]),
    Some(&["*:*#foreground"]),
    Some(&["openid", "!chat:read", ""]),
    Some(&["chat:create", "agent:read"]),
    Some(&["chat:read#background@own", "profile"]),
];
const OWNERS: [Option<&str>; 4] = [None, Some(SELF), Some("ann"), Some("another")];
const ORG_GRANTS: [&str; 3] = ["chat:read", "chat:read@own", "*:*#foreground"];

fn questions() -> Vec<Question> {
    let mut questions = Vec::new();
    for who in WHO {
        let id = |name: &str| {
            if name == SELF {
                who.to_owned()
            } else {
                name.to_owned()
            }
        };
        for kind in CLAIMED {
            for acting_for in FOR {
                for scopes in SCOPES {
                    for owner in OWNERS {
                        for mode in MODES {
                            for named in [true, false] {
                                questions.push(Question::new(&RequestFields {
                                    subject: Some(who.to_owned()),
                                    kind,
                                    org: named.then(|| "acme".to_owned()),
                                    org_rule: (!named).then_some(OrgRule::Default),
                                    mode,
                                    owner: owner.map(id),
                                    scopes: scopes.map(|words| {
                                        words.iter().map(|&word| word.to_owned()).collect()
                                    }),
                                    acting_for: acting_for.map(id),
                                    ..read_chat()
                                }));
                            }
                        }
                    }
                }
            }
        }
    }
    questions
}

fn policy(org_grant: &str) -> Value {
    let mut subjects = json!({
        "ann": { "site_roles": ["reader"] },
        "own-ann": { "site_roles": ["own-reader"] },
        "outsider": { "site_roles": ["reader"] },
        "root": { "site_roles": ["root"] },
        "no-site-role": { "site_roles": [] },
    });
    for who in WHO {
        if let Some((kind, status)) = who.split_once('-') {
            // Services are opened every org, so that one of the two can be and the other not.
            let site_role = if kind == "service" { "root" } else { "reader" };
            subjects[who] = json!({ "kind": kind, "status": status, "site_roles": [site_role] });
        }
    }
    let member = json!({ "roles": ["member"] });
    json!({
        "version": 1,
        "resources": { "chat": ["read", "create"], "agent": ["read"] },
        "site": {
            "gates": { "chat": { "switch": "on" } },
            "roles": {
                "reader": { "grants": ["chat:read"] },
                "own-reader": { "grants": ["chat:read@own"] },
                "root": { "grants": ["chat:read"], "all_orgs": true },
            },
        },
        "org_roles": { "member": { "level": 10, "grants": [org_grant] } },
        "orgs": { "acme": { "members": {
            "user-active": member,
            "user-suspended": member,
            "service-active": member,
            "agent-active": member,
            "ann": member,
            "own-ann": member,
            "no-site-role": member,
            "unnamed": member,
        } } },
        "subjects": subjects,
    })
}

#[test]
fn identity_and_delegation_combine_as_the_oracle_says() {
    let mut questions = questions();
    let mut table = Table::default();
    for org_grant in ORG_GRANTS {
        table.fill(&policy(org_grant), &questions);
    }
    let nobody = Question::new(&RequestFields {
        org: Some("acme".to_owned()),
        ..read_chat()
    });
    questions.clear();
    questions.push(nobody);
    table.fill(&policy(ORG_GRANTS[0]), &questions);
    table.assert(
        CELLS + 1,
        &[
            "any",
            "own",
            "via_all_orgs",
            "unauthenticated",
            "subject_suspended",
            "delegator_missing",
            "scope_missing",
            "site_grant_missing",
            "no_default_org",
            "not_a_member",
            "org_grant_missing",
        ],
    );
}
