//! What somebody holds in an org, and what a change would give beyond it.
//!
//! Nothing here decides a request. It is what a change of policy is measured
//! by: in an org nobody gives a grant or a level beyond what he holds there
//! himself.

use std::collections::BTreeMap;
use std::fmt;

use crate::id::{OrgId, SubjectId};
use crate::snapshot::{Cell, OrgIndex, OrgRole, Post, Snapshot};
use crate::target::Target;
use crate::time::Timestamp;
use crate::world::{Ownership, Worlds};

/// A declared resource and one of its actions.
type Pair = (Box<str>, Box<str>);

/// What roles in an org say together: the grants, the denies and the level.
///
/// ```
/// use gatepost::{Excess, OrgId, PolicyText, SubjectId, Timestamp};
///
/// let facts = PolicyText::toml(r#"
/// version = 1
/// [resources]
/// chat = ["read", "delete"]
/// [org_roles.guest]
/// level = 10
/// grants = ["chat:read"]
/// [org_roles.owner]
/// level = 50
/// grants = ["chat:*"]
/// [orgs.acme.members.alice]
/// roles = ["guest"]
/// "#).compile(1)?;
/// let (alice, acme) = (SubjectId::new("alice")?, OrgId::new("acme")?);
/// let hers = facts.holding(&alice, &acme, Timestamp::now());
/// assert_eq!(hers.level(), 10);
///
/// // To give somebody the role of an owner is to give what she does not hold.
/// let given = facts.meaning_of_role(&acme, "owner").gain_over(&Default::default());
/// let excess = hers.exceeded_by(&given);
/// assert_eq!(excess, Some(Excess::Grant { resource: "chat".into(), action: "delete".into() }));
/// // What she holds she may give.
/// let given = facts.meaning_of_role(&acme, "guest").gain_over(&Default::default());
/// assert_eq!(hers.exceeded_by(&given), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// Those of which anything is said.
    cells: BTreeMap<Pair, Cell>,
    level: i32,
}

/// What one [`Holding`] has and an earlier one had not: grants, denies that are lifted, a higher level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gain {
    worlds: BTreeMap<Pair, Worlds>,
    /// The level reached, where it is a higher one.
    level: Option<i32>,
}

/// The first thing in a [`Gain`] that goes beyond a [`Holding`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Excess {
    /// A grant, in some mode or on somebody's objects; or a deny of it that is lifted.
    Grant {
        /// The resource.
        resource: String,
        /// The action.
        action: String,
    },
    /// A level.
    Level(i32),
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grant { resource, action } => write!(f, "`{resource}:{action}`"),
            Self::Level(level) => write!(f, "level {level}"),
        }
    }
}

impl Snapshot {
    /// What the subject's memberships on the org's path, those that are not over at `at`, hold together.
    ///
    /// Neither `anyone`, which everybody has in a public org, nor a site role is held in an org. In an org
    /// that is not there nothing is held.
    pub fn holding(&self, subject: &SubjectId, org: &OrgId, at: Timestamp) -> Holding {
        let Some(org) = self.org_index(org) else {
            return Holding::default();
        };
        let mut holding = Holding::default();
        for (org, _) in self.path(org) {
            holding.add(&self.membership_holding(subject, org, at));
        }
        holding
    }

    /// What the subject's membership in exactly this org holds, without those in its ancestors; nothing where
    /// it is over at `at`.
    pub fn direct_holding(&self, subject: &SubjectId, org: &OrgId, at: Timestamp) -> Holding {
        match self.org_index(org) {
            Some(org) => self.membership_holding(subject, org, at),
            None => Holding::default(),
        }
    }

    /// What a name that a membership in this org holds means: the role of `org_roles`, else the org's own, else
    /// that of its nearest ancestor. One that nothing defines means nothing, and `anyone` does not either.
    pub fn meaning_of_role(&self, org: &OrgId, name: &str) -> Holding {
        let Some(role) = self.named_role(org, name) else {
            return Holding::default();
        };
        self.gather(role.level, |post| self.role_cell(role, post))
    }

    /// Whether a name that a membership in this org holds is the name of any role.
    pub fn defines_role(&self, org: &OrgId, name: &str) -> bool {
        self.named_role(org, name).is_some()
    }

    /// Whether a site role with `all_orgs` grants the subject this action in every org, whoever owns the object.
    ///
    /// It is no decision: a site role may deny the same.
    pub fn reaches_all_orgs(&self, subject: &SubjectId, resource: &str, action: &str) -> bool {
        let Some(post) = self.post(&Target::new(resource, action)) else {
            return false;
        };
        let (_, all_orgs) = self.site_cells(self.subject_or_stranger(subject), post);
        let asked = Worlds::of_mode(None).and(Worlds::of_ownership(Ownership::Unknown));
        !all_orgs.allowed().and(asked).is_empty()
    }

