//! What lies around an org or a subject: for whoever shows a policy, and not for a decision.

use std::collections::BTreeSet;

use super::{Membership, Org, OrgIndex, Snapshot};
use crate::decision::is_on;
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
        let children = self
            .orgs
            .iter()
            .filter(move |child| parent.is_some() && child.parent == parent);
        children.map(|child| &child.id)
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
        let here = self.memberships(known).iter().map(|it| it.org);
        let own: BTreeSet<OrgIndex> = here.chain(elsewhere).collect();
        let from = after.map_or(0, |after| {
            self.orgs.partition_point(|org| org.id.as_str() <= after)
        });
        let orgs = self.org_rows().skip(from);
        let orgs = orgs.filter(move |(index, org)| {
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
        self.subject(subject)?.kind
    }

    /// Whether the subject has a membership in the org, or in one that it lies under, that is not over at `at`.
    ///
    /// It says so by these facts alone: of memberships that are elsewhere nothing is known here.
    pub fn is_member_on_path(&self, subject: &SubjectId, org: &OrgId, at: Timestamp) -> bool {
        let (Some(known), Some(org)) = (self.subject(subject), self.org_index(org)) else {
            return false;
        };
        let mut path = self.path(org).map(|(org, _)| self.membership(known, org));
        path.any(|here| here.is_some_and(|membership| self.is_current(membership, at)))
    }

    /// Whether a membership is not over at `at`.
    pub(crate) fn is_current(&self, membership: &Membership, at: Timestamp) -> bool {
        is_on(self.end(membership), Some(at)).is_ok_and(|is_on| is_on)
    }

    /// Every org, with its position.
    pub(crate) fn org_rows(&self) -> impl Iterator<Item = (OrgIndex, &Org)> {
        (0..).map(OrgIndex).zip(self.orgs.iter())
    }

    /// What an org itself says at its posts, as numbers: equal where the same is said.
    pub(crate) fn said_by(&self, org: &Org) -> &[(u32, u32)] {
        self.org_gates.of(&org.posts)
    }

    /// The resources that the policy declares, those of the console's own aside, each with its position.
    pub(crate) fn gated_resources(&self) -> impl Iterator<Item = (u32, &str)> {
        let resources = (0..).zip(self.resource_names.iter().map(|name| &**name));
        resources.filter(|(_, name)| !name.starts_with(BUILT_IN_PREFIX))
    }
}
