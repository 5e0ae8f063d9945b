//! Login links, sessions and tokens: issued, used, and taken back.

use super::PolicyStore;
use super::tx::Result;
use crate::credential::{Credential, CredentialKind, Issued, NewCredential};

impl PolicyStore {
    /// Issues a login link or a token; its secret is told this once. What is over is taken away on the way.
    ///
    /// # Errors
    ///
    /// [`Denied`](crate::StoreErrorKind::Denied) for everyone but the operator;
    /// [`Invalid`](crate::StoreErrorKind::Invalid) where it would last too long, or a scope is none;
    /// [`Missing`](crate::StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn issue(&self, new: &NewCredential) -> Result<Issued> {
        let _ = new;
        Err(self.later())
    }

    /// Begins a session with a login link, which is used up by it: of several who try at once, one does. `None`
    /// where there is no such link, or it was used, or is over.
    ///
    /// # Errors
    ///
    /// [`Missing`](crate::StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn log_in(&self, code: &str) -> Result<Option<Issued>> {
        let _ = code;
        Err(self.later())
    }

    /// The credential that a secret is of, while it is in force by the store's clock; that a session is used is
    /// written down at most once a minute.
    ///
    /// # Errors
    ///
    /// [`Missing`](crate::StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn credential(
        &self,
        kind: CredentialKind,
        secret: &str,
    ) -> Result<Option<Credential>> {
        let _ = (kind, secret);
        Err(self.later())
    }

    /// Every credential of a kind that is in force, the newest first.
    ///
    /// # Errors
    ///
    /// [`Missing`](crate::StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn credentials(&self, kind: CredentialKind) -> Result<Vec<Credential>> {
        let _ = kind;
        Err(self.later())
    }

    /// Takes a credential back, by its public id; whether there was one.
    ///
    /// # Errors
    ///
    /// [`Missing`](crate::StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn revoke(&self, id: &str) -> Result<bool> {
        let _ = id;
        Err(self.later())
    }
}
