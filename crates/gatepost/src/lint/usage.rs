//! Who grants what, over all roles of a document.

use std::collections::{HashMap, HashSet};

use super::model::Granted;
use super::orgs::SwitchOf;
use crate::grant::Grant;
use crate::policy::{KeyPath, PolicyDocument};
use crate::vocabulary::Status;

/// All grants of all roles, by who gives them.
#[derive(Default)]
pub(super) struct Usage<'d> {
    pub(super) of_site: Granted<'d>,
    pub(super) of_held_site_roles: Granted<'d>,
    /// What opens the org's post: org roles, and site roles with `all_orgs`.
    pub(super) in_orgs: Granted<'d>,
    /// Those that name a resource and do not reach beyond what its gate governs.
    pub(super) governed: HashMap<SwitchOf<'d>, Named>,
}

/// Grants that name one resource.
#[derive(Default)]
pub(super) struct Named {
    pub(super) count: usize,
    pub(super) first: KeyPath,
}

impl<'d> Usage<'d> {
    pub(super) fn of(document: &'d PolicyDocument) -> Self {
        let mut all = Self::default();
        let active = document
            .subjects
            .values()
            .filter(|subject| subject.status != Some(Status::Suspended));
        let held: HashSet<&str> = active
            .flat_map(|subject| &subject.site_roles)
            .map(String::as_str)
            .collect();
        for (name, role) in &document.site.roles {
            all.of_site.add(&role.grants);
            if held.contains(name.as_str()) {
                all.of_held_site_roles.add(&role.grants);
            }
            if role.all_orgs {
                all.in_orgs.add(&role.grants);
            }
            let path = || KeyPath::of(["site", "roles", name, "grants"]);
            all.count(document, &role.grants, &path);
        }
        for (name, role) in &document.org_roles {
            all.in_orgs.add(&role.grants);
            let path = || KeyPath::of(["org_roles", name, "grants"]);
            all.count(document, &role.grants, &path);
        }
        for (org, org_document) in &document.orgs {
            for (name, role) in &org_document.roles {
                all.in_orgs.add(&role.grants);
                let path = || KeyPath::of(["orgs", org, "roles", name, "grants"]);
                all.count(document, &role.grants, &path);
            }
        }
        all
    }

    fn count(
        &mut self,
        document: &'d PolicyDocument,
        grants: &'d [String],
        path: &dyn Fn() -> KeyPath,
    ) {
        for (index, text) in grants.iter().enumerate() {
            let Ok(grant) = Grant::parse(text) else {
                continue;
            };
            let Some(resource) = grant.resource() else {
                continue;
            };
            let gate = document.site.gates.get(resource);
            let limited = gate.and_then(|gate| gate.actions.as_deref());
            let is_governed = match (limited, grant.action()) {
                (None, _) => true,
                (Some(governed), Some(action)) => governed.iter().any(|name| name == action),
                (Some(_), None) => false,
            };
            if !is_governed {
                continue;
            }
            let switches = [Some(None), grant.mode().map(Some)];
            for mode in switches.into_iter().flatten() {
                let named = self.governed.entry((resource, mode)).or_default();
                if named.count == 0 {
                    named.first = path().index(index);
                }
                named.count += 1;
            }
        }
    }
}
