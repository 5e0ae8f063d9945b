//! Looking facts up. Nothing here decides.

#![allow(
    clippy::inline_always,
    reason = "measured: on the hot path a call costs as much as the look-up"
)]

use super::facts::{RoleSetIndex, SiteRoleSetIndex};
use super::{
    Cell, CellId, Membership, Org, OrgGate, OrgIndex, OrgRole, Post, RoleIndex, RoleSet, SiteGate,
    SiteRole, SiteRoleSet, Snapshot, Sought, Subject, TableIndex,
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
        let names = self.compiled.vocabulary.cell_names.iter();
        names.map(|(resource, action)| (&**resource, &**action))
    }

    /// Every org, in no order that means anything.
    pub fn orgs(&self) -> impl ExactSizeIterator<Item = &OrgId> {
        Counted {
            left: self.orgs.len(),
            of: self.orgs.iter().map(|(_, org)| &org.id),
        }
    }

    /// The orgs whose ids are behind this one, in the order of their ids.
    pub fn orgs_behind<'s>(
        &'s self,
        after: Option<&str>,
    ) -> impl Iterator<Item = &'s OrgId> + use<'s> {
        self.orgs.behind(after).map(|(_, org)| &org.id)
    }

    /// Every subject that the policy names or that is a member somewhere, in no order that means anything.
    pub fn subjects(&self) -> impl ExactSizeIterator<Item = SubjectId> {
        // What is kept of an id is its text, which was looked at when it came.
        let ids = self
            .subjects
            .iter()
            .filter_map(|(id, _)| SubjectId::new(id).ok());
        Counted {
            left: self.subjects.len(),
            of: ids,
        }
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
        let actions = self.compiled.vocabulary.cells.get(target.resource())?;
        actions.get(target.action()).copied()
    }

    #[inline]
    pub(crate) fn site_gate(&self, resource: u32) -> Option<&SiteGate> {
        self.site_gates.get(resource as usize)
    }

    /// Whether the resource is declared, with whatever actions.
    pub(crate) fn declares_resource(&self, resource: &str) -> bool {
        self.compiled.vocabulary.cells.contains_key(resource)
    }

    /// The site's gate of a resource by its name.
    pub(crate) fn gate_of_resource(&self, resource: &str) -> Option<&SiteGate> {
        let names = &self.compiled.vocabulary.resource_names;
        let row = names.iter().position(|name| **name == *resource)?;
        self.site_gates.get(row)
    }

    pub(crate) fn site_role(&self, role: u32) -> Option<&SiteRole> {
        self.compiled.site.rows.get(role as usize)
    }

    pub(crate) fn site_roles(&self) -> impl Iterator<Item = &SiteRole> {
        self.compiled.site.rows.iter()
    }

    #[inline(always)]
    pub(crate) fn subject(&self, id: &SubjectId) -> Option<Subject<'_>> {
        self.subjects.get(id.as_str())
    }

    /// What the policy says of a subject, be it what it says of everyone that it does not know.
    #[inline(always)]
    pub(crate) fn subject_or_stranger(&self, id: &SubjectId) -> Subject<'_> {
        self.subject(id).unwrap_or(Subject::STRANGER)
    }

    /// The org of that id.
    #[inline(always)]
    pub(crate) fn org_of(&self, id: &OrgId) -> Option<(OrgIndex, &Org)> {
        self.orgs.find(id.as_str())
    }

    /// The org of that id, else another; none where there is nothing to look at.
    #[inline(always)]
    pub(crate) fn seek_org(&self, id: &OrgId) -> Option<Sought<'_>> {
        self.orgs.seek(id.as_str())
    }

    /// The same of an org that is there.
    pub(crate) fn sought(&self, index: OrgIndex) -> Option<Sought<'_>> {
        self.orgs.sought(index)
    }

    pub(crate) fn org_index(&self, id: &OrgId) -> Option<OrgIndex> {
        self.org_of(id).map(|(index, _)| index)
    }

    #[inline]
    pub(crate) fn org(&self, index: OrgIndex) -> Option<&Org> {
        self.orgs.get(index)
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
    #[inline(always)]
    pub(crate) fn org_gate(
        &self,
        (index, org): (OrgIndex, &Org),
        resource: u32,
    ) -> Option<&OrgGate> {
        let said = self.orgs.said_of(index, org, resource)?;
        self.said.get(said as usize)
    }

    /// What an org that was looked for says of a resource.
    #[inline(always)]
    pub(crate) fn gate_of(&self, sought: Sought<'_>, resource: u32) -> Option<&OrgGate> {
        self.said.get(sought.said_of(resource)? as usize)
    }

    /// Whether the memberships are elsewhere: a decision that depends on one asks for it.
    #[inline]
    pub fn looks_through(&self) -> bool {
        self.looks_through
    }

    /// What the roles of these names, which a member of `org` holds, say together at a post, and the highest
    /// level among them. One that nothing defines grants nothing, and neither does `anyone`.
    pub(crate) fn held_by_name(&self, org: OrgIndex, names: &[String], post: &Post) -> (Cell, i32) {
        let (mut cell, mut level) = (Cell::NOTHING, 0);
        for name in names {
            let role = self.compiled.roles.held_role(name, Some((org, &self.orgs)));
            if let Some(role) = role.and_then(|role| self.org_role(role)) {
                cell = cell.or(self.table_cell(role.table, post));
                level = level.max(role.level);
            }
        }
        (cell, level)
    }

    /// What the roles of a membership say together at a post, and the highest level among them.
    #[inline]
    pub(crate) fn held(&self, membership: Membership, post: &Post) -> (Cell, i32) {
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
    pub(crate) fn site_cells(&self, subject: Subject<'_>, post: &Post) -> (Cell, Cell) {
        let Some(set) = self.site_role_set(subject.site_roles()) else {
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
        let anyone = self.compiled.roles.anyone();
        anyone.and_then(|index| self.org_role(index))
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
        self.compiled.roles.rows.iter()
    }

    pub(crate) fn org_role(&self, index: RoleIndex) -> Option<&OrgRole> {
        self.compiled.roles.rows.get(index.0 as usize)
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

/// An iterator of which it is known how much it brings.
struct Counted<I> {
    left: usize,
    of: I,
}

impl<I: Iterator> Iterator for Counted<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.left = self.left.saturating_sub(1);
        self.of.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<I: Iterator> ExactSizeIterator for Counted<I> {}
