//! Memberships on demand: a bounded cache of facts in front of a store, kept right by the stream of its changes.
//!
//! Everything but `orgs.*.members` is in the snapshot of the gate. A decision that comes to a membership asks
//! for all of that subject's, and [`LookThrough`] reads them or has them. It keeps facts as they are stored, and
//! never an answer.
//!
//! # One decision reads one policy version
//!
//! A read says the version `v` of the store that it saw, in the same transaction, and, if the store can tell,
//! since which version it has been so; else that is `v` as well. What was read is right for a snapshot of
//! version `w` where
//!
//! 1. `since <= w`: it is not newer than the snapshot, and
//! 2. no change of that subject lies in `(v, w]`: it is not older.
//!
//! Whoever feeds the gate keeps this order, for each new version `w` by itself:
//!
//! 1. [`changed`](LookThrough::changed) with `w` and every subject whose memberships changed up to it,
//! 2. [`Feed::publish`](gatepost::Feed::publish) of the snapshot of version `w`,
//! 3. [`published`](LookThrough::published) with `w`.
//!
//! A version at which nothing but memberships changed is published like every other. Where the stream is torn
//! (at the beginning, after an import, after a connection was lost and changes may have been missed) there is
//! [`reset`](LookThrough::reset) instead of the first step.
//!
//! So whoever holds a snapshot of version `w` knows that the changes up to `w` have been told. What was told
//! stands in marks, one number a subject, and not in the cache: a read that was under way while a change was told
//! brings back a `v` below the subject's mark, and is thrown away by whoever looks at it, be it the one that has
//! read it, one that waited for the same read, or one that has found it in the cache. There is no moment at which
//! an entry has to be caught to be dropped. A reset does the same to everything at once, and what is read after
//! it is used with no snapshot from before. And what is newer than the snapshot is not used until step 3 says
//! that the gate has come as far: the snapshot that is taken after that has at least this version.
//!
//! The [`Walk`](https://docs.rs/gatepost-enforce) of a request takes the newest snapshot after each wait and asks
//! [`is_current`](gatepost::MembershipSource::is_current) of all that it has loaded. What a change overtakes is
//! loaded again, a few times, and then the answer is `policy_unavailable`.
//!
//! The lease is the snapshot's: past it no decision comes as far as a membership.

mod marks;
mod options;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use gatepost::{LoadedMemberships, LoadingMemberships, MembershipSource, SubjectId};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::watch;

use marks::Marks;
pub use options::LookThroughOptions;

/// How often one load reads, where each read is overtaken by a change of the same subject.
const MOST_READS: u8 = 3;

/// What a subject takes beside its memberships: its row, the cache's own.
const OVERHEAD: usize = 256;

/// Reads memberships from a store.
pub trait MembershipReader: Send + Sync + 'static {
    /// Reads every membership of a subject, and the store's version in the same transaction.
    ///
    /// Where the store can tell at which version they last changed (an import changes everything), that is
    /// [`unchanged_since`](LoadedMemberships::unchanged_since): a load then has not to wait for the gate to come
    /// as far as the store.
    ///
    /// It may be dropped half way. An error is never cached.
    fn read(
        &self,
        subject: &SubjectId,
    ) -> impl Future<Output = Result<LoadedMemberships, Box<dyn Error + Send + Sync>>> + Send;
}

/// Memberships on demand, with a bounded cache.
///
/// A clone of its [`Arc`] goes to the gate by [`Feed::look_through`](gatepost::Feed::look_through), another one
/// stays with whoever follows the changes. Loads wait by tokio's clock.
pub struct LookThrough<R> {
    reader: R,
    cache: Cache<SubjectId, Arc<LoadedMemberships>, Weigh>,
    marks: Marks,
    /// The version of the gate's snapshot; none until the first after a reset is published.
    published: watch::Sender<Option<u64>>,
    timeout: Duration,
}

impl<R: MembershipReader> LookThrough<R> {
    /// A cache in front of a reader; before the first [`reset`](Self::reset) nothing can be loaded.
    pub fn new(reader: R, options: LookThroughOptions) -> Self {
        let entries = options.most_subjects.max(1);
        // One that weighs less than its share counts as its share: then there are no more than may be.
        let least = options.most_bytes.div_ceil(entries as u64).max(1);
        Self {
            reader,
            cache: Cache::with_weighter(entries, options.most_bytes, Weigh { least }),
            marks: Marks::new(),
            published: watch::Sender::new(None),
            timeout: options.timeout,
        }
    }

    /// Begins anew at a version of the store: what was read so far is gone by no longer, and
    /// [`changed`](Self::changed) tells of the changes behind it. Versions never go back, as the gate has it too:
    /// where the store has another history now, its version is above all that were published before.
    ///
    /// Nothing can be loaded until a snapshot of this version or a later one is [`published`](Self::published).
    pub fn reset(&self, version: u64) {
        self.marks.reset(version, || {
            self.published.send_replace(None);
            self.cache.clear();
        });
    }

