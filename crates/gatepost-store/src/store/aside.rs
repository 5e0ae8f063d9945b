//! What stands beside the policy: who comes to the console, what was denied, which routes there are.
//!
//! No version comes of any of it, and no replica is told.

use std::future::Future;

use super::tx::Result;
use crate::denial::{DenialFilter, DenialNote};

/// What a backend does beside the policy, in the same transactions.
pub(crate) trait Aside: Send {
    /// The store's clock, in milliseconds since 1970.
    fn now(&mut self) -> impl Future<Output = Result<i64>> + Send;

    /// The credential of that kind and hash.
    fn credential(
        &mut self,
        kind: &str,
        hash: &str,
    ) -> impl Future<Output = Result<Option<CredentialRow>>> + Send;

    /// Every credential of that kind.
    fn credentials(
        &mut self,
        kind: &str,
    ) -> impl Future<Output = Result<Vec<CredentialRow>>> + Send;

    /// Takes a credential away and says what it was. Of two who do, one is told.
    fn take_credential(
        &mut self,
        kind: &str,
        hash: &str,
    ) -> impl Future<Output = Result<Option<CredentialRow>>> + Send;

    fn put_credential(&mut self, row: &CredentialRow) -> impl Future<Output = Result<()>> + Send;

    /// Writes down when a credential was used last.
    fn use_credential(&mut self, id: &str, used: i64) -> impl Future<Output = Result<()>> + Send;

    /// Takes a credential away by its id; whether there was one.
    fn drop_credential(&mut self, id: &str) -> impl Future<Output = Result<bool>> + Send;

    /// Takes away all of that kind of a subject; how many there were.
    fn drop_credentials(
        &mut self,
        kind: &str,
        subject: &str,
    ) -> impl Future<Output = Result<usize>> + Send;

    /// Takes away what was over at that moment, and of the kind what was used last before the other.
    fn prune_credentials(
        &mut self,
        now: i64,
        kind: &str,
        idle: i64,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Adds denials, and keeps as many of the newest.
    fn note(
        &mut self,
        denials: &[DenialNote],
        keep: i64,
    ) -> impl Future<Output = Result<()>> + Send;

    /// The newest denials that the filter lets through, the newest first.
    fn denials(
        &mut self,
        filter: &DenialFilter,
    ) -> impl Future<Output = Result<Vec<DenialRow>>> + Send;

    /// The routes that each replica reported, whose row is there.
    fn routes(&mut self) -> impl Future<Output = Result<Vec<RoutesRow>>> + Send;
}

/// A row of `gatepost_credential`.
#[derive(Clone)]
pub(crate) struct CredentialRow {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) hash: String,
    pub(crate) subject: String,
    /// A list, as JSON.
    pub(crate) scopes: Option<String>,
    pub(crate) label: String,
    pub(crate) author: String,
    pub(crate) created: i64,
    pub(crate) expires: i64,
    pub(crate) used: i64,
}

/// A row of `gatepost_denial`.
#[derive(Clone, Debug)]
pub(crate) struct DenialRow {
    pub(crate) number: i64,
    pub(crate) at: i64,
    pub(crate) code: String,
    /// In the order of the columns, from `subject` on.
    pub(crate) texts: [Option<String>; 9],
    pub(crate) times: i64,
}

/// The texts of a denial that may be missing, in the order of the columns.
pub(crate) fn texts(note: &DenialNote) -> [Option<&str>; 9] {
    [
        &note.subject,
        &note.acting_for,
        &note.org,
        &note.resource,
        &note.action,
        &note.mode,
        &note.route,
        &note.replica,
        &note.decision,
    ]
    .map(Option::as_deref)
}

/// What a replica reported.
#[derive(Clone, Debug)]
pub(crate) struct RoutesRow {
    pub(crate) replica: String,
    pub(crate) name: String,
    /// How long ago the replica's row was written.
    pub(crate) age_ms: i64,
    pub(crate) routes: String,
}
