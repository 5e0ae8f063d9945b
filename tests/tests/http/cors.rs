//! CORS on either side of the gate: a preflight that is answered outside of it takes no decision, and one
//! that comes to the gate is refused like any request.

mod actix;
mod axum;

use gatepost::{Gate, Org, Requirement};

use crate::service::{POLICY, facts};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const PATH: &str = "/orgs/acme/chats";
const SITE: &str = "https://app.example";
const ALLOWED: &str = "access-control-allow-origin";

/// What one order of layers must answer: method, who, status, whether CORS headers come, whether the handler runs.
type Expected = (&'static str, &'static str, u16, bool, bool);

/// The gate stands inside: what it refuses has the headers, so that a browser can read it.
const CORS_OUTSIDE: &[Expected] = &[
    ("PREFLIGHT", "", 200, true, false),
    ("OPTIONS", "", 405, true, false),
    ("GET", "", 401, true, false),
    ("GET", "mallory", 403, true, false),
    ("HEAD", "mallory", 403, true, false),
    ("DELETE", "alice", 405, true, false),
    ("GET", "alice", 200, true, true),
    ("HEAD", "alice", 200, true, true),
];

fn gate() -> Gate {
    Gate::fixed(facts(POLICY))
}
