//! The keys that tickets are signed with.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The keys that tickets are signed with: the first one signs, and what any of them has signed is believed.
///
/// To rotate, give every process the new key behind the old one, then the new one in front of the old, and once
/// the last ticket of the old one has expired, the new one alone.
///
/// As text, for an environment variable, the keys stand in this order with a comma between them, each an id, an
/// equals sign and the secret in base64:
///
/// ```
/// use gatepost::KeyRing;
///
/// let ring: KeyRing = "2026-12=c2VjcmV0IG9mIGF0IGxlYXN0IDMyIHJhbmRvbSBieXRlcw==,\
///                      2026-11=YW5vdGhlciBzZWNyZXQgb2YgMzIgcmFuZG9tIGJ5dGVzLi4u".parse()?;
/// assert_eq!(format!("{ring:?}"), r#"["2026-12", "2026-11"]"#);
/// assert!("2026-12=c2hvcnQ=".parse::<KeyRing>().is_err());
/// # Ok::<(), gatepost::KeyRingError>(())
/// ```
#[derive(Clone)]
pub struct KeyRing {
    signing: Key,
    older: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: String,
    mac: Hmac<Sha256>,
}

/// Why keys make no ring. No secret is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRingError(String);

/// As many bytes as the hash has: fewer are easier to guess than the signature.
const SHORTEST_SECRET: usize = 32;
const LONGEST_ID: usize = 64;

impl KeyRing {
    /// A ring of one key: its id, which stands in each ticket, and a secret of at least 32 random bytes.
    ///
    /// # Errors
    ///
    /// [`KeyRingError`] where the id is not of the form `[A-Za-z0-9_-]{1,64}`, or the secret is too short.
    pub fn new(id: &str, secret: &[u8]) -> Result<Self, KeyRingError> {
        Ok(Self {
            signing: Key::new(id, secret)?,
            older: Vec::new(),
        })
    }

    /// Adds a key that is believed and does not sign: the one before, or the one to come.
    ///
    /// # Errors
    ///
    /// As [`KeyRing::new`], and where there is a key of this id already.
    pub fn and(mut self, id: &str, secret: &[u8]) -> Result<Self, KeyRingError> {
        let key = Key::new(id, secret)?;
        if self.find(id).is_some() {
            return Err(KeyRingError(format!("the key `{id}` is there twice")));
        }
        self.older.push(key);
        Ok(self)
    }

    /// The id of the key that signs.
    pub(super) fn id(&self) -> &str {
        &self.signing.id
    }

    pub(super) fn sign(&self, text: &str) -> [u8; 32] {
        let mut mac = self.signing.mac.clone();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Whether the key of this id has signed the text; it takes the same time whatever the signature is.
    pub(super) fn has_signed(&self, id: &str, text: &str, signature: &[u8]) -> bool {
        let Some(key) = self.find(id) else {
            return false;
        };
        let mut mac = key.mac.clone();
        mac.update(text.as_bytes());
        mac.verify_slice(signature).is_ok()
    }

    fn find(&self, id: &str) -> Option<&Key> {
        let mut keys = std::iter::once(&self.signing).chain(&self.older);
        keys.find(|key| key.id == id)
    }
}

impl Key {
    fn new(id: &str, secret: &[u8]) -> Result<Self, KeyRingError> {
        let is_of_an_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(is_of_an_id) {
            let shown: String = id.chars().take(LONGEST_ID).collect();
            let shown = shown.escape_debug();
            return Err(KeyRingError(format!(
                "the id of a key is of the form [A-Za-z0-9_-]{{1,64}}, and `{shown}` is not"
            )));
        }
        let mac = Hmac::new_from_slice(secret);
        match mac {
            Ok(mac) if secret.len() >= SHORTEST_SECRET => Ok(Self {
                id: id.to_owned(),
                mac,
            }),
            _ => Err(KeyRingError(format!(
                "the secret of the key `{id}` has {} bytes, and {SHORTEST_SECRET} are the least",
                secret.len()
            ))),
        }
    }
}

impl FromStr for KeyRing {
    type Err = KeyRingError;

    fn from_str(text: &str) -> Result<Self, KeyRingError> {
        let mut ring: Option<Self> = None;
        for (at, key) in (1..).zip(text.split(',')) {
            let unreadable = |what| KeyRingError(format!("key {at} {what}"));
            let (id, secret) = key
                .trim()
                .split_once('=')
                .ok_or_else(|| unreadable("has no `=` between its id and its secret"))?;
            let plain = secret.trim_end_matches('=');
            let secret = STANDARD
                .decode(secret)
                .or_else(|_| URL_SAFE_NO_PAD.decode(plain))
                .map_err(|_| unreadable("has a secret that is no base64"))?;
            ring = Some(match ring {
                None => Self::new(id, &secret)?,
                Some(ring) => ring.and(id, &secret)?,
            });
        }
        ring.ok_or_else(|| KeyRingError("there is no key".to_owned()))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = std::iter::once(&self.signing).chain(&self.older);
        f.debug_list().entries(keys.map(|key| &key.id)).finish()
    }
}

impl fmt::Display for KeyRingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeyRingError {}
