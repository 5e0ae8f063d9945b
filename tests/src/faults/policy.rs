//! The policy of a run, and the switches, roles and memberships that are turned while a fault lasts.

#![allow(
    clippy::indexing_slicing,
    reason = "a member that is not there is null in JSON, and one that is set is made"
)]

use serde_json::{Value, json};

/// One thing that is turned, and the request whose answer it turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Toggle {
    /// The kill switch of `chat`.
    SiteSwitch,
    /// The membership of `bob` in `acme`.
    Membership,
    /// The site's switch of the background mode of `agent`.
    ModeSwitch,
    /// A site role of `eve`.
    SiteRole,
    /// The switch of `note` in the org `beta`.
    OrgSwitch,
    /// Whether `dan` is suspended.
    Subject,
}

impl Toggle {
    /// All of them; each turns the answer to the request at its own place in [`requests`].
    pub const ALL: [Self; 6] = [
        Self::SiteSwitch,
        Self::Membership,
        Self::ModeSwitch,
        Self::SiteRole,
        Self::OrgSwitch,
        Self::Subject,
    ];

    /// The command that turns it on or off, as JSON.
    pub fn command(self, on: bool) -> Value {
        match self {
            Self::SiteSwitch => {
                let to = if on { "opt-out" } else { "off" };
                json!({ "command": "site_switch", "resource": "chat", "to": to })
            }
            Self::Membership => {
                let command = if on { "member_add" } else { "member_remove" };
                json!({ "command": command, "org": "acme", "subject": "bob", "role": "writer" })
            }
            Self::ModeSwitch => {
                let to = if on { "opt-out" } else { "off" };
                json!({ "command": "site_switch", "resource": "agent", "mode": "background", "to": to })
            }
            Self::SiteRole => {
                let command = if on {
                    "site_role_add"
                } else {
                    "site_role_remove"
                };
                json!({ "command": command, "subject": "eve", "role": "reader" })
            }
            Self::OrgSwitch => {
                let to = if on { "on" } else { "off" };
                json!({ "command": "org_switch", "org": "beta", "resource": "note", "to": to })
            }
            Self::Subject => {
                let status = if on { "active" } else { "suspended" };
                json!({ "command": "subject_status", "subject": "dan", "status": status })
            }
        }
    }

    /// Whether it is on in a policy.
    pub fn is_on(self, policy: &Value) -> bool {
        let mut turned = policy.clone();
        self.turn(&mut turned, true);
        turned == *policy
    }

    /// Does to the policy what [`command`](Self::command) asks a store to do, by no code of the store's.
    ///
    /// # Panics
    ///
    /// If it is not a policy that [`policy`] began.
    pub fn turn(self, policy: &mut Value, on: bool) {
        match self {
            Self::SiteSwitch => {
                policy["site"]["gates"]["chat"]["switch"] =
                    json!(if on { "opt-out" } else { "off" });
            }
            Self::Membership => {
                let members = policy["orgs"]["acme"]["members"].as_object_mut();
                let members = members.unwrap_or_else(|| panic!("acme has members"));
                if on {
                    members.insert("bob".to_owned(), json!({ "roles": ["writer"] }));
                } else {
                    members.remove("bob");
                }
            }
            Self::ModeSwitch => {
                let to = if on { "opt-out" } else { "off" };
                policy["site"]["gates"]["agent"]["background"]["switch"] = json!(to);
            }
            Self::SiteRole => {
                let roles = if on { json!(["reader"]) } else { json!([]) };
                policy["subjects"]["eve"]["site_roles"] = roles;
            }
            Self::OrgSwitch => {
                policy["orgs"]["beta"]["gates"]["note"]["switch"] =
                    json!(if on { "on" } else { "off" });
            }
            Self::Subject => {
                policy["subjects"]["dan"]["status"] =
                    json!(if on { "active" } else { "suspended" });
            }
        }
    }
}

/// The policy at the start of a run: everything is on.
pub fn policy() -> Value {
    json!({
        "version": 1,
        "resources": { "chat": ["read"], "note": ["read", "update"], "agent": ["create"] },
        "site": {
            "gates": {
                "chat": { "switch": "opt-out", "access": "everyone" },
                "note": { "switch": "opt-out", "access": "everyone" },
                "agent": {
                    "switch": "opt-out",
                    "access": "granted",
                    "background": { "switch": "opt-out" },
                },
            },
            "roles": { "reader": { "grants": ["agent:create"] } },
        },
        "org_roles": { "writer": { "level": 10, "grants": ["*:*"] } },
        "orgs": {
            "acme": { "members": {
                "ann": { "roles": ["writer"] },
                "bob": { "roles": ["writer"] },
                "dan": { "roles": ["writer"] },
            } },
            "beta": {
                "members": { "ann": { "roles": ["writer"] } },
                "gates": { "note": { "switch": "on" } },
            },
        },
        "subjects": {
            "ann": { "site_roles": ["reader"] },
            "eve": { "site_roles": ["reader"] },
            "dan": { "status": "active" },
        },
    })
}

/// What replicas are asked: at each place, what the toggle at that place turns.
pub fn requests() -> Vec<Value> {
    let at = "2026-01-01T00:00:00Z";
    vec![
        json!({ "subject": "ann", "org": "acme", "resource": "chat", "action": "read", "at": at }),
        json!({ "subject": "bob", "org": "acme", "resource": "note", "action": "update", "at": at }),
        json!({ "subject": "ann", "org": "acme", "resource": "agent", "action": "create", "mode": "background", "at": at }),
        json!({ "subject": "eve", "org_rule": "none", "resource": "agent", "action": "create", "at": at }),
        json!({ "subject": "ann", "org": "beta", "resource": "note", "action": "read", "at": at }),
        json!({ "subject": "dan", "org": "acme", "resource": "note", "action": "read", "at": at }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::Question;
    use crate::twin::Twin;

    #[test]
    fn each_toggle_turns_the_answer_to_its_own_request_and_no_other() {
        let questions: Vec<Question> = requests()
            .iter()
            .map(|request| Question::read(request).unwrap())
            .collect();
        for (place, toggle) in Toggle::ALL.into_iter().enumerate() {
            let mut turned = policy();
            for on in [true, false, true] {
                toggle.turn(&mut turned, on);
                let twin = Twin::of(&turned);
                for (of, question) in questions.iter().enumerate() {
                    let verdict = twin.oracle(question);
                    assert_eq!(verdict, twin.engine(question));
                    assert_eq!(
                        verdict.allows(),
                        on || of != place,
                        "{toggle:?} {on}, request {of}"
                    );
                }
            }
            assert_eq!(turned, policy());
        }
    }
}
