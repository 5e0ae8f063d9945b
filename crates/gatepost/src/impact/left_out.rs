//! Who is not counted, though a change may concern them.

#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::id::{OrgId, SubjectId};
use crate::snapshot::Snapshot;
use crate::vocabulary::{Kind, Status};

/// Who is not counted, though what they are answered may be another: by either policy, and active in it.
///
/// They are told as they stand in the policy, not asked for: nothing says that a change concerns any of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ImpactLeftOut {
    /// How many subjects hold a site role with `all_orgs`: they are counted only where they are members.
    pub all_orgs_subjects: u64,
    /// How many orgs are public, on their whole path: whoever is no member of them is not counted.
    pub public_orgs: u64,
    /// How many agents there are: they are counted without anybody that they act for.
    pub agents: u64,
}

impl ImpactLeftOut {
    /// Those of either policy.
    pub(super) fn of(before: &Snapshot, after: &Snapshot) -> Self {
        let sides = [before, after];
        let subjects = || {
            let more = after.subjects().filter(|id| before.subject(id).is_none());
            before.subjects().chain(more)
        };
        let more = after.orgs().filter(|id| before.org_index(id).is_none());
        let orgs = before.orgs().chain(more);
        let of_either = |is_so: fn(&Snapshot, &SubjectId) -> bool| {
            let are_so = |id: &SubjectId| sides.iter().any(|facts| is_so(facts, id));
            subjects().filter(are_so).map(|_| 1).sum()
        };
        Self {
            all_orgs_subjects: of_either(reaches_all_orgs),
            public_orgs: orgs
                .filter(|id| sides.iter().any(|facts| is_public(facts, id)))
                .map(|_| 1)
                .sum(),
            agents: of_either(is_agent),
        }
    }

    /// Whether there is nobody of whom that can be said.
    pub fn is_nobody(&self) -> bool {
        *self == Self::default()
    }
}

fn reaches_all_orgs(facts: &Snapshot, id: &SubjectId) -> bool {
    let known = facts.subject(id);
    let active = known.filter(|known| known.status() == Status::Active);
    let held = active.and_then(|known| facts.site_role_set(known.site_roles()));
    held.is_some_and(|set| {
        let mut roles = set.roles.iter().filter_map(|role| facts.site_role(*role));
        roles.any(|role| role.all_orgs)
    })
}

fn is_agent(facts: &Snapshot, id: &SubjectId) -> bool {
    let known = facts.subject(id);
    known.is_some_and(|known| known.status() == Status::Active && known.kind() == Some(Kind::Agent))
}

fn is_public(facts: &Snapshot, id: &OrgId) -> bool {
    let is_open = |org| facts.path(org).all(|(_, org)| org.active && org.public);
    facts.org_index(id).is_some_and(is_open)
}
