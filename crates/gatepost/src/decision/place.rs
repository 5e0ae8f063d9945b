//! Where a request falls: in which org, if in any.

use super::org::TimeNeeded;
use super::question::Question;
use super::unread::Unread;
use super::{Watch, is_on};
use crate::code::Code;
use crate::id::OrgId;
use crate::request::OrgInput;
use crate::snapshot::{OrgIndex, Snapshot, Sought, Subject};
use crate::time::Timestamp;
use crate::vocabulary::OrgRule;

/// Where a request falls.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// In no org: the site tier alone decides.
    Site,
    /// In an org, which need not exist.
    Org(&'a OrgId, Option<Sought<'a>>),
    /// In an org that no source could name.
    Missing,
    /// It cannot be told, for this reason.
    Unnamed(Code),
    /// It has to be read.
    Pending,
}

impl<'a> Question<'a, '_> {
    /// Where the request falls. Nothing of the org tier is read before it is asked for.
    #[inline(always)]
    pub(super) fn place<W: Watch>(self, watch: &mut W) -> Result<Place<'a>, Unread> {
        match self.request.org {
            OrgInput::Named(org) => {
                watch.reads_org();
                Ok(Place::Org(org, self.facts.seek_org(org)))
            }
            OrgInput::Absent(OrgRule::Default) => {
                watch.reads_org();
                self.default_place()
            }
            OrgInput::Absent(OrgRule::None) => Ok(Place::Site),
            OrgInput::Absent(OrgRule::Required) => Ok(Place::Unnamed(Code::OrgRequired)),
            OrgInput::Conflict => Ok(Place::Unnamed(Code::OrgConflict)),
            OrgInput::Missing => Ok(Place::Missing),
            OrgInput::Pending => Ok(Place::Pending),
        }
    }

    /// The default org, which is that of the one acted for.
    #[cold]
    fn default_place(self) -> Result<Place<'a>, Unread> {
        let known = self
            .request
            .subject
            .and_then(|subject| self.facts.subject(subject.beneficiary()));
        let index = if self.facts.looks_through() {
            self.default_by_loaded(known)?
        } else {
            default_org(self.facts, known, self.request.at)?
        };
        let found = index.and_then(|index| self.facts.sought(index));
        Ok(found.map_or(Place::Unnamed(Code::NoDefaultOrg), |sought| {
            Place::Org(&sought.org.id, Some(sought))
        }))
    }
}

/// The subject's default org: the one it has set where it is a member there, else the only one that it is directly in.
pub(crate) fn default_org(
    facts: &Snapshot,
    subject: Option<Subject<'_>>,
    at: Option<Timestamp>,
) -> Result<Option<OrgIndex>, TimeNeeded> {
    let Some(subject) = subject else {
        return Ok(None);
    };
    if let Some(org) = subject.default_org() {
        for (index, _) in facts.path(org) {
            if let Some(membership) = subject.membership(index)
                && is_on(membership.end, at)?
            {
                return Ok(Some(org));
            }
        }
    }
    let mut only = None;
    for membership in subject.memberships().iter() {
        if is_on(membership.end, at)? {
            if only.is_some() {
                return Ok(None);
            }
            only = Some(membership.org);
        }
    }
    Ok(only)
}
