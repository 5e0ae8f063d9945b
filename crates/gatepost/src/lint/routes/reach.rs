//! How far anybody comes with what a route requires, whatever roles the policy could give them.
//!
//! It asks [`decide`](crate::decide) for every site role and none, with none, one and two roles of an org: two may
//! be needed, one that grants and one that reaches the floor, and no more can be. Of roles that say the same of what
//! is asked for, one is asked for.

use std::collections::HashMap;

use super::alike::{one_of_each, one_of_each_on_site, says_of};
use crate::code::Code;
use crate::id::OrgId;
use crate::matrix::{Ask, AskedIn, MatrixCell, Scene, of_org_roles, org_in};
use crate::policy::{OrgDocument, PolicyDocument};
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::vocabulary::Visibility;

/// How many are asked for one thing.
const MAX_ASKERS: usize = 50_000;

/// How many are asked for all that the routes of a service ask.
const MAX_ANSWERS: usize = 250_000;

/// How far anybody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Furthest {
    /// Somebody may.
    Allowed,
    /// The check at which the one ends who comes furthest.
    Denied(Code),
    /// There are too many to ask for: whoever is not might be the one who may.
    Unasked,
}

/// A policy's rules, and what has been asked of them.
pub(super) struct Reach<'d, 'r> {
    document: &'d PolicyDocument,
    answered: HashMap<Ask<'r>, Furthest>,
    /// How many more may be asked for.
    left: usize,
}

struct Askers {
    facts: Snapshot,
    each: Vec<(Subject, OrgId)>,
}

/// Why there are none to ask for.
enum NoAskers {
    TooMany,
    /// Something that cannot be told apart.
    Unclear,
}

impl<'d, 'r> Reach<'d, 'r> {
    pub(super) fn new(document: &'d PolicyDocument) -> Self {
        Self {
            document,
            answered: HashMap::new(),
            left: MAX_ANSWERS,
        }
    }

    /// How far anybody comes; what was asked before is not asked again.
    pub(super) fn furthest(&mut self, ask: &Ask<'r>) -> Furthest {
        if let Some(known) = self.answered.get(ask) {
            return *known;
        }
        let furthest = self.ask(ask);
        self.answered.insert(*ask, furthest);
        furthest
    }

    #[cfg(test)]
    pub(super) fn left(&self) -> usize {
        self.left
    }

    fn ask(&mut self, ask: &Ask<'_>) -> Furthest {
        let rules = says_of(self.document, ask);
        let by_org_roles = match self.ask_for(ask, |limit| Askers::of_org_roles(&rules, limit)) {
            Furthest::Denied(code) => code,
            other => return other,
        };
        // Those who hold an org's own roles are asked for what nobody else may.
        if ask.asked_in() == AskedIn::NoOrg || is_without_own_roles(self.document) {
            return Furthest::Denied(by_org_roles);
        }
        let orgs = self.document;
        match self.ask_for(ask, |limit| Askers::of_own_roles(&rules, orgs, ask, limit)) {
            Furthest::Denied(code) => Furthest::Denied(by_org_roles.max(code)),
            other => other,
        }
    }

    fn ask_for(
        &mut self,
        ask: &Ask<'_>,
        askers: impl FnOnce(usize) -> Result<Askers, NoAskers>,
    ) -> Furthest {
        match askers(self.left.min(MAX_ASKERS)) {
            Ok(askers) => {
                self.left = self.left.saturating_sub(askers.each.len());
                askers.furthest(ask)
            }
            Err(NoAskers::TooMany) => Furthest::Unasked,
            Err(NoAskers::Unclear) => Furthest::Allowed,
        }
    }
}

impl Askers {
    /// Those who hold roles of `org_roles`, in an org that lets through whatever an org can.
    fn of_org_roles(rules: &PolicyDocument, limit: usize) -> Result<Self, NoAskers> {
        let mut scene = Scene::new(rules);
        let mut wanted = Vec::new();
        let held = one_of_each(&of_org_roles(rules), &rules.org_roles);
        let site_roles = one_of_each_on_site(rules);
        // None, no role, one, two.
        let sets = 2 + held.len() + held.len() * held.len().saturating_sub(1) / 2;
        let count = sets.saturating_mul(site_roles.len() + 1);
        if count.saturating_mul(BOTH.len()) > limit {
            return Err(NoAskers::TooMany);
        }
        for (id, visibility) in BOTH {
            let org = scene.org(id, open(rules, visibility));
            let org = org.ok_or(NoAskers::Unclear)?;
            wanted.push((org, pairs(&held, |_, _| true)));
        }
        Self::new(&site_roles, scene, &wanted)
    }

