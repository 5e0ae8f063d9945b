//! What is told of a credential, and who issues it.

use gatepost::SubjectId;
use gatepost_store::Author;

use crate::fault::Fault;

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
