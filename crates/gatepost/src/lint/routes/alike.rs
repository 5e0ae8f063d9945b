//! Roles that say the same of what is asked for: one of them stands for all.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

use crate::grant::Grant;
use crate::matrix::Ask;
use crate::policy::{OrgRoleDocument, PolicyDocument, SiteDocument};
use crate::world::Worlds;

impl Ask<'_> {
    /// Whether a grant says anything of what is asked for.
    pub(super) fn is_covered(&self, grant: &str) -> bool {
        // The policy has been compiled: there is none that cannot be read.
        Grant::parse(grant).is_ok_and(|grant| grant.covers(self.resource, self.action))
    }
}

/// A policy's rules without what they say of anything else.
pub(super) fn says_of(document: &PolicyDocument, ask: &Ask<'_>) -> PolicyDocument {
    let mut site = SiteDocument::default();
    site.roles.clone_from(&document.site.roles);
    for role in site.roles.values_mut() {
        role.grants.retain(|grant| ask.is_covered(grant));
    }
    let gate = document.site.gates.get_key_value(ask.resource);
    site.gates
        .extend(gate.map(|(name, gate)| (name.clone(), gate.clone())));
    let mut org_roles = document.org_roles.clone();
    for role in org_roles.values_mut() {
        role.grants.retain(|grant| ask.is_covered(grant));
    }
    let resource = document.resources.get_key_value(ask.resource);
    PolicyDocument {
        version: document.version,
        resources: resource
            .map(|(name, resource)| (name.clone(), resource.clone()))
            .into_iter()
            .collect(),
        site,
        org_roles,
        ..PolicyDocument::default()
    }
}

/// In which worlds a role grants, and in which it denies.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Says {
    grants: Worlds,
    denies: Worlds,
}

impl Says {
    fn of<'g>(grants: impl Iterator<Item = &'g String>) -> Self {
        let mut says = Self {
            grants: Worlds::NONE,
            denies: Worlds::NONE,
        };
        for grant in grants.filter_map(|grant| Grant::parse(grant).ok()) {
            let side = if grant.denies() {
                &mut says.denies
            } else {
                &mut says.grants
            };
            *side = side.or(grant.worlds());
        }
        says
    }
}

/// The site roles of rules that [`says_of`] has left: of those that say the same and reach as far, the first.
pub(super) fn one_of_each_on_site(document: &PolicyDocument) -> Vec<&str> {
    let roles = document.site.roles.iter();
    first_of_each(
        roles.map(|(name, role)| (&**name, (Says::of(role.grants.iter()), role.all_orgs))),
    )
}

/// Of these org roles, which stand in the order of their levels, the highest of those that say the same: a role may
/// whatever one below it may that says the same.
pub(super) fn one_of_each<'r>(
    roles: &[&'r str],
    all: &BTreeMap<String, OrgRoleDocument>,
) -> Vec<&'r str> {
    let highest_first = roles.iter().rev();
    first_of_each(highest_first.map(|name| (*name, Says::of(with_included(name, all).into_iter()))))
}

fn first_of_each<'r, K: Eq + Hash>(roles: impl Iterator<Item = (&'r str, K)>) -> Vec<&'r str> {
    let mut met = HashSet::new();
    let first = roles.filter_map(|(name, says)| met.insert(says).then_some(name));
    first.collect()
}

/// What a role grants and denies, with all it includes.
fn with_included<'a>(name: &'a str, all: &'a BTreeMap<String, OrgRoleDocument>) -> Vec<&'a String> {
    let (mut grants, mut met) = (Vec::new(), HashSet::from([name]));
    let mut next = vec![name];
    while let Some(role) = next.pop().and_then(|name| all.get(name)) {
        grants.extend(&role.grants);
        let included = role.include.iter().map(String::as_str);
        next.extend(included.filter(|name| met.insert(name)));
    }
    grants
}
