//! One of the two who must be allowed, and what it holds.

use super::grants::Held;
use super::lines::Seen;
use super::scene::Scene;
use crate::decision::{OrgView, Whose, kind};
use crate::id::SubjectId;
use crate::snapshot::{self, Org, OrgIndex, OrgRole, RoleSet, SiteRole};
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::vocabulary::Kind;

/// The subject, or the one it acts for.
pub(super) struct Asker<'a> {
    pub(super) whose: Whose,
    pub(super) id: &'a SubjectId,
    /// What the policy says of it.
    pub(super) known: Option<snapshot::Subject<'a>>,
    /// What the request says of it; of the one acted for, nothing.
    pub(super) identity: Option<&'a Subject>,
    /// What the org's path says to it, where the decision came that far.
    pub(super) view: Option<OrgView>,
}

/// A membership on the org's path.
pub(super) struct Standing<'a> {
    pub(super) org: &'a Org,
    pub(super) set: &'a RoleSet,
    pub(super) expires: Option<Timestamp>,
    pub(super) is_over: bool,
}

impl<'a> Asker<'a> {
    /// The two, or the subject alone, or nobody.
    pub(super) fn both(scene: &Scene<'a>, seen: &Seen) -> Vec<Self> {
        let asker = |whose: Whose, id: &'a SubjectId, identity: Option<&'a Subject>| Self {
            whose,
            id,
            known: scene.facts.subject(id),
            identity,
            view: seen
                .views
                .iter()
                .find(|(of, _)| *of == whose)
                .map(|(_, view)| *view),
        };
        let Some(subject) = scene.request.subject else {
            return Vec::new();
        };
        let mut both = vec![asker(Whose::Subject, subject.id(), Some(subject))];
        both.extend(
            subject
                .delegator()
                .map(|delegator| asker(Whose::ActingFor, delegator, None)),
        );
        both
    }

    /// What it is, by policy and identity together.
    pub(super) fn kind(&self) -> Kind {
        kind(self.known, self.identity.and_then(Subject::claimed_kind))
    }

    /// The site roles that it holds.
    fn site_role_rows(&self, scene: &Scene<'a>) -> impl Iterator<Item = &'a SiteRole> {
        let facts = scene.facts;
        let set = self
            .known
            .and_then(|known| facts.site_role_set(known.site_roles()));
        set.into_iter()
            .flat_map(|set| &set.roles)
            .filter_map(|role| facts.site_role(*role))
    }

    /// The site roles that it holds, with what they grant.
    pub(super) fn site_roles(&self, scene: &Scene<'a>) -> Vec<Held<'a>> {
        self.site_role_rows(scene).map(Held::site).collect()
    }

    /// Those of its site roles that reach into every org.
    pub(super) fn all_orgs_roles(&self, scene: &Scene<'a>) -> Vec<Held<'a>> {
        self.site_role_rows(scene)
            .filter(|role| role.all_orgs)
            .map(Held::site)
            .collect()
    }

    /// Its memberships on the org's path, expired ones too, the org's own first.
    pub(super) fn standings(&self, scene: &Scene<'a>) -> Vec<Standing<'a>> {
        let standing = |(index, org): (OrgIndex, &'a Org)| {
            let membership = self.known?.membership(index)?;
            let expires = membership.end;
            Some(Standing {
                org,
                set: scene.facts.role_set(membership.roles)?,
                expires,
                is_over: !scene.is_current(expires),
            })
        };
        scene.path().into_iter().filter_map(standing).collect()
    }

    /// The org roles that its memberships on the path hold, and `anyone` in a public org, with what they grant.
    pub(super) fn org_roles(&self, scene: &Scene<'a>) -> Vec<Held<'a>> {
        let mut held = Vec::new();
        for standing in self
            .standings(scene)
            .iter()
            .filter(|standing| !standing.is_over)
        {
            held.extend(standing.roles(scene).map(|role| Held::org(scene, role)));
        }
        if self.view.is_some_and(|view| view.public) {
            held.extend(scene.facts.anyone().map(|role| Held::org(scene, role)));
        }
        held
    }
}

impl<'a> Standing<'a> {
    /// The roles that it holds.
    pub(super) fn roles(&self, scene: &Scene<'a>) -> impl Iterator<Item = &'a OrgRole> {
        let facts = scene.facts;
        let roles = self.set.roles.iter();
        roles.filter_map(|role| facts.org_role(*role))
    }
}
