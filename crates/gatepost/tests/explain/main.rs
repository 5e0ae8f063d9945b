//! What people read of a decision, word for word.
#![allow(clippy::unwrap_used, reason = "what a test runs with must be there")]

mod identity_and_site;
mod org_and_mode;
mod shape;

use gatepost::{OrgId, PolicyText, Request, Snapshot, Subject, SubjectId, Timestamp, explain};

const POLICY: &str = r#"
version = 1

[resources]
chat  = ["create", "read", "update", "delete"]
agent = ["read", "execute"]
export = ["create"]

[site.gates.chat]
switch = "opt-in"
actions = ["create", "update"]
foreground = { floor = "guest", default = "guest" }
background = { switch = "opt-out", floor = "developer", default = "developer" }
[site.gates.agent]
switch = "opt-out"
access = "everyone"
background = { switch = "off" }
[site.gates.export]
switch = "off"

[site.roles.agents-access]
grants = ["chat:*"]
[site.roles.admin]
grants = ["*:*"]
all_orgs = true
[site.roles.blocked]
grants = ["!chat:create"]

[org_roles.guest]
level = 10
grants = ["chat:read@own", "agent:execute#foreground"]
[org_roles.developer]
level = 30
include = ["guest"]
grants = ["chat:*@own", "agent:execute"]
[org_roles.maintainer]
level = 40
include = ["developer"]
grants = ["chat:*"]
[org_roles.suspended]
level = 0
grants = ["!agent:*"]

[orgs.holding]
[orgs.acme]
parent = "holding"
[orgs.acme.gates.chat]
switch = "on"
background = { min_role = "maintainer" }
[orgs.acme.gates.agent]
foreground = { switch = "off" }
[orgs.acme.roles.lead]
level = 35
grants = ["chat:*"]
[orgs.acme.members.alice]
roles = ["developer"]
expires = "2027-01-01T00:00:00Z"
[orgs.acme.members.bob]
roles = ["maintainer"]
expires = "2026-02-01T00:00:00Z"
[orgs.acme.members.dora]
roles = ["lead"]
[orgs.acme-labs]
parent = "acme"
[orgs.acme-labs.members.alice]
roles = ["guest"]

[orgs.shut]
[orgs.shut.gates.chat]
switch = "off"
[orgs.shut-labs]
parent = "shut"
[orgs.shut-labs.gates.chat]
switch = "on"
[orgs.shut-labs.members.alice]
roles = ["maintainer"]
[orgs.initech.members.alice]
roles = ["developer"]
[orgs.initech.members.carol]
roles = ["suspended", "guest"]
[orgs.town]
visibility = "public"

[subjects.alice]
site_roles = ["agents-access"]
[subjects.bob]
site_roles = ["agents-access"]
default_org = "acme"
[subjects.carol]
[subjects.dora]
site_roles = ["agents-access", "blocked"]
[subjects.root]
site_roles = ["admin"]
[subjects.planner-7]
kind = "agent"
site_roles = ["agents-access"]
[orgs.acme.members.planner-7]
roles = ["developer"]
[subjects.gone]
status = "suspended"
"#;

fn facts() -> Snapshot {
    PolicyText::toml(POLICY).compile(7).unwrap()
}

fn subject(id: &str) -> Subject {
    Subject::new(SubjectId::new(id).unwrap())
}

fn org(id: &str) -> OrgId {
    OrgId::new(id).unwrap()
}

fn noon() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

#[track_caller]
fn assert_text(request: &Request<'_>, want: &str) {
    let text = explain(&facts(), &request.at(noon())).to_string();
    assert_eq!(text, want.trim_start_matches('\n').trim_end(), "\n{text}");
}
