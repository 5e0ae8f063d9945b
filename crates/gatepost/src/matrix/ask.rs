//! What a route asks, in each of the ways in which it can be asked.

use std::fmt;

use super::MatrixCell;
use super::axis::how_word;
use crate::id::OrgId;
use crate::inventory::RequirementRecord;
use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::vocabulary::{Mode, OrgRule};
use crate::world::{Ownership, Worlds};

/// One resource, action and mode that a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ask<'r> {
    pub(crate) resource: &'r str,
    pub(crate) action: &'r str,
    pub(crate) mode: Option<Mode>,
    org_rule: OrgRule,
    /// Whether anything in the request can name an org.
    has_sources: bool,
    owner: Owner,
}

/// Which orgs are asked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AskedIn {
    /// The one that the request names.
    Named,
    /// The subject's default: the request can name none.
    Default,
    /// The one that the request names, and the subject's default where it names none.
    NamedOrDefault,
    /// None.
    NoOrg,
}

/// Who owns the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Owner {
    Unknown,
    Subject,
    Anybody,
}

impl<'r> Ask<'r> {
    /// Everything that a requirement can ask.
    pub(crate) fn all(record: &'r RequirementRecord) -> impl Iterator<Item = Self> {
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
                    org_rule: record.org_rule,
                    has_sources: !record.org.is_empty(),
                    owner,
                })
            })
    }

    pub(crate) fn asked_in(&self) -> AskedIn {
        match (self.org_rule, self.has_sources) {
            (OrgRule::Required, _) => AskedIn::Named,
            (OrgRule::Default, false) => AskedIn::Default,
            (OrgRule::Default, true) => AskedIn::NamedOrDefault,
            (OrgRule::None, _) => AskedIn::NoOrg,
        }
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

    /// Asks it for a subject in an org, which the request names where it can.
    pub(crate) fn answer(
        &self,
        facts: &Snapshot,
        subject: &Subject,
        org: &OrgId,
        at: Option<Timestamp>,
    ) -> MatrixCell {
        let named = match self.asked_in() {
            AskedIn::Named | AskedIn::NamedOrDefault => Some(org),
            AskedIn::Default | AskedIn::NoOrg => None,
        };
        self.answer_in(facts, subject, named, at)
    }

    /// Asks it for a subject where the request names no org.
    pub(crate) fn answer_unnamed(
        &self,
        facts: &Snapshot,
        subject: &Subject,
        at: Option<Timestamp>,
    ) -> MatrixCell {
        self.answer_in(facts, subject, None, at)
    }

    fn answer_in(
        &self,
        facts: &Snapshot,
        subject: &Subject,
        named: Option<&OrgId>,
        at: Option<Timestamp>,
    ) -> MatrixCell {
        let mut request = Request::new(self.resource, self.action)
            .subject(subject)
            .mode(self.mode);
        request = match named {
            Some(org) => request.org(org),
            None => request.org_rule(self.org_rule),
        };
        request.at = at;
        match self.owner {
            Owner::Unknown => MatrixCell::as_asked(facts, &request),
            Owner::Subject => MatrixCell::as_asked(facts, &request.owner(subject.beneficiary())),
            Owner::Anybody => MatrixCell::by_owner(facts, &request),
        }
    }
}

/// In which org and about whose object a route asks: `org required: path org; owner subject`. No two requirements
/// that differ in one of these have the same text.
pub(super) fn how(record: &RequirementRecord) -> String {
    let mut how = format!("org {}", record.org_rule.as_str());
    for (at, source) in record.org.iter().enumerate() {
        let before = if at == 0 { ": " } else { ", " };
        how.push_str(before);
        how.push_str(&how_word(source));
    }
    if let Some(owner) = &record.owner {
        how.push_str("; owner ");
        how.push_str(&how_word(owner));
    }
    how
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
