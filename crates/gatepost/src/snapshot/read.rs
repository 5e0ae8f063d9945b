//! Looking facts up. Nothing here decides.

use super::facts::{RoleSetIndex, SiteRoleSetIndex};
use super::{
    Cell, CellId, Membership, Org, OrgIndex, OrgRole, RoleIndex, RoleSet, SiteGate, SiteRole,
    SiteRoleSet, Snapshot, Subject,
};
use crate::id::{OrgId, SubjectId};
use crate::target::{Hint, Target};

impl Snapshot {
    /// The policy version that these facts are of.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether the resource is declared with that action.
    pub fn declares(&self, resource: &str, action: &str) -> bool {
        self.cell(&Target::new(resource, action)).is_some()
    }

    /// Every declared resource with each of its actions, the console's own last.
    pub fn actions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.cell_names
            .iter()
            .map(|(resource, action)| (&**resource, &**action))
    }

    /// Every org.
    pub fn orgs(&self) -> impl Iterator<Item = &OrgId> {
        self.orgs.iter().map(|org| &org.id)
    }

    /// Every subject that the policy names or that is a member somewhere.
    pub fn subjects(&self) -> impl Iterator<Item = &SubjectId> {
        self.subjects.iter().map(|subject| &subject.id)
    }

    /// Looks a target up, so that asking these facts for it again need not.
    pub fn resolve<'a>(&self, target: Target<'a>) -> Target<'a> {
        let cell = self.cell(&target).map(|cell| cell.cell);
        target.hinted(cell.map(|cell| Hint {
            vocabulary: self.vocabulary,
            cell,
        }))
    }

    /// Whether the target was looked up here.
    pub(crate) fn goes_by(&self, target: &Target<'_>) -> bool {
        target.cell_in(self.vocabulary).is_some()
    }

    #[inline]
    pub(crate) fn cell(&self, target: &Target<'_>) -> Option<CellId> {
        let cell = match target.cell_in(self.vocabulary) {
            Some(cell) => cell,
            None => *self.cells.get(target.resource())?.get(target.action())?,
        };
        self.cell_ids.get(cell as usize).copied()
    }

    #[inline]
    pub(crate) fn site_gate(&self, resource: u32) -> Option<&SiteGate> {
        self.site_gates.get(resource as usize)
    }

    #[inline]
    /// Whether the resource is declared, with whatever actions.
    pub(crate) fn declares_resource(&self, resource: &str) -> bool {
        self.cells.contains_key(resource)
    }

    /// The site's gate of a resource by its name.
    pub(crate) fn gate_of_resource(&self, resource: &str) -> Option<&SiteGate> {
        let row = self
            .resource_names
            .iter()
            .position(|name| **name == *resource)?;
        self.site_gates.get(row)
    }

    pub(crate) fn site_role(&self, role: u32) -> Option<&SiteRole> {
        self.site_roles.get(role as usize)
    }

    pub(crate) fn site_roles(&self) -> impl Iterator<Item = &SiteRole> {
        self.site_roles.iter()
    }

    pub(crate) fn subject(&self, id: &SubjectId) -> Option<&Subject> {
        let index = *self.subject_index.get(id)?;
        self.subjects.get(index as usize)
    }

    #[inline]
    pub(crate) fn org_index(&self, id: &OrgId) -> Option<OrgIndex> {
        self.org_index.get(id).copied()
    }

    #[inline]
    pub(crate) fn org(&self, index: OrgIndex) -> Option<&Org> {
        self.orgs.get(index.0 as usize)
    }

    /// The org itself, then each ancestor up to the root.
    #[inline]
    pub(crate) fn path(&self, from: OrgIndex) -> impl Iterator<Item = (OrgIndex, &Org)> {
        let mut next = Some(from);
        std::iter::from_fn(move || {
            let index = next?;
            let org = self.org(index)?;
            next = org.parent;
            Some((index, org))
        })
    }

    #[inline]
    pub(crate) fn site_role_set(&self, index: SiteRoleSetIndex) -> Option<&SiteRoleSet> {
        self.site_role_sets.get(index.0 as usize)
    }

    /// What the subject's site roles say of a cell, and what those of them with `all_orgs` say.
    #[inline]
    pub(crate) fn site_cells(&self, subject: &Subject, cell: u32) -> (Cell, Cell) {
        let Some(set) = self.site_role_set(subject.site_roles) else {
            return (Cell::default(), Cell::default());
        };
        let all_orgs = set
            .all_orgs
            .map_or(Cell::default(), |table| self.table_cell(table, cell));
        (self.table_cell(set.table, cell), all_orgs)
    }

    #[inline]
    pub(crate) fn role_set(&self, index: RoleSetIndex) -> Option<&RoleSet> {
        self.role_sets.get(index.0 as usize)
    }

    #[inline]
    pub(crate) fn role_set_cell(&self, set: &RoleSet, cell: u32) -> Cell {
        self.table_cell(set.table, cell)
    }

    /// The role that everybody has in a public org, where it is defined.
    pub(crate) fn anyone(&self) -> Option<&OrgRole> {
        self.anyone.and_then(|index| self.org_role(index))
    }

    /// What `anyone` says of a cell.
    pub(crate) fn anyone_cell(&self, cell: u32) -> Cell {
        self.anyone()
            .map_or(Cell::default(), |role| self.table_cell(role.table, cell))
    }

    pub(crate) fn org_roles(&self) -> impl Iterator<Item = &OrgRole> {
        self.org_roles.iter()
    }

    pub(crate) fn org_role(&self, index: RoleIndex) -> Option<&OrgRole> {
        self.org_roles.get(index.0 as usize)
    }

    pub(crate) fn role_name(&self, index: Option<RoleIndex>) -> &str {
        index
            .and_then(|index| self.org_role(index))
            .map_or("everyone", |role| &role.name)
    }

    #[inline]
    fn table_cell(&self, table: super::TableIndex, cell: u32) -> Cell {
        let at = table.0 as usize * self.cell_names.len() + cell as usize;
        self.tables.get(at).copied().unwrap_or_default()
    }
}

impl Subject {
    /// The subject's own membership in exactly this org, expired or not.
    pub(crate) fn membership(&self, org: OrgIndex) -> Option<&Membership> {
        self.memberships.get(org)
    }

    pub(crate) fn memberships(&self) -> impl Iterator<Item = &Membership> {
        self.memberships.iter()
    }
}
