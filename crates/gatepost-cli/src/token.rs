//! `gatepost token`: what programs present to the console and its API.

use std::io::Write;
use std::time::Duration;

use clap::Subcommand;
use gatepost_store::{CredentialKind, NewCredential};

use crate::Exit;
use crate::credential::{issuer, print, subject};
use crate::fault::Fault;
use crate::runtime::block_on;
use crate::source::StoreArg;

/// A day, in seconds.
const DAY: u64 = 24 * 60 * 60;

/// Make, list and take back tokens, which programs present to the console's API
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token, and print it: it is told this once
    Create {
        #[command(flatten)]
        store: StoreArg,
        /// Whose it is; what it may do is for the policy to say
        #[arg(long = "as", value_name = "SUBJECT")]
        subject: String,
        /// What it is for
        #[arg(long, value_name = "TEXT", default_value = "made at the command line")]
        label: String,
        /// Limit what it may be used for to a grant, such as `gatepost-site:read`; may be given more than once
        #[arg(long = "scope", value_name = "GRANT")]
        scopes: Vec<String>,
        /// For how many days it can be used, up to 366
        #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=366))]
        days: u64,
    },
    /// Print the tokens that can be used, the newest first
    List {
        #[command(flatten)]
        store: StoreArg,
    },
    /// Take a token, a session or a login link back, by its id
    Revoke {
        #[command(flatten)]
        store: StoreArg,
        /// The id, as `gatepost token list` and `gatepost console sessions` print it
        id: String,
    },
}

pub(crate) fn run(command: TokenCommand, out: &mut dyn Write) -> Result<Exit, Fault> {
    block_on(async {
        match command {
            TokenCommand::Create {
                store,
                subject: id,
                label,
                scopes,
                days,
            } => {
                let mut new = NewCredential::token(subject(&id)?, issuer(), label)
                    .lasting(Duration::from_secs(days.saturating_mul(DAY)));
                if !scopes.is_empty() {
                    new = new.scopes(scopes);
                }
                let issued = store.open().await?.issue(&new).await?;
                writeln!(out, "{}", issued.secret)?;
            }
            TokenCommand::List { store } => {
                let tokens = store
                    .open()
                    .await?
                    .credentials(CredentialKind::Token)
                    .await?;
                for token in &tokens {
                    print(token, out)?;
                }
            }
            TokenCommand::Revoke { store, id } => {
                if !store.open().await?.revoke(&id).await? {
                    writeln!(out, "there is none with this id")?;
                    return Ok(Exit::Bad);
                }
                writeln!(out, "revoked")?;
            }
        }
        Ok(Exit::Good)
    })?
}
