//! Subjects and their memberships.

use std::sync::Arc;

use super::compile::position;
use super::facts::{OrgIndex, RoleSetIndex, SiteRoleSetIndex};
use super::index::Row;
use crate::id::SubjectId;
use crate::time::Timestamp;
use crate::vocabulary::{Kind, Status};

/// A subject that the policy knows of.
#[derive(Clone, Debug)]
pub(super) struct KnownSubject {
    pub(super) id: SubjectId,
    pub(super) subject: Subject,
}

impl Row for KnownSubject {
    #[inline]
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

/// What the policy says of a subject.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) status: Status,
    /// What the policy says, where it names the subject.
    pub(crate) kind: Option<Kind>,
    pub(crate) site_roles: SiteRoleSetIndex,
    pub(crate) default_org: Option<OrgIndex>,
    pub(super) memberships: Span,
}

/// Where one subject's memberships stand among all of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    start: u32,
    count: u32,
}

/// A subject's roles in one org.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Membership {
    pub(crate) org: OrgIndex,
    pub(crate) roles: RoleSetIndex,
    pub(super) end: End,
}

/// When a membership is over. Few are ever, and a moment is wide: those stand apart, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End(u32);

impl End {
    const NEVER: Self = Self(0);
}

/// Every membership, each subject's together and sorted by org.
#[derive(Clone, Debug, Default)]
pub(super) struct Memberships {
    list: Arc<[Membership]>,
    moments: Arc<[Timestamp]>,
}

/// As many are looked through; among more is searched.
const FEW: usize = 16;

impl Memberships {
    #[inline]
    pub(super) fn of(&self, subject: &Subject) -> &[Membership] {
        let Span { start, count } = subject.memberships;
        let start = start as usize;
        self.list
            .get(start..start + count as usize)
            .unwrap_or_default()
    }

    #[inline]
    pub(super) fn get(&self, subject: &Subject, org: OrgIndex) -> Option<&Membership> {
        let list = self.of(subject);
        if list.len() <= FEW {
            return list.iter().find(|membership| membership.org == org);
        }
        let at = list.binary_search_by_key(&org, |membership| membership.org);
        list.get(at.ok()?)
    }

    #[inline]
    pub(super) fn end(&self, membership: &Membership) -> Option<Timestamp> {
        let at = membership.end.0.checked_sub(1)?;
        let moment = self.moments.get(at as usize);
        // Every end has its moment; a membership of one that had none would be over.
        Some(moment.copied().unwrap_or(Timestamp::MIN))
    }
}

/// Gathers memberships by org, and turns them over to their subjects.
pub(super) struct MembershipsBuilder {
    list: Vec<(u32, Membership)>,
    moments: Vec<Timestamp>,
}

impl MembershipsBuilder {
    pub(super) fn with_capacity(memberships: usize) -> Self {
        Self {
            list: Vec::with_capacity(memberships),
            moments: Vec::new(),
        }
    }

    pub(super) fn end(&mut self, expires: Option<Timestamp>) -> End {
        let Some(moment) = expires else {
            return End::NEVER;
        };
        self.moments.push(moment);
        End(position(self.moments.len()))
    }

    /// Adds a membership of the subject at this position; the orgs come in their order.
    pub(super) fn add(&mut self, subject: u32, membership: Membership) {
        self.list.push((subject, membership));
    }

    pub(super) fn finish(self, subjects: &mut [KnownSubject]) -> Memberships {
        for (subject, _) in &self.list {
            if let Some(known) = subjects.get_mut(*subject as usize) {
                known.subject.memberships.count += 1;
            }
        }
        let mut next = 0;
        for known in &mut *subjects {
            let span = &mut known.subject.memberships;
            span.start = next;
            next = next.saturating_add(std::mem::take(&mut span.count));
        }
        let Some((_, any)) = self.list.first() else {
            return Memberships::default();
        };
        let mut list = vec![*any; self.list.len()];
        for (subject, membership) in self.list {
            let Some(known) = subjects.get_mut(subject as usize) else {
                continue;
            };
            let span = &mut known.subject.memberships;
            if let Some(slot) = list.get_mut((span.start + span.count) as usize) {
                *slot = membership;
                span.count += 1;
            }
        }
        Memberships {
            list: list.into(),
            moments: self.moments.into(),
        }
    }
}
