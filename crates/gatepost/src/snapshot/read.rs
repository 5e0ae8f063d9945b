//! Looking facts up. Nothing here decides.

#![allow(
    clippy::inline_always,
    reason = "measured: on the hot path a call costs as much as the look-up"
)]

use super::facts::{RoleSetIndex, SiteRoleSetIndex};
use super::{
    Cell, CellId, Membership, Org, OrgGate, OrgIndex, OrgRole, Post, RoleIndex, RoleSet, SiteGate,
    SiteRole, SiteRoleSet, Snapshot, Subject, TableIndex,
};
use crate::id::{OrgId, SubjectId};
use crate::target::{Hint, Target};
use crate::time::Timestamp;

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
        self.subjects.iter().map(|known| &known.id)
    }

    /// Looks a target up, so that asking these facts for it again need not.
    pub fn resolve<'a>(&self, target: Target<'a>) -> Target<'a> {
        let cell = self.cell(&target).map(|cell| cell.cell);
        target.hinted(cell.and_then(|cell| Hint::new(self.vocabulary, cell)))
    }

    /// Whether a target was looked up here.
    #[inline]
    pub(crate) fn goes_by(&self, hint: Hint) -> bool {
        hint.vocabulary() == self.vocabulary
    }

    pub(crate) fn cell(&self, target: &Target<'_>) -> Option<CellId> {
        self.post(target).map(|post| post.id)
    }

    /// The site's post of a declared resource and action.
    #[inline]
    pub(crate) fn post(&self, target: &Target<'_>) -> Option<&Post> {
        let cell = match target.cell_in(self.vocabulary) {
            Some(cell) => cell,
            None => self.declared(target)?,
        };
        self.posts.get(cell as usize)
    }

    /// The cell of a target that was not looked up here before.
    #[cold]
    fn declared(&self, target: &Target<'_>) -> Option<u32> {
        let actions = self.cells.get(target.resource())?;
        actions.get(target.action()).copied()
    }

    #[inline]
    pub(crate) fn site_gate(&self, resource: u32) -> Option<&SiteGate> {
        self.site_gates.get(resource as usize)
    }

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

    #[inline(always)]
    pub(crate) fn subject(&self, id: &SubjectId) -> Option<&Subject> {
        let (_, known) = self.subject_index.get(&self.subjects, id.as_str())?;
        Some(&known.subject)
    }

    /// What the policy says of a subject, be it what it says of everyone that it does not know.
    #[inline(always)]
    pub(crate) fn subject_or_stranger(&self, id: &SubjectId) -> &Subject {
        self.subject(id).unwrap_or(&self.stranger)
    }

    /// The org of that id.
    #[inline(always)]
    pub(crate) fn org_of(&self, id: &OrgId) -> Option<(OrgIndex, &Org)> {
        let (at, org) = self.org_index.get(&self.orgs, id.as_str())?;
        Some((OrgIndex(at), org))
    }

    /// Some org, whichever it is.
    #[inline]
    pub(crate) fn any_org(&self) -> Option<(OrgIndex, &Org)> {
        self.orgs.first().map(|org| (OrgIndex(0), org))
    }

    pub(crate) fn org_index(&self, id: &OrgId) -> Option<OrgIndex> {
        self.org_of(id).map(|(index, _)| index)
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

    /// What the org itself says of a resource.
    #[inline]
    pub(crate) fn org_gate(&self, org: &Org, resource: u32) -> Option<&OrgGate> {
        self.org_gates.get(&org.posts, resource)
    }

    /// The subject's own memberships, expired or not.
    pub(crate) fn memberships(&self, subject: &Subject) -> &[Membership] {
        self.memberships.of(subject)
    }

    /// The subject's own membership in exactly this org, expired or not.
    #[inline]
    pub(crate) fn membership(&self, subject: &Subject, org: OrgIndex) -> Option<&Membership> {
        self.memberships.get(subject, org)
    }

    /// When a membership is over, if ever.
    #[inline]
    pub(crate) fn end(&self, membership: &Membership) -> Option<Timestamp> {
        self.memberships.end(membership)
    }

    /// Whether the memberships are elsewhere: a decision that depends on one asks for it.
    #[inline]
    pub fn looks_through(&self) -> bool {
        self.elsewhere.is_some()
    }

    /// What the roles of these names, which a member of `org` holds, say together at a post, and the highest
    /// level among them. One that nothing defines grants nothing, and neither does `anyone`.
    pub(crate) fn held_by_name(&self, org: OrgIndex, names: &[String], post: &Post) -> (Cell, i32) {
        let (mut cell, mut level) = (Cell::NOTHING, 0);
        let Some(known) = &self.elsewhere else {
            return (cell, level);
        };
        for name in names {
            let path = self.path(org).map(|(index, _)| index);
            let role = known.held(name, path).and_then(|role| self.org_role(role));
            if let Some(role) = role {
                cell = cell.or(self.table_cell(role.table, post));
                level = level.max(role.level);
            }
        }
        (cell, level)
    }

    /// What the roles of a membership say together at a post, and the highest level among them.
    #[inline]
    pub(crate) fn held(&self, membership: &Membership, post: &Post) -> (Cell, i32) {
        let Some(set) = self.role_set(membership.roles) else {
            return (Cell::NOTHING, 0);
        };
        (self.table_cell(set.table, post), set.level)
    }

    #[inline]
    pub(crate) fn site_role_set(&self, index: SiteRoleSetIndex) -> Option<&SiteRoleSet> {
        self.site_role_sets.get(index.0 as usize)
    }

    /// What the subject's site roles say at a post, and what those of them with `all_orgs` say.
    #[inline]
    pub(crate) fn site_cells(&self, subject: &Subject, post: &Post) -> (Cell, Cell) {
        let Some(set) = self.site_role_set(subject.site_roles) else {
            return (Cell::NOTHING, Cell::NOTHING);
        };
        (
            self.table_cell(set.table, post),
            self.table_cell(set.all_orgs, post),
        )
    }

    #[inline]
    pub(crate) fn role_set(&self, index: RoleSetIndex) -> Option<&RoleSet> {
        self.role_sets.get(index.0 as usize)
    }

    /// The role that everybody has in a public org, where it is defined.
    pub(crate) fn anyone(&self) -> Option<&OrgRole> {
        self.anyone.and_then(|index| self.org_role(index))
    }

    /// What `anyone` says at a post.
    #[inline]
    pub(crate) fn anyone_cell(&self, post: &Post) -> Cell {
        self.table_cell(self.anyone_table, post)
    }

    /// What a role says at a post, with all it includes.
    pub(crate) fn role_cell(&self, role: &OrgRole, post: &Post) -> Cell {
        self.table_cell(role.table, post)
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
    fn table_cell(&self, table: TableIndex, post: &Post) -> Cell {
        let at = table.0 as usize + post.id.cell as usize;
        self.tables.get(at).copied().unwrap_or(Cell::NOTHING)
    }
}
