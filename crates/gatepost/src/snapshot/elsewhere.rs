//! Memberships that the document has not: what is kept to tell what the names in them mean.

use super::Map;
use super::compile::Problems;
use super::facts::{OrgIndex, RoleIndex};
use super::roles::ANYONE;
use crate::policy::{KeyPath, PolicyDocument};

/// Every org role by its name: those of `org_roles`, and the own ones of each org that has any.
#[derive(Debug)]
pub(super) struct RoleNames {
    org_roles: Map<String, RoleIndex>,
    own_roles: Map<OrgIndex, Map<String, RoleIndex>>,
}

impl RoleNames {
    pub(super) fn new(
        org_roles: Map<String, RoleIndex>,
        own_roles: Map<OrgIndex, Map<String, RoleIndex>>,
    ) -> Self {
        Self {
            org_roles,
            own_roles,
        }
    }

    /// A name that a member holds: the role of `org_roles`, else the own role of the first org on the path that
    /// has one of that name. `anyone` is held by no membership.
    pub(super) fn held(
        &self,
        name: &str,
        path: impl Iterator<Item = OrgIndex>,
    ) -> Option<RoleIndex> {
        if name == ANYONE {
            return None;
        }
        if let Some(role) = self.org_roles.get(name) {
            return Some(*role);
        }
        if self.own_roles.is_empty() {
            return None;
        }
        let mut own = path.filter_map(|org| self.own_roles.get(&org)?.get(name));
        own.next().copied()
    }
}

/// A membership that stands in the document as well would be one fact in two places.
pub(super) fn refuse_members(document: &PolicyDocument, problems: &mut Problems) {
    for (id, org) in &document.orgs {
        if !org.members.is_empty() {
            problems.add(
                KeyPath::of(["orgs", id, "members"]),
                "the memberships of this policy are elsewhere",
            );
        }
    }
}
