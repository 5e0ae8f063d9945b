//! A hash table that says where rows stand, and has nothing of them.

#![allow(
    clippy::inline_always,
    reason = "measured: on the hot path a call costs as much as the look-up"
)]

use super::hash::Hash;

/// Where the rows of a shard stand, by the hashes of their ids.
///
/// Four bytes a slot: a tag, which spares most looks at a row that is another one, and where the row is. It
/// never shrinks and nothing is taken out: a shard that loses a row is made anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    /// A power of two of them, or none. A row stands in the first slot that was free from its hash on.
    slots: Box<[u32]>,
    rows: u32,
}

const FREE: u32 = u32::MAX;
/// Places are below this, so that none with whatever tag is [`FREE`].
pub(super) const PLACES: usize = (1 << 24) - 1;

impl Slots {
    pub(super) fn with_capacity(rows: usize) -> Self {
        Self {
            slots: vec![FREE; slots_for(rows)].into(),
            rows: 0,
        }
    }

    /// The places that rows of that hash stand at, and some others: whoever asks looks whether it is the one.
    #[inline(always)]
    pub(super) fn places(&self, hash: Hash) -> Places<'_> {
        Places {
            slots: &self.slots,
            at: hash.slot(),
            tag: hash.tag(),
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
        self.slots.len() >= slots_for(self.rows as usize + 1)
    }

    /// Adds a row that is not there yet; false where there is no room for it, or its place cannot be told.
    #[must_use]
    pub(super) fn add(&mut self, hash: Hash, place: usize) -> bool {
        let Ok(place) = u32::try_from(place) else {
            return false;
        };
        let start = hash.slot() & self.slots.len().wrapping_sub(1);
        // One slot at least stays free, or a search would never end.
        if place as usize >= PLACES || !self.has_room() {
            return false;
        }
        let (before, from) = self.slots.split_at_mut(start);
        let mut slots = from.iter_mut().chain(before);
        let Some(slot) = slots.find(|slot| **slot == FREE) else {
            return false;
        };
        *slot = hash.tag() << 24 | place;
        self.rows += 1;
        true
    }
}

/// Where a row may stand.
pub(super) struct Places<'s> {
    slots: &'s [u32],
    at: usize,
    tag: u32,
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        loop {
            let slot = *self.slots.get(self.at & self.slots.len().wrapping_sub(1))?;
            if slot == FREE {
                return None;
            }
            self.at += 1;
            if slot >> 24 == self.tag {
                return Some((slot & 0x00ff_ffff) as usize);
            }
        }
    }
}

/// So many that a third of them stays free, and a search ends soon.
fn slots_for(rows: usize) -> usize {
    (rows + rows / 2 + 1).next_power_of_two()
}
