//! The resource and action of a request, and where the facts keep them.

use std::num::NonZeroU64;
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
///
/// In one word, 40 bits of vocabulary and 24 of cell: no reader sees half of it, and none has to wait for
/// two writes to be one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hint(NonZeroU64);

const CELL_BITS: u32 = 24;

impl Hint {
    /// `None` of numbers that have no room: such a target is looked up each time. No vocabulary is 0.
    pub(crate) fn new(vocabulary: u64, cell: u32) -> Option<Self> {
        let has_room = cell < 1 << CELL_BITS && vocabulary < 1 << (u64::BITS - CELL_BITS);
        let packed = NonZeroU64::new(vocabulary << CELL_BITS | u64::from(cell));
        packed.filter(|_| has_room).map(Self)
    }

    #[inline]
    pub(crate) const fn vocabulary(self) -> u64 {
        self.0.get() >> CELL_BITS
    }

    #[inline]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the lower 24 bits are what is wanted"
    )]
    const fn cell(self) -> u32 {
        self.0.get() as u32 & ((1 << CELL_BITS) - 1)
    }
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
    #[inline]
    pub const fn resource(&self) -> &'a str {
        self.resource
    }

    /// The action's name.
    #[inline]
    pub const fn action(&self) -> &'a str {
        self.action
    }

    #[inline]
    pub(crate) const fn hinted(self, hint: Option<Hint>) -> Self {
        Self { hint, ..self }
    }

    /// The cell, where the hint is of this vocabulary.
    #[inline]
    pub(crate) fn cell_in(&self, vocabulary: u64) -> Option<u32> {
        self.hint
            .filter(|hint| hint.vocabulary() == vocabulary)
            .map(Hint::cell)
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
    /// The hint; 0 is none.
    packed: AtomicU64,
}

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
        self.target.hinted(self.hint(facts))
    }

    /// The target, not looked up.
    #[inline]
    pub(crate) const fn target(&self) -> Target<'static> {
        self.target
    }

    /// Where these facts keep the target.
    #[inline]
    pub(crate) fn hint(&self, facts: &Snapshot) -> Option<Hint> {
        let known = NonZeroU64::new(self.packed.load(Ordering::Relaxed)).map(Hint);
        match known {
            Some(hint) if facts.goes_by(hint) => known,
            _ => self.look_up(facts),
        }
    }

    #[cold]
    fn look_up(&self, facts: &Snapshot) -> Option<Hint> {
        let found = facts.resolve(self.target).hint;
        if let Some(Hint(packed)) = found {
            self.packed.store(packed.get(), Ordering::Relaxed);
        }
        found
    }
}

/// Two targets are the same by their names, wherever they were looked up.
impl PartialEq for Target<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.resource, self.action) == (other.resource, other.action)
    }
}

impl Eq for Target<'_> {}
