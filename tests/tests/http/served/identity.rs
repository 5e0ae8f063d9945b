//! The authentication of the service: whoever bears a name is believed.
//!
//! `Bearer alice`, and behind the name, each once: `;scopes=chat:read note:*`, `;for=gina`, `;kind=agent`.

use gatepost::{Kind, Subject, SubjectId};
use gatepost_axum::SourceError;

/// Of this one nobody can tell who it is right now.
const UNREADABLE: &[u8] = b"Bearer ?";

/// What the authentication leaves in a request's extensions.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    Nobody,
    Somebody(Subject),
    /// The token is none.
    Garbled,
    /// The token could not be checked.
    Unavailable,
}

impl Identity {
    /// The subject, as a gate asks for it.
    pub(crate) fn subject(&self) -> Result<Option<Subject>, SourceError> {
        match self {
            Self::Somebody(subject) => Ok(Some(subject.clone())),
            Self::Nobody => Ok(None),
            Self::Garbled => Err(SourceError::bad_request("the token cannot be read")),
            Self::Unavailable => Err(SourceError::unavailable("the session store is down")),
        }
    }
}

/// Reads the values of `authorization`, all that there are.
pub(crate) fn read<'a>(mut given: impl Iterator<Item = &'a [u8]>) -> Identity {
    match (given.next(), given.next()) {
        (None, _) => Identity::Nobody,
        (Some(UNREADABLE), None) => Identity::Unavailable,
        (Some(one), None) => subject(one).map_or(Identity::Garbled, Identity::Somebody),
        (Some(_), Some(_)) => Identity::Garbled,
    }
}

fn subject(value: &[u8]) -> Option<Subject> {
    let token = std::str::from_utf8(value).ok()?.strip_prefix("Bearer ")?;
    let mut parts = token.split(';');
    let mut subject = Subject::new(SubjectId::new(parts.next()?).ok()?);
    for part in parts {
        subject = match part.split_once('=')? {
            ("scopes", scopes) => subject.scopes(scopes.split_whitespace()),
            ("for", delegator) => subject.acting_for(SubjectId::new(delegator).ok()?),
            ("kind", kind) => subject.kind(Kind::parse(kind)?),
            _ => return None,
        };
    }
    Some(subject)
}
