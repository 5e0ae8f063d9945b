//! The resource and action of a request, and where the facts keep them.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::snapshot::Snapshot;

/// A resource and an action.
///
/// Asked again and again for the same ones, a route looks them up once a
/// policy version with [`Snapshot::resolve`](crate::Snapshot::resolve), and
/// not once a request.
///
/// ```
/// use gatepost::{PolicyText, Target};
///
/// let facts = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n").compile(1)?;
/// let target = facts.resolve(Target::new("chat", "read"));
/// assert_eq!((target.resource(), target.action()), ("chat", "read"));
/// # Ok::<(), gatepost::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    resource: &'a str,
    action: &'a str,
    hint: Option<Hint>,
}

/// Where one snapshot keeps a target. Another snapshot does not go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    pub(crate) vocabulary: u64,
    pub(crate) cell: u32,
}

impl<'a> Target<'a> {
    /// A target, not yet looked up anywhere.
    pub const fn new(resource: &'a str, action: &'a str) -> Self {
        Self {
            resource,
            action,
            hint: None,
        }
    }

    /// The resource's name.
    pub const fn resource(&self) -> &'a str {
        self.resource
    }

    /// The action's name.
    pub const fn action(&self) -> &'a str {
        self.action
    }

    pub(crate) const fn hinted(self, hint: Option<Hint>) -> Self {
        Self { hint, ..self }
    }

    /// The cell, where the hint is of this vocabulary.
    #[inline]
    pub(crate) fn cell_in(&self, vocabulary: u64) -> Option<u32> {
        self.hint
            .filter(|hint| hint.vocabulary == vocabulary)
            .map(|hint| hint.cell)
    }
}

/// A route's target, looked up once a policy version.
///
/// ```
/// use gatepost::{PolicyText, Target, TargetCache};
///
/// let cache = TargetCache::new(Target::new("chat", "read"));
/// let facts = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n").compile(1)?;
/// assert_eq!(cache.get(&facts), Target::new("chat", "read"));
/// # Ok::<(), gatepost::PolicyError>(())
/// ```
#[derive(Debug)]
pub struct TargetCache {
    target: Target<'static>,
    /// The hint in one word, so that no reader sees half of it: 40 bits of vocabulary, 24 of cell. 0 is none.
    packed: AtomicU64,
}

const CELL_BITS: u32 = 24;

impl TargetCache {
    /// A target that is yet to be looked up.
    pub const fn new(target: Target<'static>) -> Self {
        Self {
            target,
            packed: AtomicU64::new(0),
        }
    }

    /// The target, looked up in these facts.
    pub fn get(&self, facts: &Snapshot) -> Target<'static> {
        let packed = self.packed.load(Ordering::Relaxed);
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the lower 24 bits are what is wanted"
        )]
        let cell = packed as u32 & ((1 << CELL_BITS) - 1);
        let known = Hint {
            vocabulary: packed >> CELL_BITS,
            cell,
        };
        let target = self.target.hinted(Some(known));
        if facts.goes_by(&target) {
            return target;
        }
        let target = facts.resolve(self.target);
        if let Some(Hint { vocabulary, cell }) = target.hint
            && cell < 1 << CELL_BITS
            && vocabulary < 1 << (u64::BITS - CELL_BITS)
        {
            self.packed
                .store(vocabulary << CELL_BITS | u64::from(cell), Ordering::Relaxed);
        }
        target
    }
}

/// Two targets are the same by their names, wherever they were looked up.
impl PartialEq for Target<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.resource, self.action) == (other.resource, other.action)
    }
}

impl Eq for Target<'_> {}
