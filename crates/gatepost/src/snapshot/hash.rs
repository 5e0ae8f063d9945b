//! Where an id is looked for.

#![allow(
    clippy::inline_always,
    reason = "measured: on the hot path a call costs as much as the look-up"
)]

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;

/// What spreads ids over shards and slots. Not to be foreseen: ids that are looked up are chosen by strangers.
#[derive(Clone, Debug, Default)]
pub(super) struct Seed(RandomState);

/// An id's hash, whose parts say different things of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hash(u64);

impl Seed {
    /// Of the bytes alone: what `str` adds to them tells texts apart that are hashed one behind the other, and
    /// here is only one.
    #[inline(always)]
    pub(super) fn hash(&self, id: &str) -> Hash {
        self.hash_bytes(id.as_bytes())
    }

    #[inline(always)]
    pub(super) fn hash_bytes(&self, id: &[u8]) -> Hash {
        let mut hasher = self.0.build_hasher();
        hasher.write(id);
        Hash(hasher.finish())
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "each part takes what it has room for"
)]
impl Hash {
    /// Which of a power of two of shards, at most 2²⁴, whose last one this is; more shards divide each of fewer.
    #[inline(always)]
    pub(super) fn shard(self, last: usize) -> usize {
        (self.0 >> 40) as usize & last
    }

    /// The bucket of slots to look at, of a power of two of them.
    #[inline(always)]
    pub(super) fn slot(self) -> usize {
        self.0 as u32 as usize
    }

    /// One of so many rows, without the division that would tell how it was come by.
    #[inline(always)]
    pub(super) fn one_of(self, rows: usize) -> usize {
        ((u64::from(self.0 as u32) * rows as u64) >> 32) as usize
    }

    /// Tells most ids apart that share a bucket: below 255, which a slot has that is free.
    #[inline(always)]
    pub(super) fn tag(self) -> u8 {
        ((self.0 >> 32) as u8).min(u8::MAX - 1)
    }
}

/// Whether two ids are the same. Most have 4 to 16 bytes, which are two words and need no call: in `alice`
/// and `acme` that is a tenth of a decision.
#[inline(always)]
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        4..=7 => same_ends::<4>(one, other),
        8..=16 => same_ends::<8>(one, other),
        _ => one == other,
    }
}

/// Whether the first bytes are the same, and the last ones: all of them, where there are no more than both.
#[inline(always)]
fn same_ends<const N: usize>(one: &[u8], other: &[u8]) -> bool {
    (one.first_chunk::<N>() == other.first_chunk()) & (one.last_chunk::<N>() == other.last_chunk())
}
