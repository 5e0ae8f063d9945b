//! What a service prints at start-up.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};

use gatepost::SubjectId;

use crate::Error;
use crate::cli::Start;
use crate::token::TokenArgs;

/// What the shipped policy answers, of whom, and to what.
const FIRST_STEPS: [(&str, &str, &str, &str); 4] = [
    (
        "alice is a developer of acme, which has switched chats on: 201",
        "alice",
        "/orgs/acme/chats",
        r#"{"title": "A first chat"}"#,
    ),
    (
        "She is one of initech too, which has switched them off: 403 org_off",
        "alice",
        "/orgs/initech/chats",
        "{}",
    ),
    (
        "grace is a guest of acme, and a detached run takes a developer there: 403 mode_floor",
        "grace",
        "/orgs/acme/agents/planner/runs",
        r#"{"detach": true}"#,
    ),
    (
        "alice is one: 202, and the run waits for a worker (cargo run -p worker)",
        "alice",
        "/orgs/acme/agents/planner/runs",
        r#"{"detach": true}"#,
    ),
];

/// Where the service is, by what it decides, and what to try first; `console` is how to come to that.
pub(crate) fn greeting(
    start: &Start,
    mut address: SocketAddr,
    console: &str,
) -> Result<String, Error> {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let name = start.name;
    let policy = start.policy.told("chat", "opt-in");
    let mut text = format!(
        "{name} listens on http://{address}\n\
         {policy}\n"
    );
    for (what, subject, path, body) in FIRST_STEPS {
        let token = TokenArgs::of(SubjectId::new(subject)?).token(&start.secret)?;
        writeln!(
            text,
            "\n{what}\ncurl -sS -i -w '\\n' http://{address}{path} -H 'Authorization: Bearer {token}' \
             -H 'Content-Type: application/json' -d '{body}'"
        )?;
    }
    writeln!(
        text,
        "{console}\nA token for somebody else: cargo run -p {name} -- token SUBJECT"
    )?;
    Ok(text)
}
