//! What an org's path says: read in one walk from the org to its root.

use crate::snapshot::{Cell, CellId, Floor, ModeGate, OrgGate, OrgIndex, Snapshot, Subject};
use crate::time::Timestamp;
use crate::vocabulary::Mode;

/// A membership can expire, and the moment of the request is not known yet.
pub(crate) struct TimeNeeded;

/// An org's path, seen by one asker, for one resource and action.
#[derive(Clone, Copy)]
pub(crate) struct OrgView {
    /// Whether an unexpired membership stands anywhere on the path.
    pub(super) member: bool,
    /// Whether the org and every ancestor are public.
    pub(crate) public: bool,
    /// Whether the org and every ancestor are active.
    pub(super) active: bool,
    /// What the roles on the path say together.
    pub(super) cell: Cell,
    /// The highest level among them; 0 without any.
    pub(crate) level: i32,
    /// What the orgs on the path say together.
    pub(super) gate: OrgGate,
}

impl OrgView {
    #[inline]
    pub(super) fn read(
        facts: &Snapshot,
        asker: Option<&Subject>,
        org: OrgIndex,
        cell: CellId,
        at: Option<Timestamp>,
    ) -> Result<Self, TimeNeeded> {
        let mut view = Self {
            member: false,
            public: true,
            active: true,
            cell: Cell::default(),
            level: 0,
            gate: OrgGate::SILENT,
        };
        for (index, org) in facts.path(org) {
            view.public &= org.public;
            view.active &= org.active;
            if let Some(gate) = org.gate(cell.resource) {
                view.gate = view.gate.and(*gate);
            }
            let Some(membership) = asker.and_then(|asker| asker.membership(index)) else {
                continue;
            };
            if is_on(membership.expires, at)? {
                view.member = true;
                if let Some(set) = facts.role_set(membership.roles) {
                    view.cell = view.cell.or(facts.role_set_cell(set, cell.cell));
                    view.level = view.level.max(set.level);
                }
            }
        }
        if view.public {
            view.cell = view.cell.or(facts.anyone_cell(cell.cell));
        }
        Ok(view)
    }

    /// The mode's effective floor: the higher of the site's and the path's, or the site's default where the path is silent.
    #[inline]
    pub(crate) fn floor(&self, mode: Mode, site: &ModeGate) -> Floor {
        site.floor.max(self.gate.min_role(mode).or(site.default))
    }
}

/// Whether something that ends at `expires` is still on at `at`: over at that very moment.
pub(crate) fn is_on(expires: Option<Timestamp>, at: Option<Timestamp>) -> Result<bool, TimeNeeded> {
    match (expires, at) {
        (None, _) => Ok(true),
        (Some(expires), Some(at)) => Ok(at < expires),
        (Some(_), None) => Err(TimeNeeded),
    }
}
