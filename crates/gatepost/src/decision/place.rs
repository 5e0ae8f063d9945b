//! Where a request falls: in which org, if in any.

use super::end::Halt;
use super::org::TimeNeeded;
use super::{Run, Watch, is_on};
use crate::code::Code;
use crate::id::OrgId;
use crate::request::OrgInput;
use crate::snapshot::{OrgIndex, Snapshot, Subject};
use crate::time::Timestamp;
use crate::vocabulary::OrgRule;

/// Where a request falls.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// In no org: the site tier alone decides.
    Site,
    /// In an org, which need not exist.
    Org(&'a OrgId, Option<OrgIndex>),
    /// In an org that no source could name.
    Missing,
    /// It cannot be told, for this reason.
    Unnamed(Code),
    /// It has to be read.
    Pending,
}

impl<'a, W: Watch> Run<'a, '_, W> {
    /// Where the request falls. Nothing of the org tier is read before it is asked for.
    #[inline]
    pub(super) fn place(&mut self) -> Result<Place<'a>, Halt> {
        Ok(match self.request.org {
            OrgInput::Named(org) => {
                self.watch.reads_org();
                Place::Org(org, self.facts.org_index(org))
            }
            OrgInput::Absent(OrgRule::None) => Place::Site,
            OrgInput::Absent(OrgRule::Required) => Place::Unnamed(Code::OrgRequired),
            OrgInput::Absent(OrgRule::Default) => self.default_place()?,
            OrgInput::Conflict => Place::Unnamed(Code::OrgConflict),
            OrgInput::Missing => Place::Missing,
            OrgInput::Pending => Place::Pending,
        })
    }

    /// The default org, which is that of the one acted for.
    #[cold]
    fn default_place(&mut self) -> Result<Place<'a>, Halt> {
        self.watch.reads_org();
        let known = self
            .request
            .subject
            .and_then(|subject| self.facts.subject(subject.beneficiary()));
        let index = default_org(self.facts, known, self.request.at)?;
        let found = index.and_then(|index| Some((index, self.facts.org(index)?)));
        Ok(
            found.map_or(Place::Unnamed(Code::NoDefaultOrg), |(index, org)| {
                Place::Org(&org.id, Some(index))
            }),
        )
    }
}

/// The subject's default org: the one it has set where it is a member there, else the only one that it is directly in.
fn default_org(
    facts: &Snapshot,
    subject: Option<&Subject>,
    at: Option<Timestamp>,
) -> Result<Option<OrgIndex>, TimeNeeded> {
    let Some(subject) = subject else {
        return Ok(None);
    };
    if let Some(org) = subject.default_org {
        for (index, _) in facts.path(org) {
            if let Some(membership) = subject.membership(index)
                && is_on(membership.expires, at)?
            {
                return Ok(Some(org));
            }
        }
    }
    let mut only = None;
    for membership in subject.memberships() {
        if is_on(membership.expires, at)? {
            if only.is_some() {
                return Ok(None);
            }
            only = Some(membership.org);
        }
    }
    Ok(only)
}
