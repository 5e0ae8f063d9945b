//! What is gathered of subjects whose ids' hashes begin alike.

use super::super::facts::{OrgIndex, RoleSetIndex, SiteRoleSetIndex};
use super::super::hash::{Hash, Seed, same};
use super::super::members::Membership;
use super::super::records::Named;
use super::super::slots::Slots;
use super::NO_ORG;
use crate::time::Timestamp;
use crate::vocabulary::{Kind, Status};

/// Subjects with what is said of them, and memberships in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Part {
    waiting: Vec<Waiting>,
    waiting_ids: Vec<u8>,
    slots: Slots,
    pub(super) rows: Vec<Row>,
    /// Those ids that have no room in their rows.
    long_ids: Vec<u8>,
    pub(super) memberships: Chunks<Gained>,
    /// Of those memberships that have one, in their order.
    pub(super) ends: Vec<(u32, Timestamp)>,
}

/// A fact whose subject is still to be looked for.
///
/// Each look waits for memory. Where many follow on each other, the processor waits for many at once.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    hash: Hash,
    id_len: u8,
    fact: Fact,
}

#[derive(Clone, Copy, Debug)]
enum Fact {
    Membership(Membership),
    /// The number of the subject among those that were named, and what was said of it.
    Named(u64, Named),
}

/// As many wait in each part, so that what waits in all of them stays small beside what is gathered of many.
const WAITING: usize = 256;

#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The id, or where it is longer, where it begins among the long ones.
    id: [u8; IN_ROW],
    id_len: u8,
    is_named: bool,
    is_suspended: bool,
    kind: Option<Kind>,
    site_roles: SiteRoleSetIndex,
    default_org: u32,
}

const IN_ROW: usize = 16;
const NOWHERE: usize = usize::MAX;

/// A membership, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gained {
    pub(super) row: u32,
    pub(super) org: OrgIndex,
    pub(super) roles: RoleSetIndex,
}

/// What is known of facts only when they no longer wait.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Who was named again, with the number of that.
    pub(super) twice: Vec<(u64, String)>,
    /// Whether there was no room for something.
    pub(super) is_full: bool,
    /// Where each of the facts that waited may stand.
    places: Vec<usize>,
}

impl Part {
    pub(super) fn membership(&mut self, hash: Hash, id: &str, membership: Membership) -> bool {
        self.wait(hash, id, Fact::Membership(membership))
    }

    pub(super) fn subject(&mut self, hash: Hash, id: &str, number: u64, subject: Named) -> bool {
        self.wait(hash, id, Fact::Named(number, subject))
    }

    /// Has a fact wait; true where enough of them do to be settled.
    fn wait(&mut self, hash: Hash, id: &str, fact: Fact) -> bool {
        // No id is longer than 255 bytes.
        let id_len = u8::try_from(id.len()).unwrap_or(u8::MAX);
        self.waiting_ids.extend_from_slice(id.as_bytes());
        self.waiting.push(Waiting { hash, id_len, fact });
        self.waiting.len() >= WAITING
    }

    /// Finds the subjects of all that waits.
    pub(super) fn settle(&mut self, seed: &Seed, settled: &mut Settled) {
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut ids = std::mem::take(&mut self.waiting_ids);
        // Step by step for all of them, and without a branch that depends on what was read: else each would
        // wait for its own memory.
        let mut places = std::mem::take(&mut settled.places);
        places.clear();
        let first = |it: &Waiting| self.slots.places(it.hash).next_or(NOWHERE);
        places.extend(waiting.iter().map(first));
        for ((_, id), place) in with_ids(&waiting, &ids).zip(&mut places) {
            let is = self.rows.get(*place).is_some_and(|row| self.is(row, id));
            *place = std::hint::select_unpredictable(is, *place, NOWHERE);
        }
        for ((it, id), place) in with_ids(&waiting, &ids).zip(&places) {
            let row = match *place {
                NOWHERE => self.row(seed, it.hash, id),
                place => u32::try_from(place).ok(),
            };
            let is_taken = row.is_some_and(|row| self.take(row, it.fact, id, settled));
            settled.is_full |= !is_taken;
        }
        settled.places = places;
        // Their room is for those that wait next.
        waiting.clear();
        ids.clear();
        (self.waiting, self.waiting_ids) = (waiting, ids);
    }

