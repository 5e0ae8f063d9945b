//! Who is answered alike: everything of the facts that a decision about somebody in an org can read, as a few numbers.
//!
//! It is no rule of a decision, only what a decision looks at. Two members of whom all of it is the same are
//! answered the same, and one of them is asked for.

use super::walk::EitherOrg;
use crate::decision::place::default_org;
use crate::id::SubjectId;
use crate::snapshot::{Map, OrgIndex, RoleSetIndex, SiteRoleSetIndex, Snapshot, Subject};
use crate::time::Timestamp;
use crate::vocabulary::{Kind, Status};

/// What decisions by both policies look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    before: Of,
    after: Of,
}

/// What a decision by one policy looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Of {
    /// What the policy says of the subject.
    subject: u32,
    /// The org's path, where there is such an org.
    path: Option<u32>,
    /// What the subject holds on the path.
    held: u32,
}

/// The classes of both policies.
pub(super) struct Both<'f> {
    before: Classes<'f>,
    after: Classes<'f>,
}

/// What both policies say of a subject.
pub(super) struct BothOf<'f> {
    before: (u32, Option<Subject<'f>>),
    after: (u32, Option<Subject<'f>>),
}

/// The classes of one policy.
struct Classes<'f> {
    facts: &'f Snapshot,
    at: Timestamp,
    subjects: Map<(Status, Option<Kind>, SiteRoleSetIndex), u32>,
    /// Of each org, by its number.
    paths: Vec<u32>,
    number_of: Box<dyn Fn(OrgIndex) -> usize>,
    /// By the role sets of the memberships on the path, from the org to the root.
    held: Map<Box<[RoleSetIndex]>, u32>,
    /// Those that are looked for.
    roles: Vec<RoleSetIndex>,
}

impl Key {
    /// What is looked at where a request names no org.
    pub(super) fn alone(of: &BothOf<'_>, classes: &mut Both<'_>) -> Self {
        Self {
            before: classes.before.alone(of.before),
            after: classes.after.alone(of.after),
        }
    }

    /// What is looked at where a request names this org.
    pub(super) fn in_org(of: &BothOf<'_>, org: EitherOrg<'_>, classes: &mut Both<'_>) -> Self {
        Self {
            before: classes.before.in_org(of.before, org.before),
            after: classes.after.in_org(of.after, org.after),
        }
    }
}

impl<'f> Both<'f> {
    pub(super) fn new(before: &'f Snapshot, after: &'f Snapshot, at: Timestamp) -> Self {
        Self {
            before: Classes::new(before, at),
            after: Classes::new(after, at),
        }
    }

    pub(super) fn of_subject(&mut self, id: &SubjectId) -> BothOf<'f> {
        BothOf {
            before: self.before.of_subject(id),
            after: self.after.of_subject(id),
        }
    }
}

impl<'f> Classes<'f> {
    fn new(facts: &'f Snapshot, at: Timestamp) -> Self {
        Self {
            facts,
            at,
            subjects: Map::default(),
            paths: paths(facts),
            number_of: Box::new(facts.org_numbers()),
            held: Map::default(),
            roles: Vec::new(),
        }
    }

    fn of_subject(&mut self, id: &SubjectId) -> (u32, Option<Subject<'f>>) {
        let known = self.facts.subject_or_stranger(id);
        let key = (known.status(), known.kind(), known.site_roles());
        (number(&mut self.subjects, key), self.facts.subject(id))
    }

    /// In the org that is meant where none is named, if any is.
    fn alone(&mut self, of: (u32, Option<Subject<'_>>)) -> Of {
        let org = default_org(self.facts, of.1, Some(self.at));
        self.in_org(of, org.unwrap_or(None))
    }

    fn in_org(
        &mut self,
        (subject, known): (u32, Option<Subject<'_>>),
        org: Option<OrgIndex>,
    ) -> Of {
        let facts = self.facts;
        self.roles.clear();
        for (org, _) in org.into_iter().flat_map(|org| facts.path(org)) {
            let here = known.and_then(|known| known.membership(org));
            let here = here.filter(|membership| membership.is_current(self.at));
            self.roles.extend(here.map(|membership| membership.roles));
        }
        let held = match self.held.get(&*self.roles) {
            Some(held) => *held,
            None => number(&mut self.held, self.roles.as_slice().into()),
        };
        Of {
            subject,
            path: org.and_then(|org| self.paths.get((self.number_of)(org)).copied()),
            held,
        }
    }
}

/// Of each org a number that is the same for those whose paths say the same.
fn paths(facts: &Snapshot) -> Vec<u32> {
    let mut numbers = Map::default();
    let number_of = facts.org_numbers();
    let mut paths: Vec<Option<u32>> = facts.org_rows().map(|_| None).collect();
    let mut branch = Vec::new();
    for (start, _) in facts.org_rows() {
        let mut parent = None;
        for (index, org) in facts.path(start) {
            parent = paths.get(number_of(index)).copied().flatten();
            if parent.is_some() {
                break;
            }
            branch.push((index, org));
        }
        while let Some((index, org)) = branch.pop() {
            let key = (parent, org.active, org.public, facts.said_by(index));
            parent = Some(number(&mut numbers, key));
            if let Some(path) = paths.get_mut(number_of(index)) {
                *path = parent;
            }
        }
    }
    paths.into_iter().map(Option::unwrap_or_default).collect()
}

/// The number of a key, which is a new one where it was not met before.
fn number<K: std::hash::Hash + Eq>(numbers: &mut Map<K, u32>, key: K) -> u32 {
    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    *numbers.entry(key).or_insert(next)
}
