//! Orgs on their way into shards: who lies under whom is known once all of them are there.

use super::compile::{Problems, position};
use super::facts::{Org, OrgIndex};
use super::hash::Seed;
use super::org_posts::OrgPosts;
use super::orgs::{IN_SHARD, OrgShard, Orgs};
use super::slots::Slots;
use crate::id::OrgId;
use crate::policy::KeyPath;
use crate::vocabulary::{Status, Visibility};

/// Orgs in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct FoundOrgs {
    seed: Seed,
    slots: Slots,
    rows: Vec<Org>,
    /// The parents by their names, of those that have one.
    parents: Vec<(u32, Box<str>)>,
    /// The org, the resource, and which of all that is said.
    said: Vec<(u32, u32, u32)>,
}

/// All orgs, and where each of them is now, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Packed {
    pub(super) orgs: Orgs,
    pub(super) indices: Vec<OrgIndex>,
}

impl FoundOrgs {
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        let is = |place: &usize| {
            self.rows
                .get(*place)
                .is_some_and(|org| org.id.as_str() == id)
        };
        let found = self.slots.places(self.seed.hash(id)).find(is)?;
        u32::try_from(found).ok()
    }

    /// Adds an org that is not there yet; none where there is no room for it.
    pub(super) fn add(
        &mut self,
        id: OrgId,
        status: Option<Status>,
        visibility: Option<Visibility>,
        parent: Option<&str>,
    ) -> Option<u32> {
        let at = self.rows.len();
        let hash = |id: &OrgId| self.seed.hash(id.as_str());
        let others = self.rows.iter().map(|org| hash(&org.id));
        self.slots.push(hash(&id), others).then_some(())?;
        self.rows.push(org(id, status, visibility));
        let row = position(at);
        if let Some(parent) = parent {
            self.parents.push((row, parent.into()));
        }
        Some(row)
    }

    /// Has an org say something of a resource.
    pub(super) fn say(&mut self, row: u32, resource: u32, said: u32) {
        self.said.push((row, resource, said));
    }

    /// Finds the parents, and packs all of it; none where there is no room. Beside it which resource is spoken of
    /// twice, and by which org.
    pub(super) fn pack(mut self, problems: &mut Problems) -> (Option<Packed>, Vec<(OrgId, u32)>) {
        let parents = self.find_parents(problems);
        self.said.sort_unstable();
        let mut twice = Vec::new();
        for pair in self.said.windows(2) {
            if let [(org, resource, _), (other, of, _)] = pair
                && (org, resource) == (other, of)
                && let Some(org) = self.rows.get(*org as usize)
            {
                twice.push((org.id.clone(), *resource));
            }
        }
        (self.into_shards(&parents), twice)
    }

    fn into_shards(self, parents: &[Option<u32>]) -> Option<Packed> {
        let bits = (self.rows.len() / IN_SHARD)
            .max(1)
            .next_power_of_two()
            .ilog2()
            .min(20);
        let shard_of = |org: &Org| self.seed.hash(org.id.as_str()).shard((1 << bits) - 1);
        let mut sizes = vec![(0, 0); 1 << bits];
        let mut indices = Vec::with_capacity(self.rows.len());
        let mut said = self.said.as_slice();
        for (row, org) in (0..).zip(&self.rows) {
            let shard = shard_of(org);
            let (rows, posts) = sizes.get_mut(shard)?;
            indices.push(OrgIndex::of(shard, *rows)?);
            *rows += 1;
            *posts += split_of(row, &mut said).len();
        }
        let with_room = |(rows, posts): (usize, usize)| OrgShard::with_capacity(rows, posts);
        let mut shards: Vec<_> = sizes.into_iter().map(with_room).collect();
        let mut said = self.said.as_slice();
        let mut of_org = Vec::new();
        for ((row, mut org), parent) in (0..).zip(self.rows).zip(parents) {
            org.parent = parent.and_then(|parent| indices.get(parent as usize).copied());
            let hash = self.seed.hash(org.id.as_str());
            let shard = shards.get_mut(hash.shard((1 << bits) - 1))?;
            let at = shard.push(&self.seed, hash, org)?;
            of_org.clear();
            of_org.extend(
                split_of(row, &mut said)
                    .iter()
                    .map(|(_, resource, said)| (*resource, *said)),
            );
            shard.say(at, &of_org);
        }
        let orgs = Orgs::new(self.seed, shards);
        Some(Packed { orgs, indices })
    }

    /// Of each org the parent.
    fn find_parents(&self, problems: &mut Problems) -> Vec<Option<u32>> {
        let mut parents = vec![None; self.rows.len()];
        for (row, name) in &self.parents {
            let (Some(place), Some(org)) =
                (parents.get_mut(*row as usize), self.rows.get(*row as usize))
            else {
                continue;
            };
            *place = self.find(name);
            if place.is_none() {
                let unknown = format!("no org `{}` is defined", name.escape_debug());
                problems.add(KeyPath::of(["orgs", org.id.as_str(), "parent"]), unknown);
            }
        }
        if !self.parents.is_empty() {
            self.cut_circles(&mut parents, problems);
        }
        parents
    }

    /// Reports and cuts what would make a circle.
    fn cut_circles(&self, parents: &mut [Option<u32>], problems: &mut Problems) {
        let mut seen = vec![0_u32; parents.len()];
        for start in 0..position(parents.len()) {
            let walk = start + 1;
            let mut at = start;
            while let Some(mark) = seen.get_mut(at as usize).filter(|mark| **mark == 0) {
                *mark = walk;
                let Some(Some(parent)) = parents.get(at as usize).copied() else {
                    break;
                };
                if seen.get(parent as usize) == Some(&walk) {
                    if let (Some(org), Some(parent)) =
                        (self.rows.get(at as usize), parents.get_mut(at as usize))
                    {
                        problems.add(
                            KeyPath::of(["orgs", org.id.as_str(), "parent"]),
                            "the org would lie under itself",
                        );
                        *parent = None;
                    }
                    break;
                }
                at = parent;
            }
        }
    }
}

/// An org of which nothing more is known.
pub(super) fn org(id: OrgId, status: Option<Status>, visibility: Option<Visibility>) -> Org {
    Org {
        id,
        parent: None,
        active: status.unwrap_or(Status::Active) == Status::Active,
        public: visibility.unwrap_or(Visibility::Private) == Visibility::Public,
        posts: OrgPosts::default(),
    }
}

/// Takes what one org says from the front of what all say, which is sorted.
fn split_of<'s>(row: u32, said: &mut &'s [(u32, u32, u32)]) -> &'s [(u32, u32, u32)] {
    let count = said.iter().take_while(|(of, ..)| *of == row).count();
    let (own, rest) = said.split_at_checked(count).unwrap_or_default();
    *said = rest;
    own
}
