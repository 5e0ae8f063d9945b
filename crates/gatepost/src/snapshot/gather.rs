//! Gathers subjects and memberships in any order, and packs them into shards.
//!
//! What is gathered takes about as much memory as what comes of it, and is given back part by part while that
//! is made: a policy is loaded beside the one that it replaces.

use super::facts::{OrgIndex, RoleSetIndex, SiteRoleSetIndex};
use super::hash::{Hash, Seed};
use super::members::Membership;
use super::records::{Named, Records, RecordsBuilder};
use super::slots::Slots;
use super::subjects::{IN_SHARD, Subjects};
use crate::time::Timestamp;
use crate::vocabulary::{Kind, Status};

/// Parts that are gathered apart and packed one after the other, as a power of two.
const BITS: u32 = 6;
const LAST: usize = (1 << BITS) - 1;

/// Subjects and memberships on their way into shards.
#[derive(Debug)]
pub(super) struct Gathered {
    seed: Seed,
    parts: Vec<Part>,
}

/// Those whose ids' hashes begin alike.
#[derive(Debug, Default)]
struct Part {
    slots: Slots,
    rows: Vec<Row>,
    ids: Vec<u8>,
    memberships: Vec<Gained>,
    /// Of those memberships that have one, in their order.
    ends: Vec<(u32, Timestamp)>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    id_at: u32,
    site_roles: SiteRoleSetIndex,
    default_org: u32,
    id_len: u8,
    is_named: bool,
    is_suspended: bool,
    kind: Option<Kind>,
}

/// A membership, and whose it is.
#[derive(Clone, Copy, Debug)]
struct Gained {
    row: u32,
    org: OrgIndex,
    roles: RoleSetIndex,
}

/// Why something could not be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is there already.
    Twice,
    /// There is no room for it.
    TooMany,
}

const NO_ORG: u32 = u32::MAX;

impl Gathered {
    pub(super) fn new() -> Self {
        Self {
            seed: Seed::default(),
            parts: (0..1 << BITS).map(|_| Part::default()).collect(),
        }
    }

    /// Adds a membership; its subject need not be there.
    pub(super) fn membership(&mut self, id: &str, membership: Membership) -> Result<(), Refused> {
        let (row, part) = self.row(id)?;
        if let Some(end) = membership.end {
            let at = u32::try_from(part.memberships.len()).map_err(|_| Refused::TooMany)?;
            push(&mut part.ends, (at, end));
        }
        let gained = Gained {
            row,
            org: membership.org,
            roles: membership.roles,
        };
        push(&mut part.memberships, gained);
        Ok(())
    }

    /// Adds a subject that the policy names, whose memberships are added by themselves.
    pub(super) fn subject(&mut self, id: &str, subject: &Named) -> Result<(), Refused> {
        let (row, part) = self.row(id)?;
        let row = part.rows.get_mut(row as usize).ok_or(Refused::TooMany)?;
        if row.is_named {
            return Err(Refused::Twice);
        }
        row.is_named = true;
        row.is_suspended = subject.status == Status::Suspended;
        row.kind = subject.kind;
        row.site_roles = subject.site_roles;
        row.default_org = subject.default_org.map_or(NO_ORG, |org| org.0);
        Ok(())
    }

    /// The row of a subject, which is a new one where it has none.
    fn row(&mut self, id: &str) -> Result<(u32, &mut Part), Refused> {
        let hash = self.seed.hash(id);
        let part = self
            .parts
            .get_mut(hash.shard(LAST))
            .ok_or(Refused::TooMany)?;
        let row = match part.find(hash, id) {
            Some(row) => row,
            None => part.add(&self.seed, hash, id).ok_or(Refused::TooMany)?,
        };
        Ok((row, part))
    }

    /// Packs all of it; none where there is no room. Beside it the memberships that are there twice.
    pub(super) fn pack(self) -> (Option<Subjects>, Vec<(OrgIndex, String)>) {
        let Self { seed, parts } = self;
        let count: usize = parts.iter().map(|part| part.rows.len()).sum();
        let bits = (count / IN_SHARD)
            .max(1)
            .next_power_of_two()
            .ilog2()
            .min(24);
        let mut twice = Vec::new();
        let shards = if bits < BITS {
            pack_together(&seed, bits, parts, &mut twice)
        } else {
            pack_apart(&seed, bits, parts, &mut twice)
        };
        let subjects = shards.map(|shards| Subjects::new(seed, shards));
        (subjects.filter(|all| all.len() == count), twice)
    }
}

/// Fewer shards than parts: each of some parts.
fn pack_together(
    seed: &Seed,
    bits: u32,
    parts: Vec<Part>,
    twice: &mut Vec<(OrgIndex, String)>,
) -> Option<Vec<Records>> {
    let shards = 1 << bits;
    let rows = |shard: usize| {
        let parts = parts.iter().skip(shard).step_by(shards);
        parts.map(|part| part.rows.len()).sum()
    };
    let mut made: Vec<_> = (0..shards)
        .map(|shard| RecordsBuilder::with_capacity(rows(shard), 0))
        .collect();
    for part in parts {
        part.pack(
            seed,
            &part.held(),
            &mut made,
            |hash| hash.shard((1 << bits) - 1),
            twice,
        );
    }
    made.into_iter().map(RecordsBuilder::finish).collect()
}

