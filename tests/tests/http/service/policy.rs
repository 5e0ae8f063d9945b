//! The policy of the service.

use gatepost::PolicyText;

/// Alice develops in acme and is a guest in globex; bob develops in globex alone; otto reaches in acme
/// what is his own; sam is suspended. Some orgs have ids that are easily taken for another, and edna is
/// in those.
pub(crate) const POLICY: &str = r#"
version = 1
[resources]
chat = ["read", "update"]
killed = ["read"]
agent = ["execute"]

[site.gates.chat]
switch = "on"
access = "everyone"
[site.gates.killed]
switch = "off"
[site.gates.agent]
switch = "on"
access = "everyone"
background = { floor = "developer" }

[org_roles.guest]
level = 10
grants = ["chat:read", "agent:execute"]
[org_roles.author]
level = 10
grants = ["chat:*@own"]
[org_roles.developer]
level = 30
grants = ["chat:*", "agent:*"]

[orgs.acme.members]
alice = { roles = ["developer"] }
gina = { roles = ["guest"] }
otto = { roles = ["author"] }
[orgs.globex.members]
alice = { roles = ["guest"] }
bob = { roles = ["developer"] }
[orgs.gone]
status = "suspended"
[orgs.gone.members]
bob = { roles = ["developer"] }

[orgs."..".members]
edna = { roles = ["guest"] }
[orgs."a/b".members]
edna = { roles = ["guest"] }
[orgs."a%2fb".members]
edna = { roles = ["guest"] }
[orgs."\uFFFD".members]
edna = { roles = ["guest"] }
[orgs."caf\u00E9".members]
edna = { roles = ["guest"] }
[orgs."x;y=z".members]
edna = { roles = ["guest"] }
[orgs." edge ".members]
edna = { roles = ["guest"] }

[subjects.sam]
status = "suspended"
"#;

pub(crate) fn facts(text: &str) -> gatepost::Snapshot {
    PolicyText::toml(text).compile(4711).unwrap()
}