    /// Takes in a fact of the subject in that row; false where there is no room.
    fn take(&mut self, row: u32, fact: Fact, id: &[u8], settled: &mut Settled) -> bool {
        match fact {
            Fact::Membership(membership) => {
                if let Some(end) = membership.end {
                    let Ok(at) = u32::try_from(self.memberships.len()) else {
                        return false;
                    };
                    push(&mut self.ends, (at, end));
                }
                let gained = Gained {
                    row,
                    org: membership.org,
                    roles: membership.roles,
                };
                self.memberships.push(gained);
            }
            Fact::Named(number, subject) => {
                let Some(row) = self.rows.get_mut(row as usize) else {
                    return false;
                };
                if row.is_named {
                    let id = String::from_utf8_lossy(id).into_owned();
                    settled.twice.push((number, id));
                } else {
                    row.name(&subject);
                }
            }
        }
        true
    }

    /// The row of a subject, which is a new one where it has none; none where there is no room for it.
    fn row(&mut self, seed: &Seed, hash: Hash, id: &[u8]) -> Option<u32> {
        let is = |place: &usize| self.rows.get(*place).is_some_and(|row| self.is(row, id));
        let at = match self.slots.places(hash).find(is) {
            Some(at) => at,
            None => self.add(seed, hash, id)?,
        };
        u32::try_from(at).ok()
    }

    fn add(&mut self, seed: &Seed, hash: Hash, id: &[u8]) -> Option<usize> {
        let at = self.rows.len();
        let mut row = Row {
            id: [0; IN_ROW],
            id_len: u8::try_from(id.len()).ok()?,
            is_named: false,
            is_suspended: false,
            kind: None,
            site_roles: Named::STRANGER.site_roles,
            default_org: NO_ORG,
        };
        let from = u32::try_from(self.long_ids.len()).ok()?.to_le_bytes();
        let is_long = id.len() > IN_ROW;
        let own = if is_long { from.as_slice() } else { id };
        for (to, byte) in row.id.iter_mut().zip(own) {
            *to = *byte;
        }
        let mut slots = std::mem::take(&mut self.slots);
        let is_added = slots.push(
            hash,
            self.rows.iter().map(|row| seed.hash_bytes(self.id(row))),
        );
        self.slots = slots;
        is_added.then_some(())?;
        if is_long {
            if self.long_ids.capacity() - self.long_ids.len() < id.len() {
                self.long_ids.reserve_exact(self.long_ids.len() / 4 + 1024);
            }
            self.long_ids.extend(id);
        }
        push(&mut self.rows, row);
        Some(at)
    }

    #[inline]
    fn is(&self, row: &Row, id: &[u8]) -> bool {
        same(self.id(row), id)
    }

    #[inline]
    pub(super) fn id<'p>(&'p self, row: &'p Row) -> &'p [u8] {
        let len = usize::from(row.id_len);
        if let Some(id) = row.id.get(..len) {
            return id;
        }
        let at = row.id.first_chunk().copied().map_or(0, u32::from_le_bytes) as usize;
        self.long_ids.get(at..at + len).unwrap_or_default()
    }
}

/// Those that wait, each with its id.
fn with_ids<'w>(
    waiting: &'w [Waiting],
    mut ids: &'w [u8],
) -> impl Iterator<Item = (&'w Waiting, &'w [u8])> {
    waiting.iter().map(move |it| {
        let (id, rest) = ids
            .split_at_checked(usize::from(it.id_len))
            .unwrap_or_default();
        ids = rest;
        (it, id)
    })
}

impl Row {
    fn name(&mut self, subject: &Named) {
        self.is_named = true;
        self.is_suspended = subject.status == Status::Suspended;
        self.kind = subject.kind;
        self.site_roles = subject.site_roles;
        self.default_org = subject.default_org.map_or(NO_ORG, |org| org.0);
    }

    pub(super) fn named(&self) -> Named {
        Named {
            status: if self.is_suspended {
                Status::Suspended
            } else {
                Status::Active
            },
            kind: self.kind,
            site_roles: self.site_roles,
            default_org: (self.default_org != NO_ORG).then_some(OrgIndex(self.default_org)),
        }
    }
}

/// A list that never moves what is in it, and has room for few more.
#[derive(Debug)]
pub(super) struct Chunks<T> {
    full: Vec<Vec<T>>,
    last: Vec<T>,
}

const IN_CHUNK: usize = 1 << 9;

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self {
            full: Vec::new(),
            last: Vec::new(),
        }
    }
}

impl<T> Chunks<T> {
    fn push(&mut self, item: T) {
        if self.last.len() == IN_CHUNK {
            let next = Vec::with_capacity(IN_CHUNK);
            self.full.push(std::mem::replace(&mut self.last, next));
        }
        self.last.push(item);
    }

    pub(super) fn len(&self) -> usize {
        self.full.len() * IN_CHUNK + self.last.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.full.iter().chain([&self.last]).flatten()
    }
}

/// What doubles where it is full would be half empty; this grows by a quarter.
fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(list.len() / 4 + 16);
    }
    list.push(item);
}
