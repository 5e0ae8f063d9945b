//! `gatepost console`: who comes to the console.

use std::io::Write;

use clap::Subcommand;
use gatepost_store::NewCredential;

use crate::Exit;
use crate::credential::{issuer, subject};
use crate::fault::Fault;
use crate::runtime::block_on;
use crate::serve::DEFAULT_ADDRESS;
use crate::source::StoreArg;

/// Let somebody into the console
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
}

pub(crate) fn run(command: ConsoleCommand, out: &mut dyn Write) -> Result<Exit, Fault> {
    let ConsoleCommand::Login {
        store,
        subject: id,
        place,
    } = command;
    let place = place.unwrap_or_else(|| format!("http://{DEFAULT_ADDRESS}"));
    let is_web = ["http://", "https://"]
        .iter()
        .any(|scheme| place.starts_with(scheme));
    if !is_web || place.contains(['?', '#']) || place.chars().any(char::is_whitespace) {
        let why = "`--url` is where the console is, such as `https://example.com/console`";
        return Err(Fault::BadRequest(why.to_owned()));
    }
    let new = NewCredential::login(subject(&id)?, issuer());
    block_on(async {
        let issued = store.open().await?.issue(&new).await?;
        let place = place.trim_end_matches('/');
        writeln!(out, "{place}/login?code={}", issued.secret)?;
        Ok(Exit::Good)
    })?
}
