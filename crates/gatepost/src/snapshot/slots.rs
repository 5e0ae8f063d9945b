//! A hash table that says where rows stand, and has nothing of them.

#![allow(
    clippy::inline_always,
    reason = "measured: on the hot path a call costs as much as the look-up"
)]

use std::hint::select_unpredictable;

use super::hash::Hash;

/// Where the rows of a shard stand, by the hashes of their ids.
///
/// Four bytes a slot: a tag, which spares most looks at a row that is another one, and where the row is. Slots
/// come in buckets that are looked at as a whole, so that to find a row takes as many steps as to find that there
/// is none. It never shrinks and nothing is taken out: a shard that loses a row is made anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    /// A power of two of them, or none. A row stands in the bucket of its hash, or where that is full in the next.
    buckets: Box<[Bucket]>,
    rows: u32,
}

/// Eight slots, filled from the front: their tags, and behind them their places of three bytes each. In one cache
/// line, whichever it is.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Bucket([u8; 32]);

const IN_BUCKET: usize = 8;
const IN_PLACE: usize = 3;
/// The tag of a slot that is free; no row has it.
const FREE: u8 = u8::MAX;
/// Places are below this.
pub(super) const PLACES: usize = 1 << (8 * IN_PLACE);

impl Slots {
    pub(super) fn with_capacity(rows: usize) -> Self {
        Self {
            buckets: vec![Bucket::EMPTY; buckets_for(rows)].into(),
            rows: 0,
        }
    }

    /// The places that rows of that hash stand at, and some others: whoever asks looks whether it is the one.
    #[inline(always)]
    pub(super) fn places(&self, hash: Hash) -> Places<'_> {
        let at = hash.slot() & self.buckets.len().wrapping_sub(1);
        let bucket = self.buckets.get(at).unwrap_or(&Bucket::EMPTY);
        Places {
            slots: self,
            at,
            bucket,
            tag: hash.tag(),
            found: bucket.tagged(hash.tag()),
        }
    }

    /// How many rows were added.
    pub(super) fn len(&self) -> usize {
        self.rows as usize
    }

    /// Adds the row that comes behind all others, whose hashes are told in their order where the table has to be
    /// made anew for it; false as [`add`](Self::add).
    #[must_use]
    pub(super) fn push(&mut self, hash: Hash, others: impl Iterator<Item = Hash>) -> bool {
        let place = self.len();
        if !self.has_room() {
            let mut grown = Self::with_capacity(2 * place + 1);
            for (place, hash) in others.enumerate() {
                if !grown.add(hash, place) {
                    return false;
                }
            }
            *self = grown;
        }
        self.add(hash, place)
    }

    /// Whether one more row has room; else the table is to be made anew.
    fn has_room(&self) -> bool {
        self.buckets.len() >= buckets_for(self.rows as usize + 1)
    }

    /// Adds a row that is not there yet; false where there is no room for it, or its place cannot be told.
    #[must_use]
    pub(super) fn add(&mut self, hash: Hash, place: usize) -> bool {
        // One slot at least stays free, or a search would never end.
        if place >= PLACES || !self.has_room() {
            return false;
        }
        let start = hash.slot() & self.buckets.len().wrapping_sub(1);
        let (before, from) = self.buckets.split_at_mut(start);
        let mut buckets = from.iter_mut().chain(before);
        let is_added = buckets.any(|bucket| bucket.add(hash.tag(), place));
        self.rows += u32::from(is_added);
        is_added
    }
}

impl Bucket {
    const EMPTY: Self = Self([FREE; 32]);

    #[inline(always)]
    fn tags(&self) -> u64 {
        self.0
            .first_chunk()
            .map_or(0, |tags| u64::from_le_bytes(*tags))
    }

    /// The highest bit of each byte whose slot has that tag; above one that has, another may seem to have it.
    #[inline(always)]
    fn tagged(&self, tag: u8) -> u64 {
        // Where a byte is zero: Warren, Hacker's Delight, 6-1.
        const EACH: u64 = u64::MAX / 0xff;
        let others = self.tags() ^ (EACH * u64::from(tag));
        others.wrapping_sub(EACH) & !others & (EACH << 7)
    }

    #[inline(always)]
    fn is_full(&self) -> bool {
        self.tags() >> 56 != u64::from(FREE)
    }

    /// The place in a slot.
    #[inline(always)]
    fn place(&self, slot: usize) -> usize {
        // With the byte in front, so that it is read as one word.
        let bytes = self.0.get(IN_BUCKET - 1 + slot * IN_PLACE..);
        let word = bytes.and_then(|bytes| bytes.first_chunk());
        word.map_or(0, |word| u32::from_le_bytes(*word) as usize >> 8)
    }

    /// Puts a row in the first slot that is free, if there is one.
    fn add(&mut self, tag: u8, place: usize) -> bool {
        // Of all that seem to be free, the first one is.
        let free = self.tagged(FREE).trailing_zeros() as usize / 8;
        let Some((tags, places)) = self.0.split_first_chunk_mut::<IN_BUCKET>() else {
            return false;
        };
        let (Some(slot), Some(to)) = (
            tags.get_mut(free),
            places.get_mut(free * IN_PLACE..(free + 1) * IN_PLACE),
        ) else {
            return false;
        };
        *slot = tag;
        for (to, byte) in to.iter_mut().zip(place.to_le_bytes()) {
            *to = byte;
        }
        true
    }
}

/// Where a row may stand.
pub(super) struct Places<'s> {
    slots: &'s Slots,
    at: usize,
    bucket: &'s Bucket,
    tag: u8,
    /// A bit for each slot of the bucket that is yet to be told.
    found: u64,
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.found == 0 {
            self.turn()?;
        }
        let slot = self.found.trailing_zeros() as usize / 8;
        self.found &= self.found.wrapping_sub(1);
        Some(self.bucket.place(slot))
    }
}

impl Places<'_> {
    /// The first of them, or where there is none another that takes as long to come by: whichever it is, what is
    /// read next waits for the same.
    #[inline(always)]
    pub(super) fn next_or(&mut self, other: usize) -> usize {
        if self.found == 0 && self.bucket.is_full() {
            return self.turn_on().and_then(|()| self.next()).unwrap_or(other);
        }
        let is_found = self.found != 0;
        let slot = self.found.trailing_zeros() as usize / 8 % IN_BUCKET;
        self.found &= self.found.wrapping_sub(1);
        select_unpredictable(is_found, self.bucket.place(slot), other)
    }

    /// Whether there may be more.
    #[inline(always)]
    pub(super) fn may_go_on(&self) -> bool {
        (self.found != 0) | self.bucket.is_full()
    }

    /// Turns to the next bucket that has something, where rows of this one may stand there.
    #[inline(always)]
    fn turn(&mut self) -> Option<()> {
        if self.bucket.is_full() {
            self.turn_on()
        } else {
            None
        }
    }

    #[cold]
    fn turn_on(&mut self) -> Option<()> {
        while self.found == 0 {
            if !self.bucket.is_full() {
                return None;
            }
            self.at = (self.at + 1) & self.slots.buckets.len().wrapping_sub(1);
            self.bucket = self.slots.buckets.get(self.at)?;
            self.found = self.bucket.tagged(self.tag);
        }
        Some(())
    }
}

/// So many that a third of their slots stays free, and a search ends soon.
fn buckets_for(rows: usize) -> usize {
    (rows + rows / 2 + 1)
        .div_ceil(IN_BUCKET)
        .next_power_of_two()
}
