//! The rows of a snapshot.

use crate::grant::Grant;
use crate::id::{OrgId, SubjectId};
use crate::snapshot::Map;
use crate::time::Timestamp;
use crate::vocabulary::{Access, Kind, Mode, Said, SiteSwitch, Status};
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
        Worlds::from_bits(self.0)
    }

    pub(crate) fn denied(self) -> Worlds {
        Worlds::from_bits(self.0 >> Worlds::WIDTH)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
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

/// The position of a [`Table`] among all of them.
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
///
/// Level and role in one integer, so that the higher of two floors is the greater number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Floor(i64);

impl Floor {
    pub(crate) const EVERYONE: Self = Self(0);
    /// No floor is set; below every floor.
    pub(crate) const UNSET: Self = Self(-1);

    /// A role of this level, which is not negative.
    pub(super) fn of_role(role: RoleIndex, level: i32) -> Self {
        Self(i64::from(level) << 32 | (i64::from(role.0) + 1))
    }

    pub(crate) fn level(self) -> i32 {
        #[allow(clippy::cast_possible_truncation, reason = "the upper half is 32 bits")]
        {
            (self.0 >> 32) as i32
        }
    }

    /// The role; `everyone` is none.
    pub(crate) fn role(self) -> Option<RoleIndex> {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the lower half is 32 bits"
        )]
        let role = self.0 as u32;
        role.checked_sub(1).map(RoleIndex)
    }

    /// This floor, or another where it is not set.
    pub(crate) fn or(self, other: Self) -> Self {
        if self == Self::UNSET { other } else { self }
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
    gates: OrgGates,
}

impl Org {
    pub(super) fn new(
        id: OrgId,
        parent: Option<OrgIndex>,
        active: bool,
        public: bool,
        gates: Vec<(u32, OrgGate)>,
    ) -> Self {
        Self {
            id,
            parent,
            active,
            public,
            gates: OrgGates::new(gates),
        }
    }

    /// What the org itself says of a resource.
    pub(crate) fn gate(&self, resource: u32) -> Option<&OrgGate> {
        self.gates.get(resource)
    }
}

/// The gates that an org says something of, by resource.
#[derive(Clone, Debug)]
struct OrgGates {
    /// A bit for each of the first 64 resources: how many bits stand below one is where its gate is.
    first: u64,
    /// Sorted by resource.
    gates: Box<[(u32, OrgGate)]>,
}

impl OrgGates {
    fn new(mut gates: Vec<(u32, OrgGate)>) -> Self {
        gates.sort_unstable_by_key(|(resource, _)| *resource);
        let first = gates
            .iter()
            .filter_map(|(resource, _)| 1_u64.checked_shl(*resource))
            .fold(0, |all, bit| all | bit);
        Self {
            first,
            gates: gates.into(),
        }
    }

    fn get(&self, resource: u32) -> Option<&OrgGate> {
        let at = match 1_u64.checked_shl(resource) {
            Some(bit) if self.first & bit == 0 => return None,
            Some(bit) => (self.first & (bit - 1)).count_ones() as usize,
            None => self
                .gates
                .binary_search_by_key(&resource, |(of, _)| *of)
                .ok()?,
        };
        self.gates.get(at).map(|(_, gate)| gate)
    }
}

/// What an org itself says at its post of one gate, or what a whole path says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrgGate {
    /// Two bits each: what is said of the resource's switch, of foreground's, of background's.
    said: u8,
    foreground: Floor,
    background: Floor,
}

const SAID_OF_FOREGROUND: u8 = 2;
const SAID_OF_BACKGROUND: u8 = 4;

impl OrgGate {
    /// Nothing is said.
    pub(crate) const SILENT: Self = Self {
        said: 0,
        foreground: Floor::UNSET,
        background: Floor::UNSET,
    };

    pub(super) fn new(switch: Said, foreground: (Said, Floor), background: (Said, Floor)) -> Self {
        let said = switch.bits()
            | foreground.0.bits() << SAID_OF_FOREGROUND
            | background.0.bits() << SAID_OF_BACKGROUND;
        Self {
            said,
            foreground: foreground.1,
            background: background.1,
        }
    }

    /// What this and another org on the path say together: every word is kept, the higher floor holds.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            said: self.said | other.said,
            foreground: self.foreground.max(other.foreground),
            background: self.background.max(other.background),
        }
    }

    /// What is said of the resource's switch.
    pub(crate) fn switch(&self) -> Said {
        Said::from_bits(self.said)
    }

    /// What is said of a mode's switch.
    pub(crate) fn mode_switch(&self, mode: Mode) -> Said {
        Said::from_bits(match mode {
            Mode::Foreground => self.said >> SAID_OF_FOREGROUND,
            Mode::Background => self.said >> SAID_OF_BACKGROUND,
        })
    }

    /// The lowest role that may run a mode, or [`Floor::UNSET`].
    pub(crate) fn min_role(&self, mode: Mode) -> Floor {
        match mode {
            Mode::Foreground => self.foreground,
            Mode::Background => self.background,
        }
    }
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