    /// Those who hold an own role of an org or of one above it.
    fn of_own_roles(
        rules: &PolicyDocument,
        document: &PolicyDocument,
        ask: &Ask<'_>,
        limit: usize,
    ) -> Result<Self, NoAskers> {
        let mut scene = Scene::new(rules);
        let shared = one_of_each(&of_org_roles(rules), &rules.org_roles);
        let site_roles = one_of_each_on_site(rules);
        let mut wanted = Vec::new();
        let mut count = 0_usize;
        for (id, org) in &document.orgs {
            // An org without own roles has those of the ones above it, where they are asked for.
            if org.roles.is_empty() {
                continue;
            }
            let own = own_roles(document, id).ok_or(NoAskers::Unclear)?;
            let all: Vec<&str> = own.iter().copied().chain(shared.iter().copied()).collect();
            // As many as there could be: two, in both sorts of orgs.
            let held = all.len().saturating_mul(all.len()).saturating_add(2);
            count = count.saturating_add(held.saturating_mul(site_roles.len() + 1));
            if count > limit {
                return Err(NoAskers::TooMany);
            }
            let is_own = |role: &str| own.contains(&role);
            let held = pairs(&all, |one, other| is_own(one) || is_own(other));
            for (prefix, visibility) in BOTH {
                let below = |id: &str| format!("{prefix}/{id}");
                for (id, org) in path(document, id) {
                    let mut open = open(rules, visibility);
                    open.roles.clone_from(&org.roles);
                    for role in open.roles.values_mut() {
                        role.grants.retain(|grant| ask.is_covered(grant));
                    }
                    open.parent = org.parent.as_deref().map(below);
                    scene.org(&below(id), open);
                }
                let org = OrgId::new(below(id)).map_err(|_| NoAskers::Unclear)?;
                wanted.push((org, held.clone()));
            }
        }
        Self::new(&site_roles, scene, &wanted)
    }

    /// Everybody with a site role or none who holds one of these sets of roles in the org of it.
    fn new(
        site_roles: &[&str],
        mut scene: Scene,
        wanted: &[(OrgId, Vec<Option<Vec<&str>>>)],
    ) -> Result<Self, NoAskers> {
        let site_roles = site_roles.iter().copied().map(Some);
        let site_roles: Vec<_> = [None].into_iter().chain(site_roles).collect();
        let mut each = Vec::new();
        for (org, sets) in wanted {
            for site_role in &site_roles {
                for held in sets {
                    let subject = scene.subject(*site_role, org.as_str(), held.as_deref());
                    each.push((subject.ok_or(NoAskers::Unclear)?, org.clone()));
                }
            }
        }
        let facts = scene.compile().map_err(|_| NoAskers::Unclear)?;
        Ok(Self { facts, each })
    }

    fn furthest(&self, ask: &Ask<'_>) -> Furthest {
        let mut furthest = None;
        for (subject, org) in &self.each {
            match ask.answer(&self.facts, subject, org, None) {
                MatrixCell::No(code) => furthest = furthest.max(Some(code)),
                MatrixCell::Allow | MatrixCell::Own | MatrixCell::Others => {
                    return Furthest::Allowed;
                }
            }
        }
        furthest.map_or(Furthest::Unasked, Furthest::Denied)
    }
}

/// Whether only its members may know an org makes a difference either way: what `anyone` is granted, and denied.
const BOTH: [(&str, Visibility); 2] = [
    ("private", Visibility::Private),
    ("public", Visibility::Public),
];

/// An org that has switched everything on and raised no floor.
fn open(document: &PolicyDocument, visibility: Visibility) -> OrgDocument {
    let mut org = org_in("on", document);
    org.visibility = Some(visibility);
    for gate in org.gates.values_mut() {
        for mode in [&mut gate.foreground, &mut gate.background]
            .into_iter()
            .flatten()
        {
            // The site's floor holds all the same.
            mode.min_role = Some("everyone".to_owned());
        }
    }
    org
}

/// No membership, one without a role, and with each and each two that are wanted.
fn pairs<'r>(
    roles: &[&'r str],
    is_wanted: impl Fn(&str, &str) -> bool,
) -> Vec<Option<Vec<&'r str>>> {
    let mut sets = vec![None, Some(Vec::new())];
    for (at, one) in roles.iter().enumerate() {
        if is_wanted(one, one) {
            sets.push(Some(vec![*one]));
        }
        let others = roles.iter().skip(at + 1);
        let others = others.filter(|other| is_wanted(one, other));
        sets.extend(others.map(|other| Some(vec![*one, *other])));
    }
    sets
}

fn is_without_own_roles(document: &PolicyDocument) -> bool {
    document.orgs.values().all(|org| org.roles.is_empty())
}

/// The org itself, and those above it.
fn path<'d>(
    document: &'d PolicyDocument,
    id: &'d str,
) -> impl Iterator<Item = (&'d str, &'d OrgDocument)> {
    let mut next = Some(id);
    std::iter::from_fn(move || {
        let id = next?;
        let org = document.orgs.get(id)?;
        next = org.parent.as_deref();
        Some((id, org))
    })
}

/// The own roles that a member of an org can hold. `None` where one name means two of them: a member of both orgs
/// would have to be asked for as well.
fn own_roles<'d>(document: &'d PolicyDocument, id: &'d str) -> Option<Vec<&'d str>> {
    let mut own = Vec::new();
    for (_, org) in path(document, id) {
        for role in org.roles.keys() {
            if own.contains(&role.as_str()) {
                return None;
            }
            own.push(role);
        }
    }
    Some(own)
}
