//! Switches: the site's and the orgs', of the resource and of each mode.

use gatepost::{OrgRule, RequestFields};
use gatepost_tests::question::Question;
use serde_json::{Value, json};

use super::{MODES, Table, read_chat, set};

pub(super) const CELLS: usize = SITE.len() * ACCESS.len() * 2 * SAID.len() * SAID.len() // the resource's switches
    * SITE.len() * SAID.len() * SAID.len() // the modes' switches
    * WHO.len() * MODES.len() * WHERE.len();

const SITE: [&str; 4] = ["off", "opt-in", "opt-out", "on"];
const SAID: [Option<&str>; 3] = [None, Some("on"), Some("off")];
const ACCESS: [&str; 2] = ["granted", "everyone"];
const WHO: [&str; 4] = ["granted", "member", "root", "stranger"];
const WHERE: [Option<&str>; 3] = [Some("child"), Some("parent"), None];

fn questions() -> Vec<Question> {
    let mut questions = Vec::new();
    for who in WHO {
        for org in WHERE {
            for mode in MODES {
                questions.push(Question::new(&RequestFields {
                    subject: Some(who.to_owned()),
                    org: org.map(str::to_owned),
                    org_rule: org.is_none().then_some(OrgRule::None),
                    mode,
                    ..read_chat()
                }));
            }
        }
    }
    questions
}

/// One org's gate: its switch, and those of its modes.
fn org_gate(switch: Option<&str>, foreground: Option<&str>, background: Option<&str>) -> Value {
    let mut gate = json!({ "foreground": {}, "background": {} });
    set(&mut gate, "switch", switch);
    set(&mut gate["foreground"], "switch", foreground);
    set(&mut gate["background"], "switch", background);
    gate
}

fn base() -> Value {
    json!({
        "version": 1,
        "resources": { "chat": ["read", "create"] },
        "site": {
            "gates": { "chat": {} },
            "roles": {
                "granted": { "grants": ["chat:read"] },
                "root": { "grants": ["chat:*"], "all_orgs": true },
            },
        },
        "org_roles": { "all": { "level": 10, "grants": ["chat:*"] } },
        "orgs": {
            "parent": { "members": { "granted": { "roles": ["all"] }, "member": { "roles": ["all"] } } },
            "child": { "parent": "parent" },
        },
        "subjects": {
            "granted": { "site_roles": ["granted"] },
            "root": { "site_roles": ["root"] },
            "stranger": { "site_roles": ["granted"] },
        },
    })
}

#[test]
fn switches_of_site_and_orgs_combine_as_the_oracle_says() {
    let questions = questions();
    let mut table = Table::default();
    let mut policy = base();
    let pairs = || {
        SAID.into_iter()
            .flat_map(|one| SAID.map(|other| (one, other)))
    };
    for (access, governed) in ACCESS
        .into_iter()
        .flat_map(|access| [(access, true), (access, false)])
    {
        for (switch, (at_child, at_parent)) in SITE
            .into_iter()
            .flat_map(|switch| pairs().map(move |said| (switch, said)))
        {
            for (row, mode_switch) in SITE.into_iter().enumerate() {
                for (mode_at_child, mode_at_parent) in pairs() {
                    let gate = &mut policy["site"]["gates"]["chat"];
                    *gate = json!({ "access": access, "switch": switch });
                    if !governed {
                        gate["actions"] = json!(["create"]);
                    }
                    // The other mode is set otherwise throughout, so that mixing them up shows.
                    gate["foreground"] = json!({ "switch": mode_switch });
                    gate["background"] = json!({ "switch": SITE[(row + 1) % SITE.len()] });
                    policy["orgs"]["child"]["gates"] =
                        json!({ "chat": org_gate(at_child, mode_at_child, mode_at_parent) });
                    policy["orgs"]["parent"]["gates"] =
                        json!({ "chat": org_gate(at_parent, mode_at_parent, mode_at_child) });
                    table.fill(&policy, &questions);
                }
            }
        }
    }
    table.assert(
        CELLS,
        &[
            "any",
            "via_all_orgs",
            "site_off",
            "site_grant_missing",
            "site_mode_off",
            "org_required",
            "not_a_member",
            "org_off",
            "org_mode_off",
        ],
    );
}
