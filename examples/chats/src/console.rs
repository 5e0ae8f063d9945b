//! The console, where the policy is in a store.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};

use gatepost::{Inventory, SubjectId};
use gatepost_console::Console;
use gatepost_store::{Author, NewCredential, PolicyStore};

use crate::Error;
use crate::policy::Policy;

/// Where the console stands.
pub const CONSOLE: &str = "/console";

/// Who may log in to try it, by the shipped policy.
const FIRST_LOGINS: [(&str, &str); 2] = [
    ("root", "root is an admin of the site"),
    ("ada", "ada is an owner of acme"),
];

/// The console of a service with these routes; none where its policy is a document, which is edited instead.
///
/// # Errors
///
/// When the routes are too many to be reported.
pub fn console(policy: &Policy, routes: &Inventory) -> Result<Option<Console>, Error> {
    let Some(stored) = &policy.stored else {
        return Ok(None);
    };
    // Whoever runs `gatepost serve` on the same store sees them as well.
    stored.replica.report_routes(routes)?;
    let console = Console::new(stored.store.clone(), policy.gate.clone());
    Ok(Some(console.at(CONSOLE)))
}

/// Login links, each good once.
pub(crate) async fn greeting(
    mut address: SocketAddr,
    store: &PolicyStore,
) -> Result<String, Error> {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let mut text = String::new();
    for (subject, who) in FIRST_LOGINS {
        let author = Author::Operator {
            name: env!("CARGO_PKG_NAME").to_owned(),
        };
        let link = NewCredential::login(SubjectId::new(subject)?, author);
        let code = store.issue(&link).await?.secret;
        writeln!(
            text,
            "\nThe console, where {who}; this link is good once, for ten minutes:\n\
             http://{address}{CONSOLE}/login?code={code}"
        )?;
    }
    let url = store.url();
    writeln!(
        text,
        "\nA link for somebody else:\n\
         cargo run -q -p gatepost-cli -- console login --as SUBJECT --store {url} --url http://{address}{CONSOLE}"
    )?;
    Ok(text)
}
