//! Gathers subjects and memberships in any order, and packs them into shards.
//!
//! What is gathered takes about as much memory as what comes of it, and is given back part by part while that
//! is made: a policy is loaded beside the one that it replaces.

mod part;

use super::facts::{OrgIndex, RoleSetIndex};
use super::hash::{Hash, Seed};
use super::members::Membership;
use super::records::{Named, Records, RecordsBuilder};
use super::subjects::{IN_SHARD, Subjects};
use part::{Part, Settled};

/// Parts that are gathered apart and packed one after the other, as a power of two.
const BITS: u32 = 6;
const LAST: usize = (1 << BITS) - 1;

/// Subjects and memberships on their way into shards.
#[derive(Debug)]
pub(super) struct Gathered {
    seed: Seed,
    parts: Vec<Part>,
    /// How many subjects were named.
    named: u64,
    settled: Settled,
}

const NO_ORG: u32 = u32::MAX;

impl Gathered {
    pub(super) fn new() -> Self {
        Self {
            seed: Seed::default(),
            parts: (0..1 << BITS).map(|_| Part::default()).collect(),
            named: 0,
            settled: Settled::default(),
        }
    }

    /// Adds a membership; its subject need not be there.
    pub(super) fn membership(&mut self, id: &str, membership: Membership) {
        let hash = self.seed.hash(id);
        if let Some(part) = self.parts.get_mut(hash.shard(LAST))
            && part.membership(hash, id, membership)
        {
            part.settle(&self.seed, &mut self.settled);
        }
    }

    /// Adds a subject that the policy names, whose memberships are added by themselves.
    pub(super) fn subject(&mut self, id: &str, subject: Named) {
        let hash = self.seed.hash(id);
        self.named += 1;
        if let Some(part) = self.parts.get_mut(hash.shard(LAST))
            && part.subject(hash, id, self.named, subject)
        {
            part.settle(&self.seed, &mut self.settled);
        }
    }

    /// The subjects that were added again since it was asked last, in the order in which they were.
    pub(super) fn named_twice(&mut self) -> impl Iterator<Item = String> + use<> {
        for part in &mut self.parts {
            part.settle(&self.seed, &mut self.settled);
        }
        let mut twice = std::mem::take(&mut self.settled.twice);
        twice.sort_unstable_by_key(|(number, _)| *number);
        twice.into_iter().map(|(_, id)| id)
    }

    /// Packs all of it; none where there is no room. Beside it the memberships that are there twice.
    pub(super) fn pack(self) -> (Option<Subjects>, Vec<(OrgIndex, String)>) {
        let Self {
            seed,
            mut parts,
            mut settled,
            ..
        } = self;
        for part in &mut parts {
            part.settle(&seed, &mut settled);
        }
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
        (
            subjects.filter(|all| all.len() == count && !settled.is_full),
            twice,
        )
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
            if let Some((rows, bytes)) = sizes.get_mut(shard_of(seed.hash_bytes(id))) {
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
    fn ids(&self) -> impl Iterator<Item = &[u8]> {
        self.rows.iter().map(|row| self.id(row))
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
                    twice.push((one.org, String::from_utf8_lossy(id).into_owned()));
                }
            }
            let hash = seed.hash_bytes(id);
            if let Some(shard) = shards.get_mut(shard_of(hash)) {
                shard.add(hash, id, &row.named(), memberships);
            }
        }
    }

    /// The memberships of each row, sorted by org.
    fn held(&self) -> Held {
        let mut starts = vec![0_u32; self.rows.len() + 1];
        for gained in self.memberships.iter() {
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
        for (at, gained) in (0_u32..).zip(self.memberships.iter()) {
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
