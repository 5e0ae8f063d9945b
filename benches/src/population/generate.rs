use fastrand::Rng;
use rustc_hash::FxHashSet;

use super::{Expiry, Gate, Membership, Org, OrgSwitch, Population, Role, SiteSwitch, Subject};
use crate::permission::Permission;

const SEED: u64 = 0x6761_7465_706f_7374;

/// In the order of `RESOURCES`. One kill switch, and every other kind of
/// switch, access and floor at least once.
const GATES: [Gate; 8] = [
    gate(SiteSwitch::OptOut, false, [Some(1), Some(7)]),
    gate(SiteSwitch::Off, false, [None, None]),
    gate(SiteSwitch::OptIn, false, [None, Some(4)]),
    gate(SiteSwitch::OptOut, true, [None, Some(4)]),
    gate(SiteSwitch::On, true, [None, None]),
    gate(SiteSwitch::OptOut, false, [Some(4), Some(9)]),
    gate(SiteSwitch::OptIn, true, [None, Some(2)]),
    gate(SiteSwitch::On, false, [Some(2), Some(12)]),
];

const fn gate(switch: SiteSwitch, everyone: bool, floors: [Option<u8>; 2]) -> Gate {
    Gate {
        switch,
        everyone,
        floors,
    }
}

impl Population {
    /// A population of that many memberships, with a tenth as many orgs and
    /// half as many subjects.
    pub fn generate(memberships: u32) -> Self {
        let rng = &mut Rng::with_seed(SEED);
        let (orgs, subjects) = ((memberships / 10).max(4), (memberships / 2).max(4));
        Self {
            gates: GATES,
            site_roles: (1..=4)
                .map(|number| role(rng, "access", number, 0, 80))
                .collect(),
            // The higher a role stands, the more it grants.
            org_roles: (1..=20)
                .map(|n| role(rng, "role", n, n * 5, 20 + n * 4))
                .collect(),
            subjects: (0..subjects).map(|number| subject(rng, number)).collect(),
            orgs: (0..orgs).map(|number| org(rng, number)).collect(),
            memberships: draw_memberships(rng, memberships, orgs, subjects),
        }
    }
}

/// True so many times in a hundred.
fn chance(rng: &mut Rng, percent: u8) -> bool {
    rng.u8(0..100) < percent
}

/// A role that grants each permission so many times in a hundred.
fn role(rng: &mut Rng, prefix: &str, number: u8, level: u8, percent: u8) -> Role {
    let granted = Permission::all().filter(|_| chance(rng, percent));
    let grants = granted.fold(0, |grants, permission| grants | permission.bit());
    Role {
        name: format!("{prefix}-{number:02}"),
        level,
        grants,
    }
}

fn subject(rng: &mut Rng, number: u32) -> Subject {
    let held = if chance(rng, 80) {
        1 << rng.u8(0..4)
    } else {
        0
    };
    let also = if chance(rng, 20) {
        1 << rng.u8(0..4)
    } else {
        0
    };
    Subject {
        id: format!("user-{:08x}", scatter(number)),
        suspended: chance(rng, 1),
        site_roles: held | also,
    }
}

fn org(rng: &mut Rng, number: u32) -> Org {
    Org {
        id: format!("org-{:08x}", scatter(number)),
        public: chance(rng, 10),
        switches: std::array::from_fn(|_| match rng.u8(0..10) {
            0 => OrgSwitch::Off,
            1..=4 => OrgSwitch::On,
            _ => OrgSwitch::Unset,
        }),
    }
}

/// Spreads numbers over all of `u32` without letting two meet (the factor is odd),
/// so that neighbours in a list have ids as unlike as real ones.
const fn scatter(number: u32) -> u32 {
    number.wrapping_mul(0x9e37_79b1) ^ 0x5bd1_e995
}

fn draw_memberships(rng: &mut Rng, count: u32, orgs: u32, subjects: u32) -> Vec<Membership> {
    let mut taken = FxHashSet::default();
    let mut memberships = Vec::with_capacity(count as usize);
    while memberships.len() < count as usize {
        let (org, subject) = (rng.u32(0..orgs), rng.u32(0..subjects));
        if taken.insert((org, subject)) {
            memberships.push(membership(rng, org, subject));
        }
    }
    memberships.sort_unstable_by_key(|membership| (membership.org, membership.subject));
    memberships
}

fn membership(rng: &mut Rng, org: u32, subject: u32) -> Membership {
    // The lower of two draws: most members stand low.
    let held = 1 << rng.u8(0..20).min(rng.u8(0..20));
    let also = if chance(rng, 25) {
        1 << rng.u8(0..20)
    } else {
        0
    };
    let expires = match rng.u8(0..40) {
        0 => Some(Expiry::Past),
        1 => Some(Expiry::Future),
        _ => None,
    };
    Membership {
        org,
        subject,
        roles: held | also,
        expires,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_size_gives_the_same_population() {
        assert_eq!(Population::generate(500), Population::generate(500));
    }

    #[test]
    fn sizes_are_as_asked_and_ids_unique() {
        let population = Population::generate(2000);
        let orgs: FxHashSet<_> = population.orgs.iter().map(|org| &org.id).collect();
        let subjects: FxHashSet<_> = population.subjects.iter().map(|one| &one.id).collect();
        assert_eq!(
            (orgs.len(), subjects.len(), population.memberships.len()),
            (200, 1000, 2000)
        );
        assert_eq!(population.org_roles.len(), 20);
    }

    #[test]
    fn the_members_of_all_orgs_are_all_memberships() {
        let population = Population::generate(300);
        let orgs = 0..u32::try_from(population.orgs.len()).unwrap();
        let members: Vec<_> = orgs
            .flat_map(|org| population.members(org))
            .copied()
            .collect();
        assert_eq!(members, population.memberships);
    }

    #[test]
    fn even_the_smallest_population_can_be_drawn() {
        assert_eq!(Population::generate(1).memberships.len(), 1);
    }
}
