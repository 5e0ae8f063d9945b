//! Subjects and their memberships.

#![allow(
    clippy::inline_always,
    reason = "measured: on the hot path a call costs as much as the look-up"
)]

use super::hash::Seed;
use super::members::Membership;
use super::pages::Pages;
use super::records::{Named, Records, Subject};

/// Every subject that the policy knows of: those that it names, and those that are members somewhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Subjects {
    seed: Seed,
    /// The last of the shards, of which there are a power of two.
    last: usize,
    shards: Pages<Records>,
    count: usize,
}

/// As many subjects are put in a shard, about; to change one of them costs as much as to copy all.
pub(super) const IN_SHARD: usize = 1024;
/// A shard that has come to more asks for more shards.
const CROWDED: usize = 8 * IN_SHARD;

impl Subjects {
    pub(super) fn new(seed: Seed, shards: Vec<Records>) -> Self {
        Self {
            seed,
            last: shards.len().saturating_sub(1),
            count: shards.iter().map(Records::len).sum(),
            shards: Pages::new(shards),
        }
    }

    #[inline(always)]
    pub(super) fn get(&self, id: &str) -> Option<Subject<'_>> {
        let hash = self.seed.hash(id);
        self.shards.get(hash.shard(self.last))?.get(hash, id)
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Every subject with its id, in no order that means anything.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Subject<'_>)> {
        self.shards.iter().flat_map(Records::iter)
    }

    /// Has one subject be as it is from now on, or be no more; false where there is no room for it.
    #[must_use]
    pub(super) fn set(&mut self, id: &str, now: Option<(&Named, &[Membership])>) -> bool {
        let hash = self.seed.hash(id);
        let at = hash.shard(self.last);
        let Some(shard) = self.shards.get(at) else {
            return false;
        };
        if shard.len() >= CROWDED {
            return false;
        }
        let Some(changed) = shard.changed(&self.seed, id, now) else {
            return false;
        };
        self.count = self.count + changed.len() - shard.len();
        self.shards.replace(at, changed)
    }
}
