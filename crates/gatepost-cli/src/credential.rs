//! What is told of a credential, and who issues it.

use std::io::Write;

use gatepost::SubjectId;
use gatepost_store::{Author, Credential};

use crate::fault::Fault;
use crate::listing::printable;

/// Whose a credential is to be.
pub(crate) fn subject(id: &str) -> Result<SubjectId, Fault> {
    SubjectId::new(id).map_err(|error| Fault::BadRequest(format!("`--as`: the id {error}")))
}

/// Who issues it: whoever can reach the store.
pub(crate) fn issuer() -> Author {
    let account = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    Author::Operator {
        name: account.unwrap_or_else(|_| "operator".to_owned()),
    }
}

/// Prints one on a line, without its secret, which nobody has.
pub(crate) fn print(credential: &Credential, out: &mut dyn Write) -> Result<(), Fault> {
    let Credential {
        id,
        subject,
        scopes,
        label,
        author,
        expires,
        ..
    } = credential;
    let scopes = scopes
        .as_ref()
        .map_or_else(String::new, |scopes| format!("  only {}", scopes.join(" ")));
    let label = match label.as_str() {
        "" => String::new(),
        label => format!("{label} "),
    };
    let told = format!("{id}  {subject}  until {expires}  {label}(by {author}){scopes}");
    writeln!(out, "{}", printable(told))?;
    Ok(())
}
