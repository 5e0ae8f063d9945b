//! What orgs say at their posts, kept small: most say little, and many the same.

use std::sync::Arc;

use super::Map;
use super::compile::position;
use super::gates::OrgGate;

/// Where that is kept which one org says.
#[derive(Clone, Copy, Debug)]
pub(super) struct OrgPosts {
    /// A bit for each of the first 64 resources: how many bits stand below one is where its gate is.
    first: u64,
    start: u32,
    count: u32,
}

/// What all orgs say.
#[derive(Clone, Debug, Default)]
pub(super) struct OrgGates {
    /// One org's behind the other's, each sorted by resource: the resource, and which of `said` it is.
    posts: Arc<[(u32, u32)]>,
    /// Everything that any org says, once.
    said: Arc<[OrgGate]>,
}

impl OrgGates {
    #[inline]
    pub(super) fn get(&self, of: &OrgPosts, resource: u32) -> Option<&OrgGate> {
        let start = of.start as usize;
        let at = match 1_u64.checked_shl(resource) {
            Some(bit) => {
                let at = start + (of.first & (bit - 1)).count_ones() as usize;
                if of.first & bit == 0 { 0 } else { at }
            }
            None => start + self.search(of, resource)?,
        };
        let (_, said) = self.posts.get(at)?;
        self.said.get(*said as usize)
    }

    /// What one org says: by resource, which of what any org says.
    pub(super) fn of(&self, of: &OrgPosts) -> &[(u32, u32)] {
        let start = of.start as usize;
        let posts = self.posts.get(start..start + of.count as usize);
        posts.unwrap_or_default()
    }

    #[cold]
    fn search(&self, of: &OrgPosts, resource: u32) -> Option<usize> {
        let posts = self.of(of);
        posts.binary_search_by_key(&resource, |(of, _)| *of).ok()
    }
}

/// Gathers what orgs say.
pub(super) struct OrgGatesBuilder {
    posts: Vec<(u32, u32)>,
    said: Vec<OrgGate>,
    row_of: Map<OrgGate, u32>,
}

impl OrgGatesBuilder {
    pub(super) fn new() -> Self {
        Self {
            posts: vec![(u32::MAX, 0)],
            said: vec![OrgGate::SILENT],
            row_of: [(OrgGate::SILENT, 0)].into_iter().collect(),
        }
    }

    /// Adds what one org says of each resource, and leaves the list empty.
    pub(super) fn add(&mut self, gates: &mut Vec<(u32, OrgGate)>) -> OrgPosts {
        gates.sort_unstable_by_key(|(resource, _)| *resource);
        let Self {
            posts,
            said,
            row_of,
        } = self;
        let mut of = OrgPosts {
            first: 0,
            start: position(posts.len()),
            count: position(gates.len()),
        };
        for (resource, gate) in gates.drain(..) {
            of.first |= 1_u64.checked_shl(resource).unwrap_or(0);
            let row = *row_of.entry(gate).or_insert_with(|| {
                said.push(gate);
                position(said.len() - 1)
            });
            posts.push((resource, row));
        }
        of
    }

    pub(super) fn finish(self) -> OrgGates {
        OrgGates {
            posts: self.posts.into(),
            said: self.said.into(),
        }
    }
}
