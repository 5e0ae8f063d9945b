//! Who comes to the console: login links, sessions, and tokens.
//!
//! Of each secret the store has the SHA-256 alone, and finds it by that. A secret is 32 random bytes, so its
//! hash tells nothing of it, and a look-up takes no longer for a guess that is nearly right.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatepost::{Grant, Subject, SubjectId, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::change::Author;

/// How long a login link can be used.
const LOGIN: Duration = Duration::from_mins(10);
/// How long a session lasts at most, and how long without a request.
pub(crate) const SESSION: Duration = Duration::from_hours(8);
pub(crate) const IDLE: Duration = Duration::from_hours(1);
/// How often it is written down at most that a session is used.
pub(crate) const RENEWED: Duration = Duration::from_mins(1);
/// How long a token lasts unless it is said, and at most.
const TOKEN: Duration = Duration::from_hours(90 * 24);
const LONGEST_TOKEN: Duration = Duration::from_hours(366 * 24);
/// What a token begins with, so that one that was published is found by those who look for such.
const TOKEN_PREFIX: &str = "gatepost_";
/// What a secret is made of, in bytes.
const SECRET: usize = 32;
/// The longest text that can be a secret.
const LONGEST_SECRET: usize = 128;
const LABEL_BYTES: usize = 255;
const SCOPES: usize = 100;

/// What a credential is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialKind {
    /// A link that begins a session, once, within ten minutes.
    Login,
    /// A session in a browser: for eight hours, or until an hour without a request is over.
    Session,
    /// A token that a program carries.
    Token,
}

impl CredentialKind {
    pub(crate) const ALL: [Self; 3] = [Self::Login, Self::Session, Self::Token];

    /// The word as it stands in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Session => "session",
            Self::Token => "token",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A credential that is asked for.
///
/// Only the operator issues any: who holds one is taken for its subject, so whoever could issue them could be
/// everyone.
///
/// ```
/// use std::time::Duration;
/// use gatepost::SubjectId;
/// use gatepost_store::{Author, NewCredential};
///
/// let ines = || Author::Operator { name: "ines".into() };
/// let link = NewCredential::login(SubjectId::new("alice")?, ines());
/// let token = NewCredential::token(SubjectId::new("ci")?, ines(), "the nightly export")
///     .scopes(["gatepost-site:read"])
///     .lasting(Duration::from_secs(7 * 24 * 3600));
/// # Ok::<(), gatepost::IdError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is issued before `PolicyStore::issue`"]
pub struct NewCredential {
    pub(crate) kind: CredentialKind,
    pub(crate) subject: SubjectId,
    pub(crate) author: Author,
    pub(crate) label: String,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) lasting: Duration,
}

impl NewCredential {
    /// A login link, for ten minutes.
    pub fn login(subject: SubjectId, author: Author) -> Self {
        Self {
            kind: CredentialKind::Login,
            subject,
            author,
            label: String::new(),
            scopes: None,
            lasting: LOGIN,
        }
    }

    /// A token, for 90 days; the label says what it is for.
    pub fn token(subject: SubjectId, author: Author, label: impl Into<String>) -> Self {
        Self {
            kind: CredentialKind::Token,
            subject,
            author,
            label: label.into(),
            scopes: None,
            lasting: TOKEN,
        }
    }

    /// Limits what it may be used for, as [`Subject::scopes`] does. A session that a link begins has the link's.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Sets for how long it can be used: a token for up to 366 days, a login link for up to ten minutes.
    pub fn lasting(mut self, lasting: Duration) -> Self {
        self.lasting = lasting;
        self
    }

    /// Why it cannot be issued, if it cannot.
    pub(crate) fn fault(&self) -> Option<String> {
        let (longest, told) = match self.kind {
            CredentialKind::Token => (LONGEST_TOKEN, "a token lasts for a second up to 366 days"),
            CredentialKind::Login | CredentialKind::Session => {
                (LOGIN, "a login link lasts for a second up to ten minutes")
            }
        };
        if !(Duration::from_secs(1)..=longest).contains(&self.lasting) {
            return Some(told.to_owned());
        }
        let label = self.label.as_str();
        if self.kind == CredentialKind::Token && label.trim().is_empty() {
            return Some("the label is missing: it says what the token is for".to_owned());
        }
        if label.len() > LABEL_BYTES || label.contains(char::is_control) {
            return Some(format!(
                "the label is longer than {LABEL_BYTES} bytes, or has a control character in it"
            ));
        }
        let scopes = self.scopes.iter().flatten();
        if scopes.clone().count() > SCOPES {
            return Some(format!("there are more than {SCOPES} scopes"));
        }
        let mut wrong = scopes.filter(|scope| Grant::parse(scope).map_or(true, |it| it.denies()));
        // One that covers nothing would be a token that is less than it was meant to be.
        let wrong = wrong.next()?;
        Some(format!(
            "the scope `{}` is no grant such as `chat:read`",
            wrong.escape_debug()
        ))
    }
}

/// A credential as the store knows it, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credential {
    /// Its public id, by which it is revoked.
    pub id: String,
    /// What it is for.
    pub kind: CredentialKind,
    /// Whose it is.
    pub subject: SubjectId,
    /// What it is limited to, if to anything.
    pub scopes: Option<Vec<String>>,
    /// What it is for, in somebody's words.
    pub label: String,
    /// Who issued it.
    pub author: String,
    /// When it was issued, by the store's clock.
    pub created: Timestamp,
    /// When it is over, by the store's clock.
    pub expires: Timestamp,
}

impl Credential {
    /// Who comes with it, limited to its scopes.
    pub fn subject(&self) -> Subject {
        let subject = Subject::new(self.subject.clone()).expires(self.expires);
        match &self.scopes {
            Some(scopes) => subject.scopes(scopes),
            None => subject,
        }
    }
}

/// A credential that was just issued, with its secret: it is told this once.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issued {
    /// The secret: what stands in the link, the cookie or the header.
    pub secret: String,
    /// All else.
    pub credential: Credential,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { credential, .. } = self;
        f.debug_struct("Issued")
            .field("secret", &"..")
            .field("credential", credential)
            .finish()
    }
}

/// A new secret; an error where the operating system has no randomness to give.
pub(crate) fn secret(kind: CredentialKind) -> Result<String, getrandom::Error> {
    let mut random = [0; SECRET];
    getrandom::fill(&mut random)?;
    let secret = URL_SAFE_NO_PAD.encode(random);
    Ok(match kind {
        CredentialKind::Token => format!("{TOKEN_PREFIX}{secret}"),
        CredentialKind::Login | CredentialKind::Session => secret,
    })
}

/// What the store has of a secret; nothing of a text that is too long to be one.
pub(crate) fn hash(secret: &str) -> Option<String> {
    (secret.len() <= LONGEST_SECRET).then(|| URL_SAFE_NO_PAD.encode(Sha256::digest(secret)))
}
