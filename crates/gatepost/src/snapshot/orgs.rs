//! Orgs: who lies under whom, and what each says at its posts.

#![allow(
    clippy::inline_always,
    reason = "measured: on the hot path a call costs as much as the look-up"
)]

use std::sync::{Arc, OnceLock};

use super::facts::{Org, OrgIndex};
use super::hash::{Hash, Seed, same};
use super::org_posts::OrgPosts;
use super::pages::Pages;
use super::slots::{Places, Slots};

/// Every org.
#[derive(Clone, Debug, Default)]
pub(super) struct Orgs {
    seed: Seed,
    /// The last of the shards, of which there are a power of two.
    last: usize,
    shards: Pages<OrgShard>,
    count: usize,
    /// All of them by their ids, once somebody has asked.
    sorted: Arc<OnceLock<Box<[OrgIndex]>>>,
}

/// The orgs of one shard, and what they say.
#[derive(Clone, Debug, Default)]
pub(super) struct OrgShard {
    slots: Slots,
    rows: Vec<Org>,
    /// One org's behind the other's, each sorted by resource: the resource, and which of all that is said.
    posts: Vec<(u32, u32)>,
}

/// An org that was looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sought<'s> {
    pub(crate) index: OrgIndex,
    pub(crate) org: &'s Org,
    /// What the orgs of its shard say.
    posts: &'s [(u32, u32)],
    /// Whether it is the one. Another is looked at in its place where there is no such org, so that it takes as long
    /// to refuse whoever may not know which of the two it is.
    pub(crate) is_there: bool,
}

impl Sought<'_> {
    /// Which of all that is said it says of a resource.
    #[inline(always)]
    pub(super) fn said_of(self, resource: u32) -> Option<u32> {
        said_of(self.posts, &self.org.posts, resource)
    }
}

/// As many orgs are put in a shard, about; to change one of them costs as much as to copy all.
pub(super) const IN_SHARD: usize = 512;
/// A shard that has come to more asks for more shards.
const CROWDED: usize = 4 * IN_SHARD;

impl Orgs {
    pub(super) fn new(seed: Seed, shards: Vec<OrgShard>) -> Self {
        Self {
            seed,
            last: shards.len().saturating_sub(1),
            count: shards.iter().map(|shard| shard.rows.len()).sum(),
            shards: Pages::new(shards),
            sorted: Arc::default(),
        }
    }

    #[inline(always)]
    pub(super) fn find(&self, id: &str) -> Option<(OrgIndex, &Org)> {
        let hash = self.seed.hash(id);
        let at = hash.shard(self.last);
        let (row, org) = self.shards.get(at)?.find(hash, id)?;
        Some((OrgIndex::at(at, row), org))
    }

    /// The org of an id, else one that stands where it would; none where nothing stands there.
    ///
    /// Both are looked for in the same steps: how long it takes tells nobody whether there is such an org.
    #[inline(always)]
    pub(super) fn seek(&self, id: &str) -> Option<Sought<'_>> {
        let hash = self.seed.hash(id);
        let at = hash.shard(self.last);
        self.shards.get(at)?.seek(at, hash, id)
    }

    /// An org that is there.
    pub(super) fn sought(&self, index: OrgIndex) -> Option<Sought<'_>> {
        let shard = self.shards.get(index.shard())?;
        Some(Sought {
            index,
            org: shard.rows.get(index.row())?,
            posts: &shard.posts,
            is_there: true,
        })
    }

    #[inline(always)]
    pub(super) fn get(&self, index: OrgIndex) -> Option<&Org> {
        self.shards.get(index.shard())?.rows.get(index.row())
    }

    /// What an org says: by resource, which of all that is said.
    pub(super) fn said_by(&self, index: OrgIndex) -> &[(u32, u32)] {
        let shard = self.shards.get(index.shard());
        let said = shard.and_then(|shard| shard.said(&shard.rows.get(index.row())?.posts));
        said.unwrap_or_default()
    }

    /// Which of all that is said an org says of a resource.
    #[inline(always)]
    pub(super) fn said_of(&self, index: OrgIndex, org: &Org, resource: u32) -> Option<u32> {
        let shard = self.shards.get(index.shard())?;
        said_of(&shard.posts, &org.posts, resource)
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Every org, in no order that means anything.
    pub(super) fn iter(&self) -> impl Iterator<Item = (OrgIndex, &Org)> {
        let shards = self.shards.iter().enumerate();
        shards.flat_map(|(at, shard)| {
            let rows = shard.rows.iter().enumerate();
            rows.map(move |(row, org)| (OrgIndex::at(at, row), org))
        })
    }

    /// The orgs whose ids are behind this one, in the order of their ids.
    pub(super) fn behind<'s>(
        &'s self,
        after: Option<&str>,
    ) -> impl Iterator<Item = (OrgIndex, &'s Org)> + use<'s> {
        let sorted = self.sorted.get_or_init(|| {
            let mut all: Vec<_> = self.iter().collect();
            all.sort_unstable_by(|(_, one), (_, other)| one.id.cmp(&other.id));
            all.into_iter().map(|(index, _)| index).collect()
        });
        let is_over = |index: &OrgIndex| {
            let org = self.get(*index);
            org.zip(after)
                .is_some_and(|(org, after)| org.id.as_str() <= after)
        };
        let from = sorted.partition_point(is_over);
        let behind = sorted.iter().skip(from);
        behind.filter_map(|index| Some((*index, self.get(*index)?)))
    }

    /// Where each shard's rows begin among all, in the order of [`iter`](Self::iter).
    pub(super) fn starts(&self) -> Vec<usize> {
        let mut start = 0;
        let shards = self.shards.iter().map(|shard| {
            let from = start;
            start += shard.rows.len();
            from
        });
        shards.collect()
    }

    /// Has an org be as `change` makes it, and say what `said` tells; false where there is no such org.
    #[must_use]
    pub(super) fn change(
        &mut self,
        index: OrgIndex,
        change: impl FnOnce(&mut Org),
        said: Option<&[(u32, u32)]>,
    ) -> bool {
        let Some(shard) = self.shards.get(index.shard()) else {
            return false;
        };
        let mut changed = match said {
            Some(said) => shard.saying(index.row(), said),
            None => shard.clone(),
        };
        let Some(org) = changed.rows.get_mut(index.row()) else {
            return false;
        };
        change(org);
        self.shards.replace(index.shard(), changed)
    }

    /// Adds an org that is not there yet; none where there is no room for it.
    pub(super) fn add(&mut self, org: Org) -> Option<OrgIndex> {
        let hash = self.seed.hash(org.id.as_str());
        let at = hash.shard(self.last);
        let mut shard = self.shards.get(at)?.clone();
        if shard.rows.len() >= CROWDED {
            return None;
        }
        let row = shard.push(&self.seed, hash, org)?;
        let index = OrgIndex::of(at, row)?;
        self.shards.replace(at, shard).then_some(())?;
        self.count += 1;
        self.sorted = Arc::default();
        Some(index)
    }
}

