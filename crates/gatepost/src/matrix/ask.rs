//! What a route asks, in each of the ways in which it can be asked.

use std::fmt;

use super::MatrixCell;
use crate::id::OrgId;
use crate::inventory::RequirementRecord;
use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::vocabulary::{Mode, OrgRule};
use crate::world::{Ownership, Worlds};

/// One resource, action and mode that a route asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'r> {
    pub(crate) resource: &'r str,
    pub(crate) action: &'r str,
    pub(crate) mode: Option<Mode>,
    /// What is meant where the request names no org, if it does not.
    pub(crate) unnamed: Option<OrgRule>,
    owner: Owner,
}

/// Who owns the object.
#[derive(Clone, Copy, Debug)]
enum Owner {
    Unknown,
    Subject,
    Anybody,
}

impl<'r> Ask<'r> {
    /// Everything that a requirement can ask.
    pub(crate) fn all(record: &'r RequirementRecord) -> impl Iterator<Item = Self> {
        let unnamed = match record.org_rule {
            OrgRule::Required => None,
            OrgRule::None => Some(OrgRule::None),
            OrgRule::Default => record.org.is_empty().then_some(OrgRule::Default),
        };
        let owner = match (&record.owner, record.has_other_owners()) {
            (None, _) => Owner::Unknown,
            (Some(_), false) => Owner::Subject,
            (Some(_), true) => Owner::Anybody,
        };
        record
            .resource
            .names()
            .into_iter()
            .flat_map(move |resource| {
                record.modes().iter().map(move |mode| Self {
                    resource,
                    action: &record.action,
                    mode: *mode,
                    unnamed,
                    owner,
                })
            })
    }

    /// The worlds in which it is asked. Whatever runs can leave a ticket behind, which is decided in background.
    pub(crate) fn worlds(&self) -> Worlds {
        let queued = Worlds::of_mode(Some(Mode::Background));
        let owned = match self.owner {
            Owner::Unknown => Worlds::of_ownership(Ownership::Unknown),
            Owner::Subject => Worlds::of_ownership(Ownership::Own),
            Owner::Anybody => Worlds::ALL,
        };
        Worlds::of_mode(self.mode).or(queued).and(owned)
    }

    /// Asks it for a subject in an org.
    pub(crate) fn answer(
        &self,
        facts: &Snapshot,
        subject: &Subject,
        org: &OrgId,
        at: Option<Timestamp>,
    ) -> MatrixCell {
        let mut request = Request::new(self.resource, self.action)
            .subject(subject)
            .mode(self.mode);
        request = match self.unnamed {
            None => request.org(org),
            Some(rule) => request.org_rule(rule),
        };
        request.at = at;
        match self.owner {
            Owner::Unknown => MatrixCell::as_asked(facts, &request),
            Owner::Subject => MatrixCell::as_asked(facts, &request.owner(subject.beneficiary())),
            Owner::Anybody => MatrixCell::by_owner(facts, &request),
        }
    }
}

/// `chat:create#foreground`
impl fmt::Display for Ask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource, self.action)?;
        match self.mode {
            Some(mode) => write!(f, "#{mode}"),
            None => Ok(()),
        }
    }
}
