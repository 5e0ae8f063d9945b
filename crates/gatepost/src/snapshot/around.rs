//! What lies around an org or a subject: for whoever shows a policy, and not for a decision.

use std::collections::BTreeSet;

use super::{Org, OrgIndex, Snapshot};
use crate::grant::BUILT_IN_PREFIX;
use crate::id::{OrgId, SubjectId};
use crate::membership::LoadedMemberships;
use crate::target::Target;
use crate::time::Timestamp;
use crate::vocabulary::Kind;

impl Snapshot {
    /// The org that an org lies directly under, if it lies under any.
    pub fn parent_of(&self, org: &OrgId) -> Option<&OrgId> {
        let (_, org) = self.org_of(org)?;
        Some(&self.org(org.parent?)?.id)
    }

    /// The orgs that lie directly under an org. Every org is looked at.
    pub fn children_of(&self, org: &OrgId) -> impl Iterator<Item = &OrgId> {
        let parent = self.org_index(org);
        let orgs = self.orgs.iter();
        let children = orgs.filter(move |(_, child)| parent.is_some() && child.parent == parent);
        children.map(|(_, child)| &child.id)
    }

    /// The org itself, then each org that it lies under, up to the root; nothing where there is no such org.
    pub fn path_of(&self, org: &OrgId) -> impl Iterator<Item = &OrgId> {
        let from = self.org_index(org);
        let path = from.into_iter().flat_map(|from| self.path(from));
        path.map(|(_, org)| &org.id)
    }

    /// The orgs behind the id `after` that a subject may know where it asks for this, in the order of their ids: those
    /// on whose path it has a membership, be it over, the public ones, and every one where an `all_orgs` grant
    /// opens them. In no other is it allowed. `loaded` are its memberships where they are elsewhere.
    pub fn orgs_known_to<'s>(
        &'s self,
        subject: &SubjectId,
        target: &Target<'_>,
        loaded: Option<&LoadedMemberships>,
        after: Option<&str>,
    ) -> impl Iterator<Item = &'s OrgId> + use<'s> {
        let known = self.subject_or_stranger(subject);
        let post = self.post(target);
        let all = post.is_some_and(|post| {
            let (_, all_orgs) = self.site_cells(known, post);
            !all_orgs.allowed().is_empty()
        });
        let elsewhere = loaded.into_iter().flat_map(LoadedMemberships::iter);
        let elsewhere = elsewhere.filter_map(|(org, _)| self.org_index(org));
        let here = known.memberships().iter().map(|it| it.org);
        let own: BTreeSet<OrgIndex> = here.chain(elsewhere).collect();
        let orgs = self.orgs.behind(after).filter(move |(index, org)| {
            let is_own = || self.path(*index).any(|(index, _)| own.contains(&index));
            all || org.public || (!own.is_empty() && is_own())
        });
        orgs.map(|(_, org)| &org.id)
    }

    /// Whether there is an org of this id.
    pub fn has_org(&self, org: &OrgId) -> bool {
        self.org_of(org).is_some()
    }

    /// Whether the policy names the subject, or has it as a member somewhere.
    pub fn names_subject(&self, subject: &SubjectId) -> bool {
        self.subject(subject).is_some()
    }

    /// What the policy says that a subject is, where it names it.
    pub fn kind_of(&self, subject: &SubjectId) -> Option<Kind> {
        self.subject(subject)?.kind()
    }

    /// Whether the subject has a membership in the org, or in one that it lies under, that is not over at `at`.
    ///
    /// It says so by these facts alone: of memberships that are elsewhere nothing is known here.
    pub fn is_member_on_path(&self, subject: &SubjectId, org: &OrgId, at: Timestamp) -> bool {
        let (Some(known), Some(org)) = (self.subject(subject), self.org_index(org)) else {
            return false;
        };
        let mut path = self.path(org).map(|(org, _)| known.membership(org));
        path.any(|here| here.is_some_and(|membership| membership.is_current(at)))
    }

    /// Every org, with its position.
    pub(crate) fn org_rows(&self) -> impl Iterator<Item = (OrgIndex, &Org)> {
        self.orgs.iter()
    }

    /// Numbers the orgs in the order of [`org_rows`](Self::org_rows), from zero.
    pub(crate) fn org_numbers(&self) -> impl Fn(OrgIndex) -> usize + use<> {
        let starts = self.orgs.starts();
        move |org| {
            starts
                .get(org.shard())
                .map_or(usize::MAX, |start| start + org.row())
        }
    }

    /// What an org itself says at its posts, as numbers: equal where the same is said.
    pub(crate) fn said_by(&self, org: OrgIndex) -> &[(u32, u32)] {
        self.orgs.said_by(org)
    }

    /// The resources that the policy declares, those of the console's own aside, each with its position.
    pub(crate) fn gated_resources(&self) -> impl Iterator<Item = (u32, &str)> {
        let names = &self.compiled.vocabulary.resource_names;
        let resources = (0..).zip(names.iter().map(|name| &**name));
        resources.filter(|(_, name)| !name.starts_with(BUILT_IN_PREFIX))
    }
}
