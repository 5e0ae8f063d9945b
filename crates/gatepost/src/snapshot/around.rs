//! What lies around an org or a subject: for whoever shows a policy, and not for a decision.

use super::{Membership, Org, OrgIndex, Snapshot};
use crate::decision::is_on;
use crate::grant::BUILT_IN_PREFIX;
use crate::id::{OrgId, SubjectId};
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
