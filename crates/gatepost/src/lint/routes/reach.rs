//! How far anybody comes with what a route requires, whatever roles the policy could give them.
//!
//! It asks [`decide`](crate::decide) for every site role and none, with none, one and two roles of an org: two may
//! be needed, one that grants and one that reaches the floor, and no more can be.

use std::cell::OnceCell;

use crate::code::Code;
use crate::id::OrgId;
use crate::matrix::{Ask, MatrixCell, Scene, of_org_roles, org_in};
use crate::policy::{OrgDocument, PolicyDocument};
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::vocabulary::{OrgRule, Visibility};

/// Of a policy with more roles nothing is said: whoever is not asked for might be the one who may.
const MAX_ASKERS: usize = 1_000_000;

/// A policy's rules, and everybody who is asked for.
pub(super) struct Reach<'d> {
    document: &'d PolicyDocument,
    of_org_roles: Option<Askers>,
    /// Those who hold an org's own roles; asked for what nobody else may.
    of_own_roles: OnceCell<Option<Askers>>,
}

struct Askers {
    facts: Snapshot,
    each: Vec<(Subject, OrgId)>,
}

impl<'d> Reach<'d> {
    pub(super) fn new(document: &'d PolicyDocument) -> Self {
        Self {
            document,
            of_org_roles: Askers::of_org_roles(document),
            of_own_roles: OnceCell::new(),
        }
    }

    /// The check at which the one ends who comes furthest; `None` where somebody may.
    pub(super) fn furthest(&self, ask: &Ask<'_>) -> Option<Code> {
        let by_org_roles = self.of_org_roles.as_ref()?.furthest(ask)?;
        if ask.unnamed == Some(OrgRule::None) || is_without_own_roles(self.document) {
            return Some(by_org_roles);
        }
        let own = self
            .of_own_roles
            .get_or_init(|| Askers::of_own_roles(self.document));
        let by_own_roles = own.as_ref()?.furthest(ask)?;
        Some(by_org_roles.max(by_own_roles))
    }
}

impl Askers {
    /// Those who hold roles of `org_roles`, in an org that lets through whatever an org can.
    fn of_org_roles(document: &PolicyDocument) -> Option<Self> {
        let mut scene = Scene::new(document);
        let mut wanted = Vec::new();
        let roles = of_org_roles(document);
        let site_roles = document.site.roles.len() + 1;
        // None, one, two.
        let held = 1 + roles.len() + roles.len() * roles.len().saturating_sub(1) / 2;
        if held.saturating_mul(site_roles).saturating_mul(2) > MAX_ASKERS {
            return None;
        }
        for (id, visibility) in BOTH {
            let org = scene.org(id, open(document, visibility))?;
            wanted.push((org, pairs(&roles, |_, _| true)));
        }
        Self::new(document, scene, &wanted)
    }

    /// Those who hold an own role of an org or of one above it.
    fn of_own_roles(document: &PolicyDocument) -> Option<Self> {
        let mut scene = Scene::new(document);
        let shared = of_org_roles(document);
        let site_roles = document.site.roles.len() + 1;
        let (mut wanted, mut count) = (Vec::new(), 0_usize);
        for (id, org) in &document.orgs {
            // An org without own roles has those of the ones above it, where they are asked for.
            if org.roles.is_empty() {
                continue;
            }
            let own = own_roles(document, id)?;
            let all: Vec<&str> = own.iter().copied().chain(shared.iter().copied()).collect();
            count = count.saturating_add(all.len().saturating_mul(all.len()));
            if count.saturating_mul(site_roles) > MAX_ASKERS {
                return None;
            }
            let is_own = |role: &str| own.contains(&role);
            let held = pairs(&all, |one, other| is_own(one) || is_own(other));
            for (prefix, visibility) in BOTH {
                let below = |id: &str| format!("{prefix}/{id}");
                for (id, org) in path(document, id) {
                    let mut open = open(document, visibility);
                    open.roles.clone_from(&org.roles);
                    open.parent = org.parent.as_deref().map(below);
                    scene.org(&below(id), open);
                }
                wanted.push((OrgId::new(below(id)).ok()?, held.clone()));
            }
        }
        Self::new(document, scene, &wanted)
    }

    /// Everybody with a site role or none who holds one of these sets of roles in the org of it.
    fn new(
        document: &PolicyDocument,
        mut scene: Scene,
        wanted: &[(OrgId, Vec<Vec<&str>>)],
    ) -> Option<Self> {
        let site_roles = document.site.roles.keys().map(String::as_str);
        let site_roles: Vec<_> = [None].into_iter().chain(site_roles.map(Some)).collect();
        let mut each = Vec::new();
        for (org, sets) in wanted {
            for site_role in &site_roles {
                for roles in sets {
                    let held = (!roles.is_empty()).then_some(&**roles);
                    let subject = scene.subject(*site_role, org.as_str(), held)?;
                    each.push((subject, org.clone()));
                }
            }
        }
        let facts = scene.compile().ok()?;
        Some(Self { facts, each })
    }

    /// The furthest code; `None` where somebody may.
    fn furthest(&self, ask: &Ask<'_>) -> Option<Code> {
        let mut furthest = None;
        for (subject, org) in &self.each {
            match ask.answer(&self.facts, subject, org, None) {
                MatrixCell::No(code) => furthest = furthest.max(Some(code)),
                MatrixCell::Allow | MatrixCell::Own | MatrixCell::Others => return None,
            }
        }
        furthest
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

/// None, each, and each two that are wanted.
fn pairs<'r>(roles: &[&'r str], is_wanted: impl Fn(&str, &str) -> bool) -> Vec<Vec<&'r str>> {
    let mut sets = vec![Vec::new()];
    for (at, one) in roles.iter().enumerate() {
        if is_wanted(one, one) {
            sets.push(vec![*one]);
        }
        let others = roles.iter().skip(at + 1);
        let others = others.filter(|other| is_wanted(one, other));
        sets.extend(others.map(|other| vec![*one, *other]));
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
