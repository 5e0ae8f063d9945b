use super::*;
use crate::policy::{PolicyDocument, PolicyText};

mod changes;
mod laws;
mod org;
mod places;
pub(crate) mod random;
mod text;

const POLICY: &str = r#"version = 1
[resources]
chat = ["create", "read"]
agent = ["execute"]
planner = ["execute"]
[site.gates.chat]
switch = "opt-in"
actions = ["create"]
[site.gates.agent]
switch = "on"
access = "everyone"
background = { floor = "developer" }
[site.gates.planner]
switch = "off"
[site.roles.chatter]
grants = ["chat:create"]
[site.roles.admin]
grants = ["*:*"]
all_orgs = true
[org_roles.anyone]
grants = ["agent:execute#foreground"]
[org_roles.guest]
level = 10
grants = ["chat:*@own", "agent:execute"]
[org_roles.developer]
level = 30
include = ["guest"]
grants = ["chat:read"]
"#;

const ROUTES: &str = r#"{"version": 1, "routes": [
  {"method": "POST", "path": "/orgs/{org}/chats", "requires":
    {"resource": "chat", "action": "create", "mode": "foreground", "org": ["path org"], "org_rule": "required", "owner": "subject"}},
  {"method": "GET", "path": "/orgs/{org}/chats/{id}", "requires":
    {"resource": "chat", "action": "read", "org": ["path org"], "org_rule": "required", "owner": "object"}},
  {"method": "POST", "path": "/me/chats", "requires":
    {"resource": "chat", "action": "create", "org_rule": "default", "owner": "subject"}},
  {"method": "POST", "path": "/chats", "requires":
    {"resource": "chat", "action": "create", "org_rule": "none"}},
  {"method": "POST", "path": "/agents/{agent}/runs", "requires":
    {"resource": {"param": "agent", "map": {"planner": "planner"}, "otherwise": "agent"},
     "action": "execute", "mode": "body", "org": ["header x-org"], "org_rule": "required", "body_limit": 65536}},
  {"method": "*", "path": "/healthz", "public": "probes have no identity"}
]}"#;

fn policy(text: &str) -> PolicyDocument {
    PolicyText::toml(text).parse().unwrap()
}

fn routes() -> Inventory {
    Inventory::from_json(ROUTES).unwrap()
}

fn of_roles(text: &str) -> Matrix {
    Matrix::of_roles(&policy(text), &routes()).unwrap()
}

impl Matrix {
    /// Whether anybody at all is let through by what this route asks.
    pub(crate) fn allows(&self, path: &str, asks: &str) -> bool {
        let mut rows = self.rows.iter().filter(|row| row.path == path);
        let row = rows.find(|row| row.asks == asks).unwrap();
        let cells = row.strips.iter().flat_map(|strip| &strip.cells);
        cells
            .into_iter()
            .any(|cell| !matches!(cell, MatrixCell::No(_)))
    }
}
