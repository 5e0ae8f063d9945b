//! Changes of what is asked, or of who asks.

use std::fmt;

use crate::vocabulary::Mode;

/// A change of what is asked, or of who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::explain) enum AskedChange {
    Authenticate,
    /// The token names a user whom the subject acts for.
    ActFor {
        subject: String,
    },
    ActForNobody {
        subject: String,
    },
    Scope {
        grant: String,
    },
    Mode(Option<Mode>),
    NameOrg,
}

impl fmt::Display for AskedChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authenticate => f.write_str("present a valid identity"),
            Self::ActFor { subject } => {
                write!(
                    f,
                    "present a token that says for whom {subject} acts: another subject, a user"
                )
            }
            Self::ActForNobody { subject } => {
                write!(f, "present a token in which {subject} acts for nobody")
            }
            Self::Scope { grant } => write!(f, "present a token with the scope {grant}"),
            Self::Mode(Some(mode)) => write!(f, "ask for it in {mode}"),
            Self::Mode(None) => f.write_str("ask for it without a mode"),
            Self::NameOrg => f.write_str("name one org in the request"),
        }
    }
}
