//! From a population to the three maps.

use std::num::NonZeroU64;

use arc_swap::ArcSwap;

use super::{Facts, Membership, Org, OrgSwitch, Population, Rule, SiteSwitch, Subject, Yardstick};
use crate::permission::Permission;
use crate::population::Role;

impl Yardstick {
    /// A store of these facts.
    pub fn load(population: &Population) -> Self {
        Self {
            facts: ArcSwap::from_pointee(Facts::load(population)),
        }
    }
}

impl Facts {
    pub(super) fn load(population: &Population) -> Self {
        let subjects = (0..).zip(&population.subjects).map(|(number, subject)| {
            let facts = Subject {
                number,
                site_roles: subject.site_roles,
                suspended: subject.suspended,
            };
            (subject.id.as_str().into(), facts)
        });
        let orgs = (0..).zip(&population.orgs).map(|(number, org)| {
            let [on, off] = [OrgSwitch::On, OrgSwitch::Off].map(|said| bits(org.switches, said));
            (
                org.id.as_str().into(),
                Org {
                    number,
                    on,
                    off,
                    public: org.public,
                },
            )
        });
        let memberships = population.memberships.iter().map(|membership| {
            let expires = membership
                .expires
                .and_then(|end| NonZeroU64::new(end.unix_seconds()));
            let level = level(membership.roles, &population.org_roles);
            let facts = Membership {
                expires,
                roles: membership.roles,
                level,
            };
            ((membership.subject, membership.org), facts)
        });
        Self {
            rules: rules(population),
            subjects: subjects.collect(),
            orgs: orgs.collect(),
            memberships: memberships.collect(),
        }
    }
}

/// A rule for each permission there can be; what is not declared is off.
fn rules(population: &Population) -> Vec<Rule> {
    let undeclared = Rule {
        site_roles: 0,
        org_roles: 0,
        switch: SiteSwitch::Off,
        everyone: false,
        floors: [0; 2],
    };
    let mut rules = vec![undeclared; 64];
    for permission in Permission::all() {
        let gate = population.gates.get(permission.resource());
        if let (Some(rule), Some(gate)) = (rules.get_mut(permission.number()), gate) {
            *rule = Rule {
                site_roles: granting(permission, &population.site_roles),
                org_roles: granting(permission, &population.org_roles),
                switch: gate.switch,
                everyone: gate.everyone,
                floors: gate.floors.map(|floor| {
                    floor
                        .and_then(|index| population.org_roles.get(usize::from(index)))
                        .map_or(0, |role| role.level)
                }),
            };
        }
    }
    rules
}

/// The bits of the roles that grant it.
fn granting(permission: Permission, roles: &[Role]) -> u32 {
    let granting = roles
        .iter()
        .enumerate()
        .filter(|(_, role)| role.grants & permission.bit() != 0);
    granting.fold(0, |bits, (index, _)| bits | 1 << index)
}

/// The highest level among the roles whose bits are set.
fn level(bits: u32, roles: &[Role]) -> u8 {
    let held = roles
        .iter()
        .enumerate()
        .filter(|(index, _)| bits >> index & 1 == 1);
    held.map(|(_, role)| role.level).max().unwrap_or(0)
}

/// The bits of the resources for which the org said that.
fn bits(switches: [OrgSwitch; 8], said: OrgSwitch) -> u8 {
    let matching = switches
        .into_iter()
        .enumerate()
        .filter(|(_, switch)| *switch == said);
    matching.fold(0, |bits, (index, _)| bits | 1 << index)
}
