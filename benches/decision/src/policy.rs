//! The policy that the cases are asked by.

use std::fmt::Write as _;

/// How many orgs there are, each with its own subjects. Enough that the case of one id among them, which a hash
/// with a random seed makes longer or shorter, is no part of a figure.
pub const ORGS: usize = 1024;

/// The roles of a policy that has many.
const ROLES: usize = 200;

const FRAME: &str = r#"
version = 1

[resources]
chat = ["create", "read", "update"]
report = ["read"]
vault = ["read"]

[site.gates.chat]
switch = "opt-in"
access = "granted"
foreground = { floor = "guest" }
background = { floor = "developer" }
[site.gates.report]
switch = "opt-out"
access = "granted"
[site.gates.vault]
switch = "off"

[site.roles.access]
grants = ["chat:*", "report:*"]
[site.roles.auditor]
grants = ["chat:*"]
all_orgs = true

[org_roles.guest]
level = 10
grants = ["chat:read@own"]
[org_roles.developer]
level = 30
grants = ["chat:create", "chat:update@own", "report:read"]
"#;

/// What a policy has beside its orgs and their members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// Below each org another, and below that one more.
    OrgsBelow,
    /// 200 roles, of which each member holds four.
    ManyRoles,
}

/// A policy of [`ORGS`] orgs; in `org-N` the subject `member-N` is a developer.
pub fn written(beside: Beside) -> String {
    let many_roles = beside == Beside::ManyRoles;
    let mut policy = FRAME.to_owned();
    if many_roles {
        for role in 0..ROLES {
            let level = 20 + role / 10;
            // Written to a string: nothing can fail.
            let _ = writeln!(
                policy,
                "[org_roles.role-{role}]\nlevel = {level}\ngrants = [\"chat:read\", \"report:read\"]"
            );
        }
    }
    for number in 0..ORGS {
        let roles = if many_roles {
            let others = [1, 50, 100, 150].map(|step| (number + step) % ROLES);
            let others = others.map(|role| format!("\"role-{role}\""));
            format!("\"developer\", {}", others.join(", "))
        } else {
            "\"developer\"".to_owned()
        };
        let _ = writeln!(
            policy,
            r#"
[orgs.org-{number:04}]
gates.chat.switch = "on"
gates.report.switch = "off"
[orgs.org-{number:04}.members.member-{number:04}]
roles = [{roles}]
[subjects.member-{number:04}]
site_roles = ["access"]
[subjects.auditor-{number:04}]
site_roles = ["auditor"]
[subjects.stranger-{number:04}]
site_roles = ["access"]"#
        );
        if beside == Beside::OrgsBelow {
            let _ = writeln!(
                policy,
                r#"
[orgs.unit-{number:04}]
parent = "org-{number:04}"
[orgs.team-{number:04}]
parent = "unit-{number:04}""#
            );
        }
    }
    policy
}
