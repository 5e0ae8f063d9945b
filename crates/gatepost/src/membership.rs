//! Memberships that are not in the snapshot: loaded a subject at a time, when a decision asks for them.
//!
//! They are facts as they are stored, with the policy versions that they are
//! right for. What the names in them mean is for the snapshot at hand to say.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::id::{OrgId, SubjectId};
use crate::policy::MemberDocument;

/// Every membership of one subject, as a store has them.
///
/// ```
/// use gatepost::{LoadedMemberships, MemberDocument, OrgId, SubjectId};
///
/// let acme = OrgId::new("acme")?;
/// let held = [(acme.clone(), MemberDocument::default())];
/// let loaded = LoadedMemberships::new(SubjectId::new("alice")?, 7, held).unchanged_since(5);
/// assert!(loaded.in_org(&acme).is_some());
/// assert_eq!((loaded.since(), loaded.version()), (5, 7));
/// # Ok::<(), gatepost::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedMemberships {
    subject: SubjectId,
    since: u64,
    version: u64,
    stamp: u64,
    /// Sorted by org, each once.
    held: Box<[(OrgId, MemberDocument)]>,
}

impl LoadedMemberships {
    /// The memberships of a subject at a policy version; none at all is an empty list.
    ///
    /// Of an org that is given twice the last one counts.
    pub fn new(
        subject: SubjectId,
        version: u64,
        held: impl IntoIterator<Item = (OrgId, MemberDocument)>,
    ) -> Self {
        let mut held: Vec<_> = held.into_iter().collect();
        held.reverse();
        held.sort_by(|(one, _), (other, _)| one.cmp(other));
        held.dedup_by(|(one, _), (other, _)| one == other);
        Self {
            subject,
            since: version,
            version,
            stamp: 0,
            held: held.into(),
        }
    }

    /// Says from which earlier version on they have been so: they are then right for that one as well.
    #[must_use]
    pub fn unchanged_since(mut self, since: u64) -> Self {
        self.since = since.min(self.version);
        self
    }

    /// Marks them with a number that the source knows them by.
    #[must_use]
    pub fn stamped(mut self, stamp: u64) -> Self {
        self.stamp = stamp;
        self
    }

    /// Whose they are.
    pub fn subject(&self) -> &SubjectId {
        &self.subject
    }

    /// The first policy version that they are known to be right for.
    pub fn since(&self) -> u64 {
        self.since
    }

    /// The policy version that they were read at.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The source's own mark.
    pub fn stamp(&self) -> u64 {
        self.stamp
    }

    /// The membership in exactly this org, expired or not.
    pub fn in_org(&self, org: &OrgId) -> Option<&MemberDocument> {
        let at = self.held.binary_search_by(|(held, _)| held.cmp(org)).ok()?;
        self.held.get(at).map(|(_, member)| member)
    }

    /// Each membership, expired or not, sorted by org.
    pub fn iter(&self) -> impl Iterator<Item = (&OrgId, &MemberDocument)> {
        self.held.iter().map(|(org, member)| (org, member))
    }
}

/// Where the memberships of a look-through policy are: a store, with a cache in front of it.
///
/// A [`Gate`](crate::Gate) carries one where its snapshots were compiled by
/// [`Snapshot::compile_looking_through`](crate::Snapshot::compile_looking_through).
/// It must answer with facts: whatever cannot be read is an error, and never an empty list.
pub trait MembershipSource: Send + Sync + 'static {
    /// Reads every membership of a subject, and answers once they can be used with the newest snapshot of the gate.
    fn load<'a>(&'a self, subject: &'a SubjectId) -> LoadingMemberships<'a>;

    /// Whether they are right for a snapshot of this version, which the gate has published.
    ///
    /// One decision reads one policy version: this is asked for each decision that is going to use them. It is
    /// asked while a new version is published, and must not ask the gate anything.
    fn is_current(&self, loaded: &LoadedMemberships, version: u64) -> bool;

    /// What is at hand of a subject and right for this version, without waiting for anything or asking the gate.
    fn at_hand(&self, subject: &SubjectId, version: u64) -> Option<Arc<LoadedMemberships>> {
        let _ = (subject, version);
        None
    }
}

/// A load that is under way. An error says why nothing could be read, for the log.
pub type LoadingMemberships<'a> = Pin<
    Box<
        dyn Future<Output = Result<Arc<LoadedMemberships>, Box<dyn Error + Send + Sync>>>
            + Send
            + 'a,
    >,
>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_two_memberships_in_one_org_counts() {
        let org = |id| OrgId::new(id).unwrap();
        let holding = |role: &str| MemberDocument {
            roles: vec![role.to_owned()],
            expires: None,
        };
        let held = [
            (org("b"), holding("first")),
            (org("a"), holding("only")),
            (org("b"), holding("last")),
        ];
        let loaded = LoadedMemberships::new(SubjectId::new("alice").unwrap(), 3, held);
        assert_eq!(loaded.in_org(&org("b")), Some(&holding("last")));
        assert_eq!(loaded.in_org(&org("a")), Some(&holding("only")));
        assert_eq!(loaded.in_org(&org("c")), None);
        assert_eq!(loaded.iter().count(), 2);
    }
}