/// As many shards as parts, or more: some of each part, which is given back as soon as they are made.
fn pack_apart(
    seed: &Seed,
    bits: u32,
    parts: Vec<Part>,
    twice: &mut Vec<(OrgIndex, String)>,
) -> Option<Vec<Records>> {
    let mut shards: Vec<_> = (0..1 << bits).map(|_| Records::default()).collect();
    let in_part = 1 << (bits - BITS);
    for (at, part) in parts.into_iter().enumerate() {
        let shard_of = |hash: Hash| hash.shard((1 << bits) - 1) >> BITS;
        let mut sizes = vec![(0, 0); in_part];
        let held = part.held();
        for (id, memberships) in part.ids().zip(held.iter()) {
            if let Some((rows, bytes)) = sizes.get_mut(shard_of(seed.hash(id))) {
                *rows += 1;
                *bytes += RecordsBuilder::room(id, memberships);
            }
        }
        let made = sizes.into_iter();
        let made = made.map(|(rows, bytes)| RecordsBuilder::with_capacity(rows, bytes));
        let mut made: Vec<_> = made.collect();
        part.pack(seed, &held, &mut made, shard_of, twice);
        let places = shards.iter_mut().skip(at).step_by(1 << BITS);
        for (place, made) in places.zip(made) {
            *place = made.finish()?;
        }
    }
    Some(shards)
}

impl Part {
    fn find(&self, hash: Hash, id: &str) -> Option<u32> {
        let is = |place: &usize| {
            let row = self.rows.get(*place);
            row.is_some_and(|row| self.id(row) == id.as_bytes())
        };
        u32::try_from(self.slots.places(hash).find(is)?).ok()
    }

    fn id(&self, row: &Row) -> &[u8] {
        let at = row.id_at as usize;
        let id = self.ids.get(at..at + usize::from(row.id_len));
        id.unwrap_or_default()
    }

    fn add(&mut self, seed: &Seed, hash: Hash, id: &str) -> Option<u32> {
        let at = self.rows.len();
        let row = Row {
            id_at: u32::try_from(self.ids.len()).ok()?,
            site_roles: Named::STRANGER.site_roles,
            default_org: NO_ORG,
            id_len: u8::try_from(id.len()).ok()?,
            is_named: false,
            is_suspended: false,
            kind: None,
        };
        let mut slots = std::mem::take(&mut self.slots);
        let is_added = slots.push(hash, self.ids().map(|id| seed.hash(id)));
        self.slots = slots;
        is_added.then_some(())?;
        if self.ids.capacity() - self.ids.len() < id.len() {
            self.ids.reserve_exact(self.ids.len() / 4 + 1024);
        }
        self.ids.extend(id.as_bytes());
        push(&mut self.rows, row);
        u32::try_from(at).ok()
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        let ids = self.rows.iter().map(|row| self.id(row));
        ids.map(|id| std::str::from_utf8(id).unwrap_or_default())
    }

    /// Puts everything into the shards that it belongs to.
    fn pack(
        &self,
        seed: &Seed,
        held: &Held,
        shards: &mut [RecordsBuilder],
        shard_of: impl Fn(Hash) -> usize,
        twice: &mut Vec<(OrgIndex, String)>,
    ) {
        for (row, (id, memberships)) in self.rows.iter().zip(self.ids().zip(held.iter())) {
            for pair in memberships.windows(2) {
                if let [one, other] = pair
                    && one.org == other.org
                {
                    twice.push((one.org, id.to_owned()));
                }
            }
            let subject = Named {
                status: if row.is_suspended {
                    Status::Suspended
                } else {
                    Status::Active
                },
                kind: row.kind,
                site_roles: row.site_roles,
                default_org: (row.default_org != NO_ORG).then_some(OrgIndex(row.default_org)),
            };
            let hash = seed.hash(id);
            if let Some(shard) = shards.get_mut(shard_of(hash)) {
                shard.add(hash, id, &subject, memberships);
            }
        }
    }

    /// The memberships of each row, sorted by org.
    fn held(&self) -> Held {
        let mut starts = vec![0_u32; self.rows.len() + 1];
        for gained in &self.memberships {
            if let Some(start) = starts.get_mut(gained.row as usize + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let none = Membership {
            org: OrgIndex(NO_ORG),
            roles: RoleSetIndex(0),
            end: None,
        };
        let mut list = vec![none; self.memberships.len()];
        let mut free = starts.clone();
        let mut ends = self.ends.iter().peekable();
        for (at, gained) in (0_u32..).zip(&self.memberships) {
            let end = ends.next_if(|(of, _)| *of == at).map(|(_, end)| *end);
            let Some(free) = free.get_mut(gained.row as usize) else {
                continue;
            };
            if let Some(place) = list.get_mut(*free as usize) {
                *place = Membership {
                    org: gained.org,
                    roles: gained.roles,
                    end,
                };
            }
            *free += 1;
        }
        for pair in starts.windows(2) {
            if let [from, to] = pair
                && let Some(list) = list.get_mut(*from as usize..*to as usize)
            {
                list.sort_unstable_by_key(|membership| membership.org);
            }
        }
        Held { starts, list }
    }
}

/// The memberships of a part by whose they are.
struct Held {
    starts: Vec<u32>,
    list: Vec<Membership>,
}

impl Held {
    fn iter(&self) -> impl Iterator<Item = &[Membership]> {
        self.starts.windows(2).map(|pair| match pair {
            [from, to] => self
                .list
                .get(*from as usize..*to as usize)
                .unwrap_or_default(),
            _ => &[],
        })
    }
}

/// What doubles where it is full would be half empty; this grows by a quarter.
fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(list.len() / 4 + 16);
    }
    list.push(item);
}
