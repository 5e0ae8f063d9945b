//! What of a decision is not written down as it was.

use std::fmt;
use std::sync::Arc;

use gatepost::{OrgId, SubjectId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::record::LogRecord;

/// The shortest key, in bytes.
const SHORTEST_KEY: usize = 16;
/// How many bytes of a hash are written.
const SHOWN: usize = 16;

/// What becomes of a member of each record.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Redact {
    /// It is written as it is.
    #[default]
    Keep,
    /// The hash of it is written: of the same value always the same, so records can still be counted and joined.
    Hash(RedactionKey),
    /// It is left out.
    Drop,
}

/// Which members of a record are hashed or left out; none, unless said.
///
/// What was hashed or left out cannot be asked again: a replay of such a record says so. A record names what was, in
/// its member `redacted`.
///
/// ```
/// use gatepost_observe::{Redact, Redaction, RedactionKey};
///
/// let key = RedactionKey::new(*b"a key from where secrets are kept")?;
/// let redaction = Redaction::none().subjects(Redact::Hash(key.clone())).scopes(Redact::Drop);
/// // Whoever has the key finds the records of a subject by what it is hashed to.
/// assert_eq!(key.hash_subject("olga").len(), "hmac:".len() + 32);
/// # let _ = redaction;
/// # Ok::<(), gatepost_observe::RedactionKeyError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it is given to a `DecisionLogBuilder`"]
pub struct Redaction {
    subject: Redact,
    acting_for: Redact,
    owner: Redact,
    org: Redact,
    scopes: Redact,
    reason: Redact,
}

impl Redaction {
    /// Everything is written as it is.
    pub fn none() -> Self {
        Self::default()
    }

    /// Who asked, for whom, and whose the object was.
    pub fn subjects(self, how: Redact) -> Self {
        let all = self.subject(how.clone()).acting_for(how.clone());
        all.owner(how)
    }

    /// Who asked. Where it is dropped, so is all that is known of it: for whom it acted, and its scopes.
    pub fn subject(mut self, how: Redact) -> Self {
        self.subject = how;
        self
    }

    /// For whom the subject acted.
    pub fn acting_for(mut self, how: Redact) -> Self {
        self.acting_for = how;
        self
    }

    /// Whose the object was.
    pub fn owner(mut self, how: Redact) -> Self {
        self.owner = how;
        self
    }

    /// The org.
    pub fn org(mut self, how: Redact) -> Self {
        self.org = how;
        self
    }

    /// The scopes that the subject was limited to.
    pub fn scopes(mut self, how: Redact) -> Self {
        self.scopes = how;
        self
    }

    /// What a request that could not be read had wrong. It quotes no id, but may name a header or a key of a body.
    pub fn reason(mut self, how: Redact) -> Self {
        self.reason = how;
        self
    }

    /// Does to a record what is said.
    pub(crate) fn apply(&self, record: &mut LogRecord) {
        let redacted = &mut record.redacted;
        if let Some(subject) = &mut record.subject {
            let properties = &mut subject.properties;
            let scopes = &mut properties.scopes;
            change(&self.scopes, scopes, "scopes", redacted, |key, scopes| {
                Some(scopes.iter().map(|word| key.hash("scope", word)).collect())
            });
            let acting_for = &mut properties.acting_for;
            change(
                &self.acting_for,
                acting_for,
                "acting_for",
                redacted,
                of_subject,
            );
            match &self.subject {
                Redact::Keep => {}
                Redact::Hash(key) => {
                    if let Some(hashed) = of_subject(key, &subject.id) {
                        subject.id = hashed;
                    }
                    note(redacted, "subject");
                }
                Redact::Drop => {
                    for (is_there, name) in [
                        (properties.acting_for.is_some(), "acting_for"),
                        (properties.scopes.is_some(), "scopes"),
                        (true, "subject"),
                    ] {
                        if is_there {
                            note(redacted, name);
                        }
                    }
                    record.subject = None;
                }
            }
        }
        let properties = &mut record.resource.properties;
        change(
            &self.owner,
            &mut properties.owner,
            "owner",
            redacted,
            of_subject,
        );
        change(
            &self.org,
            &mut properties.org,
            "org",
            redacted,
            |key, org| OrgId::new(key.hash_org(org.as_str())).ok(),
        );
        let reason = &mut record.reason;
        change(&self.reason, reason, "reason", redacted, |key, reason| {
            Some(key.hash("reason", reason))
        });
    }
}

fn of_subject(key: &RedactionKey, id: &SubjectId) -> Option<SubjectId> {
    SubjectId::new(key.hash_subject(id.as_str())).ok()
}

/// Does to one member what is said; nothing is noted of what is not there.
fn change<T>(
    how: &Redact,
    member: &mut Option<T>,
    name: &str,
    redacted: &mut Vec<String>,
    hash: impl FnOnce(&RedactionKey, &T) -> Option<T>,
) {
    let Some(value) = member else {
        return;
    };
    *member = match how {
        Redact::Keep => return,
        Redact::Hash(key) => hash(key, value),
        Redact::Drop => None,
    };
    note(redacted, name);
}

fn note(redacted: &mut Vec<String>, name: &str) {
    if !redacted.iter().any(|noted| noted == name) {
        redacted.push(name.to_owned());
    }
}

/// What values are hashed with: HMAC-SHA-256 (RFC 2104), of which 16 bytes are written.
///
/// Without the key nobody can try out which subject a hash is of. It is the same in all services whose logs are to
/// be joined.
#[derive(Clone)]
pub struct RedactionKey(Arc<Hmac<Sha256>>);

impl RedactionKey {
    /// A key of at least 16 bytes, better 32, that nobody can guess.
    ///
    /// # Errors
    ///
    /// [`RedactionKeyError`] where it is shorter.
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Self, RedactionKeyError> {
        let bytes = bytes.as_ref();
        if bytes.len() < SHORTEST_KEY {
            return Err(RedactionKeyError(bytes.len()));
        }
        let keyed = Hmac::new_from_slice(bytes).map_err(|_| RedactionKeyError(bytes.len()))?;
        Ok(Self(Arc::new(keyed)))
    }

    /// What a subject's id is written as, by which its records are found.
    pub fn hash_subject(&self, id: &str) -> String {
        self.hash("subject", id)
    }

    /// What an org's id is written as.
    pub fn hash_org(&self, id: &str) -> String {
        self.hash("org", id)
    }

    /// The same text is another one as a subject than as an org.
    fn hash(&self, kind: &str, text: &str) -> String {
        let mut hash = Hmac::clone(&self.0);
        hash.update(kind.as_bytes());
        hash.update(&[0]);
        hash.update(text.as_bytes());
        let bytes = hash.finalize().into_bytes();
        let mut shown = String::from("hmac:");
        for byte in bytes.iter().take(SHOWN) {
            for half in [byte >> 4, byte & 15] {
                shown.extend(char::from_digit(u32::from(half), 16));
            }
        }
        shown
    }
}

impl fmt::Debug for RedactionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedactionKey(..)")
    }
}

/// A key that is too short to hide anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RedactionKeyError(usize);

impl fmt::Display for RedactionKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.0;
        write!(
            f,
            "a key of {length} bytes is too short, it has at least {SHORTEST_KEY}"
        )
    }
}

impl std::error::Error for RedactionKeyError {}
