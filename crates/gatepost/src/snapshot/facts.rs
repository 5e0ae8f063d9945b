//! The rows of a snapshot.

use crate::grant::Grant;
use crate::id::{OrgId, SubjectId};
use crate::snapshot::Map;
use crate::time::Timestamp;
use crate::vocabulary::{Access, Kind, Mode, OrgSwitch, SiteSwitch, Status};
use crate::world::Worlds;

/// A declared resource and action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellId {
    /// The position in every role set's table.
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
    pub(crate) fn allowed(self) -> Worlds {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the lower nine bits are what is wanted"
        )]
        Worlds::from_bits(self.0 as u16)
    }

    pub(crate) fn denied(self) -> Worlds {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the next nine bits are what is wanted"
        )]
        Worlds::from_bits((self.0 >> Worlds::WIDTH) as u16)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn add(&mut self, grant: &Grant<'_>) {
        let bits = u32::from(grant.worlds().bits());
        self.0 |= if grant.denies() {
            bits << Worlds::WIDTH
        } else {
            bits
        };
    }
}

/// One [`Cell`] for each declared resource and action; equal tables are kept once.
pub(super) type Table = Box<[Cell]>;

/// The position of a [`Table`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TableIndex(pub(super) u32);

/// The position of an org.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct OrgIndex(pub(super) u32);

/// The position of an org role, the site's and the orgs' own in one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RoleIndex(pub(super) u32);

/// The position of a set of org roles that some membership holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RoleSetIndex(pub(super) u32);

/// The position of a set of site roles that some subject holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SiteRoleSetIndex(pub(super) u32);

/// The site's gate of one resource.
#[derive(Clone, Debug)]
pub(crate) struct SiteGate {
    pub(crate) switch: SiteSwitch,
    pub(crate) access: Access,
    foreground: ModeGate,
    background: ModeGate,
}

impl SiteGate {
    pub(super) fn new(
        switch: SiteSwitch,
        access: Access,
        foreground: ModeGate,
        background: ModeGate,
    ) -> Self {
        Self {
            switch,
            access,
            foreground,
            background,
        }
    }

    pub(crate) fn mode(&self, mode: Mode) -> &ModeGate {
        match mode {
            Mode::Foreground => &self.foreground,
            Mode::Background => &self.background,
        }
    }
}

/// One mode of a site's gate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModeGate {
    pub(crate) switch: SiteSwitch,
    pub(crate) floor: Floor,
    pub(crate) default: Floor,
}

/// A role of `org_roles` as a floor, or `everyone`: no role and level 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Floor {
    pub(crate) level: i32,
    pub(crate) role: Option<RoleIndex>,
}

impl Floor {
    pub(crate) const EVERYONE: Self = Self {
        level: 0,
        role: None,
    };

    /// The higher of the two; of equal ones the first.
    pub(crate) fn max(self, other: Self) -> Self {
        if other.level > self.level {
            other
        } else {
            self
        }
    }
}

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
    pub(crate) all_orgs: Option<TableIndex>,
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
    /// The highest level among them, where there is any.
    pub(crate) level: Option<i32>,
}

/// An org.
#[derive(Clone, Debug)]
pub(crate) struct Org {
    pub(crate) id: OrgId,
    pub(crate) parent: Option<OrgIndex>,
    pub(crate) active: bool,
    pub(crate) public: bool,
    /// Sorted by resource.
    pub(super) gates: Box<[(u32, OrgGate)]>,
}

impl Org {
    /// What the org itself says of a resource.
    pub(crate) fn gate(&self, resource: u32) -> Option<&OrgGate> {
        let at = self
            .gates
            .binary_search_by_key(&resource, |(of, _)| *of)
            .ok()?;
        self.gates.get(at).map(|(_, gate)| gate)
    }
}

/// What an org itself says at its post of one gate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OrgGate {
    pub(crate) switch: Option<OrgSwitch>,
    pub(super) foreground: OrgModeGate,
    pub(super) background: OrgModeGate,
}

impl OrgGate {
    pub(crate) fn mode(&self, mode: Mode) -> &OrgModeGate {
        match mode {
            Mode::Foreground => &self.foreground,
            Mode::Background => &self.background,
        }
    }
}

/// What an org itself says of one mode.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OrgModeGate {
    pub(crate) switch: Option<OrgSwitch>,
    pub(crate) min_role: Option<Floor>,
}

/// A subject that the policy knows of.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) id: SubjectId,
    pub(crate) status: Status,
    /// What the policy says, where it names the subject.
    pub(crate) kind: Option<Kind>,
    pub(crate) site_roles: SiteRoleSetIndex,
    pub(crate) default_org: Option<OrgIndex>,
    pub(super) memberships: Memberships,
}

/// A subject's roles in one org.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Membership {
    pub(crate) org: OrgIndex,
    pub(crate) roles: RoleSetIndex,
    pub(crate) expires: Option<Timestamp>,
}

/// Few are looked through, many are looked up: either way the count does not tell.
#[derive(Clone, Debug)]
pub(super) enum Memberships {
    Few(Box<[Membership]>),
    Many(Box<Map<OrgIndex, Membership>>),
}

const FEW: usize = 16;

impl Memberships {
    pub(super) fn new(list: Vec<Membership>) -> Self {
        if list.len() <= FEW {
            Self::Few(list.into())
        } else {
            Self::Many(Box::new(
                list.into_iter()
                    .map(|membership| (membership.org, membership))
                    .collect(),
            ))
        }
    }

    pub(super) fn get(&self, org: OrgIndex) -> Option<&Membership> {
        match self {
            Self::Few(list) => list.iter().find(|membership| membership.org == org),
            Self::Many(map) => map.get(&org),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Membership> {
        let (few, many) = match self {
            Self::Few(list) => (Some(list.iter()), None),
            Self::Many(map) => (None, Some(map.values())),
        };
        few.into_iter().flatten().chain(many.into_iter().flatten())
    }
}
