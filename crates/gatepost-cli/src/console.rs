//! `gatepost console`: who comes to the console.

use std::io::Write;

use clap::Subcommand;
use gatepost_store::{CredentialKind, NewCredential};

use crate::Exit;
use crate::credential::{issuer, print, subject};
use crate::fault::Fault;
use crate::runtime::block_on;
use crate::serve::DEFAULT_ADDRESS;
use crate::source::StoreArg;

/// Let somebody into the console, see who is in it, and end that
#[derive(Debug, Subcommand)]
pub(crate) enum ConsoleCommand {
    /// Print a link that logs a subject in, once, within ten minutes
    ///
    /// Whoever opens it is taken for the subject, so it is handed to nobody else. It prints the link alone.
    Login {
        #[command(flatten)]
        store: StoreArg,
        /// Who is logged in; what it may do there is for the policy to say
        #[arg(long = "as", value_name = "SUBJECT")]
        subject: String,
        /// Where the console is [default: where `gatepost serve` is unless told otherwise]
        #[arg(long = "url", value_name = "URL")]
        place: Option<String>,
    },
    /// Print the sessions that can be used, the newest first
    ///
    /// `gatepost token revoke` ends one of them by its id.
    Sessions {
        #[command(flatten)]
        store: StoreArg,
    },
    /// End all sessions of a subject, and the login links that it has not used yet
    ///
    /// Its tokens stay: `gatepost token revoke` takes them back.
    Logout {
        #[command(flatten)]
        store: StoreArg,
        /// Whose sessions end
        #[arg(long = "as", value_name = "SUBJECT")]
        subject: String,
    },
}

pub(crate) fn run(command: ConsoleCommand, out: &mut dyn Write) -> Result<Exit, Fault> {
    match command {
        ConsoleCommand::Login {
            store,
            subject,
            place,
        } => login(&store, &subject, place, out),
        ConsoleCommand::Sessions { store } => block_on(async {
            let kind = CredentialKind::Session;
            for session in &store.open().await?.credentials(kind).await? {
                print(session, out)?;
            }
            Ok(Exit::Good)
        })?,
        ConsoleCommand::Logout { store, subject: id } => {
            let subject = subject(&id)?;
            let kinds = [CredentialKind::Session, CredentialKind::Login];
            block_on(async {
                let ended = store.open().await?.revoke_all(&subject, &kinds).await?;
                writeln!(out, "sessions and login links ended: {ended}")?;
                Ok(Exit::Good)
            })?
        }
    }
}

fn login(
    store: &StoreArg,
    id: &str,
    place: Option<String>,
    out: &mut dyn Write,
) -> Result<Exit, Fault> {
    let place = place.unwrap_or_else(|| format!("http://{DEFAULT_ADDRESS}"));
    let is_web = ["http://", "https://"]
        .iter()
        .any(|scheme| place.starts_with(scheme));
    if !is_web || place.contains(['?', '#']) || place.chars().any(char::is_whitespace) {
        let why = "`--url` is where the console is, such as `https://example.com/console`";
        return Err(Fault::BadRequest(why.to_owned()));
    }
    let new = NewCredential::login(subject(id)?, issuer());
    block_on(async {
        let issued = store.open().await?.issue(&new).await?;
        let place = place.trim_end_matches('/');
        writeln!(out, "{place}/login?code={}", issued.secret)?;
        Ok(Exit::Good)
    })?
}
