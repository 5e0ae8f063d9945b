//! The rows of a snapshot.

#![allow(
    clippy::inline_always,
    reason = "measured: on the hot path a call costs as much as the look-up"
)]

use super::org_posts::OrgPosts;
use crate::grant::Grant;
use crate::id::OrgId;
use crate::world::Worlds;

/// A declared resource and action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellId {
    /// The position in every table.
    pub(crate) cell: u32,
    /// The position of the resource's gates.
    pub(crate) resource: u32,
    /// Whether the site's gate governs the action.
    pub(crate) governed: bool,
}

/// What a role set says of one resource and action, in each world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Cell(u32);

impl Cell {
    /// Nothing is granted and nothing denied.
    pub(crate) const NOTHING: Self = Self(0);
    /// Everything is denied.
    pub(crate) const DENIED: Self = Self(Worlds::ALL.bits() << Worlds::WIDTH);

    #[inline]
    pub(crate) fn allowed(self) -> Worlds {
        Worlds::from_bits(self.0)
    }

    #[inline]
    pub(crate) fn denied(self) -> Worlds {
        Worlds::from_bits(self.0 >> Worlds::WIDTH)
    }

    #[inline]
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Granted in these worlds, denied in none.
    pub(crate) fn allowing(worlds: Worlds) -> Self {
        Self(worlds.bits())
    }

    pub(crate) fn add(&mut self, grant: &Grant<'_>) {
        let bits = grant.worlds().bits();
        self.0 |= if grant.denies() {
            bits << Worlds::WIDTH
        } else {
            bits
        };
    }
}

/// One [`Cell`] for each declared resource and action.
pub(super) type Table = Box<[Cell]>;

/// Where a [`Table`] begins among all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TableIndex(pub(super) u32);

/// The position of an org.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct OrgIndex(pub(super) u32);

/// As many rows as a shard of orgs can have, as a power of two.
const ROWS: u32 = 12;

impl OrgIndex {
    /// The position of a row in a shard; none where there can be no such row.
    #[inline]
    pub(super) fn of(shard: usize, row: usize) -> Option<Self> {
        let is_in = row < 1 << ROWS && shard < 1 << (u32::BITS - ROWS);
        #[allow(clippy::cast_possible_truncation, reason = "both are looked at")]
        is_in.then_some(Self((shard << ROWS | row) as u32))
    }

    /// The position of a row that is there.
    #[inline(always)]
    pub(super) fn at(shard: usize, row: usize) -> Self {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "no row was put where `of` does not reach"
        )]
        Self((shard << ROWS | row) as u32)
    }

    #[inline]
    pub(super) fn shard(self) -> usize {
        (self.0 >> ROWS) as usize
    }

    #[inline]
    pub(super) fn row(self) -> usize {
        (self.0 & ((1 << ROWS) - 1)) as usize
    }
}

/// The position of an org role, the site's and the orgs' own in one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RoleIndex(pub(super) u32);

/// The position of a set of org roles that some membership holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RoleSetIndex(pub(super) u32);

/// The position of a set of site roles that some subject holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SiteRoleSetIndex(pub(super) u32);

/// A role of the site.
#[derive(Clone, Debug)]
pub(crate) struct SiteRole {
    pub(crate) name: Box<str>,
    pub(crate) grants: Box<[Box<str>]>,
    pub(crate) all_orgs: bool,
}

/// Site roles that one subject holds, united.
#[derive(Clone, Debug)]
pub(crate) struct SiteRoleSet {
    pub(crate) roles: Box<[u32]>,
    pub(crate) table: TableIndex,
    /// What the roles with `all_orgs` among them say.
    pub(crate) all_orgs: TableIndex,
}

/// A role of `org_roles`, or an org's own.
#[derive(Clone, Debug)]
pub(crate) struct OrgRole {
    pub(crate) name: Box<str>,
    pub(crate) level: i32,
    /// Its own grants and, behind them, those it includes.
    pub(crate) grants: Box<[Box<str>]>,
    pub(crate) table: TableIndex,
    /// The org that it is an own role of.
    pub(crate) org: Option<OrgIndex>,
}

/// Org roles that one membership holds, united.
#[derive(Clone, Debug)]
pub(crate) struct RoleSet {
    pub(crate) roles: Box<[RoleIndex]>,
    pub(crate) table: TableIndex,
    /// The highest level among them; 0 without any.
    pub(crate) level: i32,
}

/// An org.
#[derive(Clone, Debug)]
pub(crate) struct Org {
    pub(crate) id: OrgId,
    pub(crate) parent: Option<OrgIndex>,
    pub(crate) active: bool,
    pub(crate) public: bool,
    pub(super) posts: OrgPosts,
}
