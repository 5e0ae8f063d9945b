//! What an org's path says: read in one walk from the org to its root.

use super::{Asker, unread};
use crate::request::Request;
use crate::snapshot::{Cell, Floor, ModeGate, Org, OrgGate, OrgIndex, Post, Snapshot, Sought};
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
    pub(crate) active: bool,
    /// What the roles on the path say together.
    pub(super) cell: Cell,
    /// The highest level among them; 0 without any.
    pub(crate) level: i32,
    /// What the orgs on the path say together.
    pub(crate) gate: OrgGate,
}

impl OrgView {
    /// What a path of no org at all says.
    const EMPTY: Self = Self {
        member: false,
        public: true,
        active: true,
        cell: Cell::NOTHING,
        level: 0,
        gate: OrgGate::SILENT,
    };

    #[inline(always)]
    pub(super) fn read(
        facts: &Snapshot,
        asker: Asker<'_>,
        at: Sought<'_>,
        post: &Post,
        request: &Request<'_>,
    ) -> Result<Self, TimeNeeded> {
        let gate = facts.gate_of(at, post.id.resource);
        let mut view = Self::step(facts, asker, (at.index, at.org), gate, post, request)?;
        // Most orgs have no parent: one step, and no loop to set up.
        if let Some(parent) = at.org.parent {
            view = view.and(Self::above(facts, asker, parent, post, request)?);
        }
        if view.public {
            view.cell = view.cell.or(facts.anyone_cell(post));
        }
        Ok(view)
    }

    /// What one org of the path says by itself.
    #[inline(always)]
    fn step(
        facts: &Snapshot,
        asker: Asker<'_>,
        (index, org): (OrgIndex, &Org),
        gate: Option<&OrgGate>,
        post: &Post,
        request: &Request<'_>,
    ) -> Result<Self, TimeNeeded> {
        let mut view = Self::of_org(org, gate);
        if let Some(membership) = asker.known.membership(index) {
            if is_on(membership.end, request.at)? {
                view.member = true;
                (view.cell, view.level) = facts.held(membership, post);
            }
        } else if facts.looks_through() {
            let standing = unread::standing(facts, asker, (index, org), post, request)?;
            view.member = standing.member;
            (view.cell, view.level) = (standing.cell, standing.level);
        }
        Ok(view)
    }

    /// What one org of the path says of a resource, whoever asks.
    #[inline(always)]
    fn of_org(org: &Org, gate: Option<&OrgGate>) -> Self {
        Self {
            public: org.public,
            active: org.active,
            gate: *gate.unwrap_or(&OrgGate::SILENT),
            ..Self::EMPTY
        }
    }

    /// What an org's path says of a resource, whoever asks.
    pub(crate) fn of_path(facts: &Snapshot, org: OrgIndex, resource: u32) -> Self {
        let each = facts
            .path(org)
            .map(|at| Self::of_org(at.1, facts.org_gate(at, resource)));
        each.fold(Self::EMPTY, Self::and)
    }

    /// What the ancestors say together.
    #[cold]
    fn above(
        facts: &Snapshot,
        asker: Asker<'_>,
        parent: OrgIndex,
        post: &Post,
        request: &Request<'_>,
    ) -> Result<Self, TimeNeeded> {
        let mut view = Self::EMPTY;
        for org in facts.path(parent) {
            let gate = facts.org_gate(org, post.id.resource);
            view = view.and(Self::step(facts, asker, org, gate, post, request)?);
        }
        Ok(view)
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self {
            member: self.member | other.member,
            public: self.public & other.public,
            active: self.active & other.active,
            cell: self.cell.or(other.cell),
            level: self.level.max(other.level),
            gate: self.gate.and(other.gate),
        }
    }

    /// The mode's effective floor.
    pub(crate) fn floor(&self, mode: Mode, site: &ModeGate) -> Floor {
        site.effective_floor(self.gate.min_role(mode))
    }
}

/// Whether something that ends at `expires` is still on at `at`: over at that very moment.
#[inline]
pub(crate) fn is_on(expires: Option<Timestamp>, at: Option<Timestamp>) -> Result<bool, TimeNeeded> {
    match (expires, at) {
        (None, _) => Ok(true),
        (Some(expires), Some(at)) => Ok(at < expires),
        (Some(_), None) => Err(TimeNeeded),
    }
}