    /// Says whose memberships changed up to a version that is about to be published.
    pub fn changed<'s>(&self, version: u64, subjects: impl IntoIterator<Item = &'s str>) {
        for subject in subjects {
            self.marks.raise(subject, version);
            // Not what makes it right, which the mark does: what is of no use makes room.
            self.cache
                .remove_if(subject, |held| held.version() < version);
        }
    }

    /// Says that the gate's snapshot is of this version now.
    pub fn published(&self, version: u64) {
        self.published.send_if_modified(|published| {
            let is_newer = published.is_none_or(|published| published < version);
            if is_newer {
                *published = Some(version);
            }
            is_newer
        });
    }

    /// Of how many subjects memberships are kept.
    pub fn subjects(&self) -> usize {
        self.cache.len()
    }

    /// About how many bytes they take.
    pub fn bytes(&self) -> u64 {
        self.cache.weight()
    }

    async fn load_current(
        &self,
        subject: &SubjectId,
    ) -> Result<Arc<LoadedMemberships>, Box<dyn Error + Send + Sync>> {
        for _ in 0..MOST_READS {
            self.cache
                .remove_if(subject, |held| !self.marks.allow(held));
            // One read for all who ask meanwhile; where it fails, or is given up, the next of them reads.
            let read = self.cache.get_or_insert_async(subject, self.read(subject));
            let loaded = read.await?;
            if self.marks.allow(&loaded) {
                self.wait_for(loaded.since()).await;
                if self.marks.allow(&loaded) {
                    return Ok(loaded);
                }
            }
        }
        Err(Failure::Overtaken.into())
    }

    async fn read(
        &self,
        subject: &SubjectId,
    ) -> Result<Arc<LoadedMemberships>, Box<dyn Error + Send + Sync>> {
        // Before the read: a reset while it is under way makes it one of the age before.
        let age = self.marks.age();
        let read = self.reader.read(subject).await?;
        if read.subject() != subject {
            return Err(Failure::Mistaken.into());
        }
        Ok(Arc::new(read.stamped(age)))
    }

    /// Waits until the gate's snapshot is of this version or a later one.
    async fn wait_for(&self, version: u64) {
        let mut published = self.published.subscribe();
        let reached = published.wait_for(|now| now.is_some_and(|now| now >= version));
        // The sender is this one's own, so there is one for as long as somebody waits.
        let _ = reached.await;
    }
}

impl<R: MembershipReader> MembershipSource for LookThrough<R> {
    fn load<'a>(&'a self, subject: &'a SubjectId) -> LoadingMemberships<'a> {
        Box::pin(async move {
            let load = tokio::time::timeout(self.timeout, self.load_current(subject));
            load.await
                .unwrap_or_else(|_| Err(Failure::TimedOut(self.timeout).into()))
        })
    }

    fn is_current(&self, loaded: &LoadedMemberships, version: u64) -> bool {
        loaded.since() <= version && self.marks.reach(version) && self.marks.allow(loaded)
    }

    fn at_hand(&self, subject: &SubjectId, version: u64) -> Option<Arc<LoadedMemberships>> {
        let held = self.cache.get(subject)?;
        self.is_current(&held, version).then_some(held)
    }
}

impl<R> fmt::Debug for LookThrough<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookThrough")
            .field("subjects", &self.cache.len())
            .field("published", &*self.published.borrow())
            .finish_non_exhaustive()
    }
}

/// About how many bytes an entry takes, and at least its share of all.
#[derive(Clone)]
struct Weigh {
    least: u64,
}

impl Weighter<SubjectId, Arc<LoadedMemberships>> for Weigh {
    fn weight(&self, subject: &SubjectId, loaded: &Arc<LoadedMemberships>) -> u64 {
        let held = loaded.iter().map(|(org, member)| {
            let names = member
                .roles
                .iter()
                .map(|name| size_of_val(name) + name.len());
            size_of_val(org) + org.as_str().len() + size_of_val(member) + names.sum::<usize>()
        });
        let bytes = OVERHEAD + 2 * subject.as_str().len() + held.sum::<usize>();
        (bytes as u64).max(self.least)
    }
}

/// Why memberships could not be had.
#[derive(Debug)]
enum Failure {
    Overtaken,
    TimedOut(Duration),
    Mistaken,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overtaken => write!(
                f,
                "memberships were read {MOST_READS} times, and changed each time meanwhile"
            ),
            Self::TimedOut(timeout) => {
                write!(f, "memberships could not be had within {timeout:?}")
            }
            Self::Mistaken => f.write_str("the store answered with another subject's memberships"),
        }
    }
}

impl Error for Failure {}
