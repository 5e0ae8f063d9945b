//! Memberships that are elsewhere: what a decision does without them, and when it asks for them.
//!
//! Until they are given, an asker is no member anywhere and denied in every
//! world: then no check passes that might not, and check 9 or 13 fails where
//! the outcome depends on them. That failure is the question for them.

use super::org::TimeNeeded;
use super::question::Question;
use super::{Asker, Check, Whose, is_on};
use crate::id::SubjectId;
use crate::membership::LoadedMemberships;
use crate::request::Request;
use crate::snapshot::{Cell, Org, OrgIndex, Post, Snapshot, Subject};
use crate::time::Timestamp;
use crate::world::Worlds;

/// What has to be known to go on.
pub(super) enum Unread {
    /// The moment of the request.
    Time,
    /// The memberships of one of the two.
    Memberships(Whose),
}

impl From<TimeNeeded> for Unread {
    fn from(_: TimeNeeded) -> Self {
        Self::Time
    }
}

/// What a membership in one org says.
pub(super) struct Standing {
    pub(super) member: bool,
    pub(super) cell: Cell,
    pub(super) level: i32,
}

impl Standing {
    const NONE: Self = Self {
        member: false,
        cell: Cell::NOTHING,
        level: 0,
    };
    const UNREAD: Self = Self {
        cell: Cell::DENIED,
        ..Self::NONE
    };
}

/// What the asker's membership in exactly this org says, of those that were given.
#[cold]
pub(super) fn standing(
    facts: &Snapshot,
    asker: Asker<'_>,
    (index, org): (OrgIndex, &Org),
    post: &Post,
    request: &Request<'_>,
) -> Result<Standing, TimeNeeded> {
    let Some(loaded) = loaded(request, asker.whose) else {
        return Ok(Standing::UNREAD);
    };
    match loaded.in_org(&org.id) {
        Some(membership) if is_on(membership.expires, request.at)? => {
            let (cell, level) = facts.held_by_name(index, &membership.roles, post);
            Ok(Standing {
                member: true,
                cell,
                level,
            })
        }
        _ => Ok(Standing::NONE),
    }
}

/// What was given of the memberships of one of the two.
fn loaded<'a>(request: &Request<'a>, whose: Whose) -> Option<&'a LoadedMemberships> {
    let id = id(request, whose)?;
    let mut given = request.memberships.iter();
    given.find(|given| given.subject() == id).map(|it| &**it)
}

fn id<'a>(request: &Request<'a>, whose: Whose) -> Option<&'a SubjectId> {
    match whose {
        Whose::Subject => Some(request.subject?.id()),
        Whose::ActingFor => request.subject?.delegator(),
    }
}

impl Question<'_, '_> {
    /// Whether a check failed for want of memberships: with them, it might pass in some of the worlds.
    #[cold]
    pub(super) fn fails_unread(self, whose: Whose, check: Check, worlds: Worlds) -> bool {
        if loaded(self.request, whose).is_some() {
            return false;
        }
        match check {
            // Of an org that there is not as well: what it costs tells nobody which of the two it was.
            Check::OrgKnown => true,
            // Whoever comes here is let in as everybody is, and what everybody is denied no role grants.
            Check::OrgDeny => {
                let post = self.facts.post(&self.request.target);
                let denied = post.map(|post| self.facts.anyone_cell(post).denied());
                !denied.is_some_and(|denied| worlds.and(denied) == worlds)
            }
            Check::SubjectFound
            | Check::SubjectActive
            | Check::Scopes
            | Check::SiteSwitch
            | Check::SiteDeny
            | Check::SiteGrant
            | Check::SiteMode
            | Check::OrgNamed
            | Check::OrgActive
            | Check::OrgSwitch
            | Check::OrgMode
            | Check::OrgGrant
            | Check::Floor => false,
        }
    }

    /// Whose memberships have not been given, the subject's first.
    #[cold]
    pub(super) fn unread(self) -> Option<Whose> {
        let both = [Whose::Subject, Whose::ActingFor];
        both.into_iter().find(|whose| {
            id(self.request, *whose).is_some() && loaded(self.request, *whose).is_none()
        })
    }

    /// The default org by memberships that were given, which are those of the one acted for.
    #[cold]
    pub(super) fn default_by_loaded(
        self,
        known: Option<Subject<'_>>,
    ) -> Result<Option<OrgIndex>, Unread> {
        let acting_for = self.request.subject.and_then(|it| it.delegator());
        let whose = acting_for.map_or(Whose::Subject, |_| Whose::ActingFor);
        let loaded = loaded(self.request, whose).ok_or(Unread::Memberships(whose))?;
        let set = known.and_then(Subject::default_org);
        Ok(default_org(self.facts, set, loaded, self.request.at)?)
    }
}

/// The default org that is set, where the subject is a member there, else the only one that it is directly in.
fn default_org(
    facts: &Snapshot,
    set: Option<OrgIndex>,
    loaded: &LoadedMemberships,
    at: Option<Timestamp>,
) -> Result<Option<OrgIndex>, TimeNeeded> {
    if let Some(default) = set {
        for (_, org) in facts.path(default) {
            if let Some(membership) = loaded.in_org(&org.id)
                && is_on(membership.expires, at)?
            {
                return Ok(Some(default));
            }
        }
    }
    let mut only = None;
    for (org, membership) in loaded.iter() {
        // A membership in what is no org is none.
        let Some(index) = facts.org_index(org) else {
            continue;
        };
        if is_on(membership.expires, at)? {
            if only.is_some() {
                return Ok(None);
            }
            only = Some(index);
        }
    }
    Ok(only)
}
