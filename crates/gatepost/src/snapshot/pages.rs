//! A list of which a changed copy shares whatever did not change.

#![allow(
    clippy::inline_always,
    reason = "measured: on the hot path a call costs as much as the look-up"
)]

use std::sync::Arc;

/// A list in two levels of reference counts: to change one of its pages copies that page and two short lists,
/// however many pages there are, and whoever reads another copy of the list notices nothing.
#[derive(Debug)]
pub(super) struct Pages<T> {
    branches: Arc<[Branch<T>]>,
}

type Branch<T> = Arc<[Arc<T>]>;

/// Pages in a branch, as a power of two. With 2¹² pages there are as many branches.
const BITS: u32 = 6;
const IN_BRANCH: usize = 1 << BITS;

impl<T> Clone for Pages<T> {
    fn clone(&self) -> Self {
        Self {
            branches: Arc::clone(&self.branches),
        }
    }
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self::new([])
    }
}

impl<T> Pages<T> {
    pub(super) fn new(pages: impl IntoIterator<Item = T>) -> Self {
        let mut branches = Vec::new();
        let mut branch = Vec::with_capacity(IN_BRANCH);
        for page in pages {
            branch.push(Arc::new(page));
            if branch.len() == IN_BRANCH {
                branches.push(branch.drain(..).collect());
            }
        }
        if !branch.is_empty() {
            branches.push(branch.into());
        }
        Self {
            branches: branches.into(),
        }
    }

    #[inline(always)]
    pub(super) fn get(&self, at: usize) -> Option<&T> {
        let branch = self.branches.get(at >> BITS)?;
        branch.get(at & (IN_BRANCH - 1)).map(|page| &**page)
    }

    /// Puts a page in the place of another; false where there is no such place.
    #[must_use]
    pub(super) fn replace(&mut self, at: usize, page: T) -> bool {
        let branch = Arc::make_mut(&mut self.branches).get_mut(at >> BITS);
        let place = branch.and_then(|branch| Arc::make_mut(branch).get_mut(at & (IN_BRANCH - 1)));
        place.map(|place| *place = Arc::new(page)).is_some()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        let branches = self.branches.iter();
        branches.flat_map(|branch| branch.iter().map(|page| &**page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_copy_leaves_what_it_was_copied_from_and_shares_the_rest() {
        let before = Pages::new(0..1000);
        let mut after = before.clone();
        assert!(after.replace(700, 7));
        assert_eq!(
            before.iter().copied().collect::<Vec<_>>(),
            (0..1000).collect::<Vec<_>>()
        );
        let changed: Vec<_> = (0..1000)
            .filter(|at| before.get(*at) != after.get(*at))
            .collect();
        assert_eq!(changed, [700]);
        assert!(std::ptr::eq(before.get(0).unwrap(), after.get(0).unwrap()));
        assert_eq!(after.get(1000), None);
        assert!(!after.replace(usize::MAX, 0));
    }
}
