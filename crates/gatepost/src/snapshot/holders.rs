//! The same facts with nobody in them but one holder of each role.

use std::sync::Arc;

use super::facts::{Cell, RoleIndex, RoleSet, RoleSetIndex, SiteRoleSetIndex};
use super::gather::Gathered;
use super::records::Named;
use super::{Membership, OrgIndex, OrgRole, SiteRoleSet, Snapshot, TableIndex, compile::position};
use crate::id::SubjectId;
use crate::world::Worlds;

impl Snapshot {
    /// The roles that a membership in the org can hold: those of `org_roles`, then the org's own and its ancestors';
    /// of a name the nearest.
    pub(crate) fn roles_held_in(&self, org: Option<OrgIndex>) -> Vec<(RoleIndex, &OrgRole)> {
        let roles = || (0..).map(RoleIndex).zip(self.org_roles());
        let anyone = self.compiled.roles.anyone();
        let shared = roles().filter(|(index, role)| role.org.is_none() && Some(*index) != anyone);
        let mut held: Vec<_> = shared.collect();
        for (org, _) in org.into_iter().flat_map(|org| self.path(org)) {
            let own = roles().filter(|(_, role)| role.org == Some(org));
            let unseen = |role: &OrgRole| held.iter().all(|(_, nearer)| nearer.name != role.name);
            let own: Vec<_> = own.filter(|(_, role)| unseen(role)).collect();
            held.extend(own);
        }
        held
    }

    /// These facts with other subjects: for each of the roles one that holds it in the org, and nothing else there,
    /// and that the site grants everything, but not in every org.
    pub(crate) fn with_holders(
        &self,
        org: OrgIndex,
        roles: &[RoleIndex],
    ) -> (Self, Vec<SubjectId>) {
        let width = self.compiled.vocabulary.cell_names.len();
        let mut tables = self.tables.to_vec();
        let mut table = |cell: Cell| {
            let at = TableIndex(position(tables.len()));
            tables.extend(std::iter::repeat_n(cell, width));
            at
        };
        let granted = SiteRoleSet {
            roles: Box::default(),
            table: table(Cell::allowing(Worlds::ALL)),
            all_orgs: table(Cell::NOTHING),
        };
        let mut site_role_sets = self.site_role_sets.to_vec();
        let site_roles = SiteRoleSetIndex(position(site_role_sets.len()));
        site_role_sets.push(granted);
        let holder = Named {
            site_roles,
            ..Named::STRANGER
        };

        let mut role_sets = Vec::with_capacity(roles.len());
        let mut gathered = Gathered::new();
        let mut ids = Vec::with_capacity(roles.len());
        for role in roles {
            let Some(known) = self.org_role(*role) else {
                continue;
            };
            let Ok(id) = SubjectId::new(role.0.to_string()) else {
                continue;
            };
            let membership = Membership {
                org,
                roles: RoleSetIndex(position(role_sets.len())),
                end: None,
            };
            role_sets.push(RoleSet {
                roles: [*role].into(),
                table: known.table,
                level: known.level,
            });
            gathered.subject(id.as_str(), holder);
            gathered.membership(id.as_str(), membership);
            ids.push(id);
        }
        let (subjects, _) = gathered.pack();
        let facts = Self {
            tables: Arc::from(tables),
            site_role_sets: site_role_sets.into(),
            role_sets: role_sets.into(),
            subjects: subjects.unwrap_or_default(),
            looks_through: false,
            ..self.clone()
        };
        (facts, ids)
    }
}
