//! Where it stands what an org says at its posts: most say little.

use super::compile::position;

/// Where that is kept which one org says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OrgPosts {
    /// A bit for each of the first 64 resources: how many bits stand below one is where its gate is.
    first: u64,
    start: u32,
    count: u32,
}

impl OrgPosts {
    /// What is said, sorted by resource, and where that begins among what all orgs of the shard say.
    pub(super) fn new(start: usize, said: &[(u32, u32)]) -> Self {
        let bits = said
            .iter()
            .map(|(of, _)| 1_u64.checked_shl(*of).unwrap_or(0));
        Self {
            first: bits.fold(0, |all, bit| all | bit),
            start: position(start),
            count: position(said.len()),
        }
    }

    pub(super) fn start(&self) -> usize {
        self.start as usize
    }

    pub(super) fn count(&self) -> usize {
        self.count as usize
    }

    /// Whether anything may be said of a resource.
    #[inline]
    pub(super) fn may_say(&self, resource: u32) -> bool {
        match 1_u64.checked_shl(resource) {
            Some(bit) => self.first & bit != 0,
            None => self.count > 0,
        }
    }

    /// Where it stands what is said of a resource; none where that is to be searched for.
    #[inline]
    pub(super) fn place(&self, resource: u32) -> Option<usize> {
        let bit = 1_u64.checked_shl(resource)?;
        Some(self.start() + (self.first & (bit - 1)).count_ones() as usize)
    }
}