    fn membership_holding(&self, subject: &SubjectId, org: OrgIndex, at: Timestamp) -> Holding {
        let membership = self.subject_or_stranger(subject).membership(org);
        let held = membership.filter(|membership| membership.is_current(at));
        let Some(membership) = held else {
            return Holding::default();
        };
        let mut level = 0;
        let mut holding = self.gather(0, |post| {
            let (cell, of_set) = self.held(membership, post);
            level = of_set;
            cell
        });
        holding.level = level;
        holding
    }

    fn gather(&self, level: i32, mut cell: impl FnMut(&Post) -> Cell) -> Holding {
        let said = self.actions().filter_map(|(resource, action)| {
            let cell = cell(self.post(&Target::new(resource, action))?);
            (cell != Cell::NOTHING).then(|| ((resource.into(), action.into()), cell))
        });
        Holding {
            cells: said.collect(),
            level,
        }
    }

    /// As [`meaning_of_role`](Self::meaning_of_role) says.
    fn named_role(&self, org: &OrgId, name: &str) -> Option<&OrgRole> {
        let named = |org| move |role: &&OrgRole| role.org == org && *role.name == *name;
        if (self.anyone()).is_some_and(|anyone| *anyone.name == *name) {
            return None;
        }
        if let Some(role) = self.org_roles().find(named(None)) {
            return Some(role);
        }
        let mut path = self.path(self.org_index(org)?);
        path.find_map(|(org, _)| self.org_roles().find(named(Some(org))))
    }
}

impl Holding {
    /// The highest level among the roles; 0 without any.
    pub fn level(&self) -> i32 {
        self.level
    }

    /// Whether the action is granted and not denied, at least in some mode or on the holder's own objects.
    pub fn grants(&self, resource: &str, action: &str) -> bool {
        let pair = (resource.into(), action.into());
        !self.effective(&pair).is_empty()
    }

    /// What both hold: nobody lends the other anything.
    #[must_use]
    pub fn both(&self, other: &Self) -> Self {
        let common = self.cells.keys().map(|pair| {
            let worlds = self.effective(pair).and(other.effective(pair));
            (pair.clone(), Cell::allowing(worlds))
        });
        Self {
            cells: common.collect(),
            level: self.level.min(other.level),
        }
    }

    /// What this has and `before` had not.
    ///
    /// A grant counts though it is denied, and a deny that is lifted though nothing grants the same: the other
    /// half may stand in another org of the path, be over tomorrow, or come later.
    pub fn gain_over(&self, before: &Self) -> Gain {
        let mut worlds = BTreeMap::new();
        for pair in self.cells.keys().chain(before.cells.keys()) {
            let (now, then) = (self.cell(pair), before.cell(pair));
            let granted = now.allowed().and(then.allowed().not());
            let lifted = then.denied().and(now.denied().not());
            let gained = granted.or(lifted);
            if !gained.is_empty() {
                worlds.insert(pair.clone(), gained);
            }
        }
        Gain {
            worlds,
            level: (self.level > before.level).then_some(self.level),
        }
    }

    /// What of a gain is granted to nobody by this holding, or denied by it, or is a higher level.
    pub fn exceeded_by(&self, gain: &Gain) -> Option<Excess> {
        let beyond =
            |(pair, gained): &(&Pair, &Worlds)| !gained.and(self.effective(pair).not()).is_empty();
        if let Some(((resource, action), _)) = gain.worlds.iter().find(beyond) {
            return Some(Excess::Grant {
                resource: resource.to_string(),
                action: action.to_string(),
            });
        }
        let level = gain.level.filter(|level| *level > self.level)?;
        Some(Excess::Level(level))
    }

    fn add(&mut self, other: &Self) {
        for (pair, cell) in &other.cells {
            let mine = self.cells.entry(pair.clone()).or_default();
            *mine = mine.or(*cell);
        }
        self.level = self.level.max(other.level);
    }

    fn cell(&self, pair: &Pair) -> Cell {
        self.cells.get(pair).copied().unwrap_or(Cell::NOTHING)
    }

    /// Granted and not denied.
    fn effective(&self, pair: &Pair) -> Worlds {
        let cell = self.cell(pair);
        cell.allowed().and(cell.denied().not())
    }
}

impl Gain {
    /// Whether nothing is gained.
    pub fn is_nothing(&self) -> bool {
        self.worlds.is_empty() && self.level.is_none()
    }
}

#[cfg(test)]
mod tests;
