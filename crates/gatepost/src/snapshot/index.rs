//! Finds a row by its id.

#![allow(
    clippy::inline_always,
    reason = "measured: on the hot path a call costs as much as the look-up"
)]

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::compile::position;

/// A row that is found by its id.
pub(super) trait Row {
    fn id(&self) -> &str;
}

/// The positions of rows, by the rows' ids.
///
/// A hash table that only grows, which is all that facts need, and therefore
/// one that a decision goes through in a few steps: a slot tells in one read
/// where a row is and whether it can be the one, the row has its id with it,
/// and no id is kept twice.
#[derive(Clone, Debug)]
pub(super) struct Index {
    seed: RandomState,
    slots: Arc<[Slot]>,
}

/// An [`Index`] that rows are still added to.
#[derive(Debug, Default)]
pub(super) struct IndexBuilder {
    /// Not to be foreseen: the ids that are looked up are chosen by strangers.
    seed: RandomState,
    /// A power of two of them, or none. A row stands in the first slot that was free from its hash on.
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The half of the hash that does not say where to look.
    hash: u32,
    at: u32,
}

impl Slot {
    const FREE: Self = Self {
        hash: 0,
        at: u32::MAX,
    };

    const fn is_free(self) -> bool {
        self.at == Self::FREE.at
    }
}

impl Index {
    #[inline(always)]
    pub(super) fn get<'r, R: Row>(&self, rows: &'r [R], id: &str) -> Option<(u32, &'r R)> {
        find(&self.seed, &self.slots, rows, id)
    }
}

impl IndexBuilder {
    pub(super) fn with_capacity(rows: usize) -> Self {
        Self {
            seed: RandomState::default(),
            slots: vec![Slot::FREE; slots_for(rows)],
        }
    }

    pub(super) fn get<'r, R: Row>(&self, rows: &'r [R], id: &str) -> Option<(u32, &'r R)> {
        find(&self.seed, &self.slots, rows, id)
    }

    pub(super) fn finish(self) -> Index {
        Index {
            seed: self.seed,
            slots: self.slots.into(),
        }
    }

    /// Adds a row of an id that no other row has.
    pub(super) fn push<R: Row>(&mut self, rows: &mut Vec<R>, row: R) -> u32 {
        let at = position(rows.len());
        rows.push(row);
        if self.slots.len() < slots_for(rows.len()) {
            self.slots = vec![Slot::FREE; slots_for(2 * rows.len())];
            for (at, row) in rows.iter().enumerate() {
                self.place(position(at), row.id());
            }
        } else if let Some(row) = rows.last() {
            self.place(at, row.id());
        }
        at
    }

    fn place(&mut self, at: u32, id: &str) {
        let (place, hash) = hash(&self.seed, id);
        let start = place & self.slots.len().wrapping_sub(1);
        let (before, from) = self.slots.split_at_mut(start);
        let mut slots = from.iter_mut().chain(before);
        if let Some(slot) = slots.find(|slot| slot.is_free()) {
            *slot = Slot { hash, at };
        }
    }
}

#[inline(always)]
fn find<'r, R: Row>(
    seed: &RandomState,
    slots: &[Slot],
    rows: &'r [R],
    id: &str,
) -> Option<(u32, &'r R)> {
    let (mut place, hash) = hash(seed, id);
    loop {
        let slot = slots.get(place & slots.len().wrapping_sub(1))?;
        if slot.is_free() {
            return None;
        }
        if slot.hash == hash {
            let row = rows.get(slot.at as usize)?;
            if same(row.id(), id) {
                return Some((slot.at, row));
            }
        }
        place = place.wrapping_add(1);
    }
}

/// So many that a third of them stays free, and a search ends soon.
fn slots_for(rows: usize) -> usize {
    (rows + rows / 2 + 1).next_power_of_two()
}

/// Where to look for an id first, and what else its hash says.
///
/// Of the bytes alone: what `str` adds to them tells texts apart that are
/// hashed one behind the other, and here is only one.
#[inline(always)]
#[allow(
    clippy::cast_possible_truncation,
    reason = "each half takes what it has room for"
)]
fn hash(seed: &RandomState, id: &str) -> (usize, u32) {
    let mut hasher = seed.build_hasher();
    hasher.write(id.as_bytes());
    let hash = hasher.finish();
    (hash as usize, (hash >> 32) as u32)
}

/// Whether two ids are the same. Most have 4 to 16 bytes, which are two words and need no call: in `alice`
/// and `acme` that is a tenth of a decision.
#[inline(always)]
fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
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
    one.first_chunk::<N>() == other.first_chunk() && one.last_chunk::<N>() == other.last_chunk()
}