impl Org {
    #[inline(always)]
    fn is(&self, id: &str) -> bool {
        same(self.id.as_str().as_bytes(), id.as_bytes())
    }
}

impl OrgShard {
    #[inline(always)]
    fn find(&self, hash: Hash, id: &str) -> Option<(usize, &Org)> {
        self.among(self.slots.places(hash), id)
    }

    #[inline(always)]
    fn seek(&self, shard: usize, hash: Hash, id: &str) -> Option<Sought<'_>> {
        let mut places = self.slots.places(hash);
        // One whose tag is right is the one, or else another that has it by chance.
        let row = places.next_or(hash.one_of(self.rows.len()));
        let org = self.rows.get(row)?;
        let is_there = org.is(id);
        let sought = |row: usize, org, is_there| Sought {
            index: OrgIndex::at(shard, row),
            org,
            posts: &self.posts,
            is_there,
        };
        if !is_there & places.may_go_on()
            && let Some((row, org)) = self.among(places, id)
        {
            return Some(sought(row, org, true));
        }
        Some(sought(row, org, is_there))
    }

    /// The org of an id, where it stands at one of these places.
    #[inline(always)]
    fn among(&self, places: Places<'_>, id: &str) -> Option<(usize, &Org)> {
        for row in places {
            let org = self.rows.get(row)?;
            if org.is(id) {
                return Some((row, org));
            }
        }
        None
    }

    fn said(&self, of: &OrgPosts) -> Option<&[(u32, u32)]> {
        self.posts.get(of.start()..of.start() + of.count())
    }

    /// Adds an org that is not there yet, whose posts are to be added by [`saying`](Self::say).
    pub(super) fn push(&mut self, seed: &Seed, hash: Hash, org: Org) -> Option<usize> {
        let row = self.rows.len();
        let others = self.rows.iter().map(|org| seed.hash(org.id.as_str()));
        self.slots.push(hash, others).then_some(())?;
        self.rows.push(org);
        Some(row)
    }

    /// The same orgs, of which one says this.
    fn saying(&self, changed: usize, said: &[(u32, u32)]) -> Self {
        let mut made = Self {
            slots: self.slots.clone(),
            rows: self.rows.clone(),
            posts: Vec::with_capacity(self.posts.len() + said.len()),
        };
        for (row, org) in self.rows.iter().enumerate() {
            let said = if row == changed {
                said
            } else {
                self.said(&org.posts).unwrap_or_default()
            };
            made.say(row, said);
        }
        made
    }

    /// Has an org say this, sorted by resource; what it said before is lost.
    pub(super) fn say(&mut self, row: usize, said: &[(u32, u32)]) {
        if let Some(org) = self.rows.get_mut(row) {
            org.posts = OrgPosts::new(self.posts.len(), said);
            self.posts.extend_from_slice(said);
        }
    }

    pub(super) fn with_capacity(orgs: usize, posts: usize) -> Self {
        Self {
            slots: Slots::with_capacity(orgs),
            rows: Vec::with_capacity(orgs),
            posts: Vec::with_capacity(posts),
        }
    }
}

/// Which of all that is said an org says of a resource, where all of its shard say `posts`.
#[inline(always)]
fn said_of(posts: &[(u32, u32)], of: &OrgPosts, resource: u32) -> Option<u32> {
    if !of.may_say(resource) {
        return None;
    }
    let at = match of.place(resource) {
        Some(at) => at,
        None => of.start() + search(posts.get(of.start()..of.start() + of.count())?, resource)?,
    };
    posts.get(at).map(|(_, said)| *said)
}

#[cold]
fn search(said: &[(u32, u32)], resource: u32) -> Option<usize> {
    said.binary_search_by_key(&resource, |(of, _)| *of).ok()
}
