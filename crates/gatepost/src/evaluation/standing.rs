//! A request that was allowed once, and how it stands at a later moment.

use super::{Evaluation, NamedOrg};
use crate::code::Code;
use crate::decision::{Decision, Deny, Need, Reach, Step, decide};
use crate::denial::Denial;
use crate::id::{OrgId, SubjectId};
use crate::permit::{OwnedBy, Permit};
use crate::request::Input;
#[cfg(feature = "tickets")]
use crate::requirement::Requirement;
use crate::snapshot::Snapshot;
#[cfg(feature = "tickets")]
use crate::subject::Subject;
use crate::target::Target;
use crate::time::Timestamp;
#[cfg(feature = "tickets")]
use crate::vocabulary::Mode;
use crate::vocabulary::OrgRule;

/// How a request that was allowed once stands at a later moment.
#[derive(Debug)]
pub(crate) enum Standing {
    /// It is allowed, at least until then if nothing changes.
    Holds { until: Option<Timestamp> },
    /// It is not.
    Over(Denial),
    /// This subject's memberships are to be read first.
    Unknown(SubjectId),
}

impl Evaluation {
    /// The request of a permit. Its org is the one that it was admitted in, be it that the policy names
    /// another default now.
    pub(crate) fn of_permit(permit: &Permit) -> Self {
        let requirement = permit.requirement();
        let org = permit.org().cloned();
        Self {
            requirement,
            target: Target::new(permit.resource(), requirement.action()),
            subject: Some(permit.asker()),
            is_pinned: requirement.org_rule().rule() == OrgRule::Default,
            org: org.map_or(NamedOrg::Absent, NamedOrg::Named),
            mode: Input::Known(permit.mode()),
            owner: permit.owned_by().clone(),
            at: None,
            memberships: Vec::new(),
            // What was allowed once is asked for in earnest.
            report_only: None,
            denied: None,
        }
    }

    /// Background work of which everything is known.
    #[cfg(feature = "tickets")]
    pub(crate) fn in_background(
        requirement: &'static Requirement,
        resource: &'static str,
        subject: Subject,
        org: OrgId,
        owner: OwnedBy,
    ) -> Self {
        Self {
            requirement,
            target: Target::new(resource, requirement.action()),
            subject: Some(subject),
            org: NamedOrg::Named(org),
            mode: Input::Known(Some(Mode::Background)),
            owner,
            at: None,
            memberships: Vec::new(),
            is_pinned: false,
            report_only: None,
            denied: None,
        }
    }

    /// How a request that was allowed once stands at this moment.
    pub(crate) fn stand(&mut self, facts: &Snapshot, reach: Reach, at: Timestamp) -> Standing {
        if self.identity_end().is_some_and(|end| end <= at) {
            let is_redeemed = self.subject.as_ref().is_some_and(|it| it.is_redeemed);
            let code = if is_redeemed {
                Code::TicketExpired
            } else {
                Code::Unauthenticated
            };
            return Standing::Over(self.reject(Denial::new(code)));
        }
        self.at = Some(at);
        match decide(facts, &self.request()) {
            Step::Done(Decision::Allow(allow))
                if reach == Reach::Any && allow.reach == Reach::Own =>
            {
                // What is said of an object that is not the subject's own.
                let owner = std::mem::replace(&mut self.owner, OwnedBy::Unknown);
                let standing = self.stand(facts, Reach::Own, at);
                self.owner = owner;
                standing
            }
            Step::Done(Decision::Allow(_)) => Standing::Holds {
                until: self.next_end(facts, at),
            },
            Step::Done(Decision::Deny(deny)) => Standing::Over(self.denied(&Deny { ..deny })),
            Step::Done(Decision::Error(code)) => Standing::Over(self.reject(Denial::new(code))),
            Step::Need(Need::Memberships(whose)) => match self.whose(whose) {
                Some(id) => Standing::Unknown(id.clone()),
                None => Standing::Over(self.reject(Denial::new(Code::PolicyUnavailable))),
            },
            // A permit was given for what is known.
            Step::Need(Need::Org | Need::Mode | Need::Owner { .. } | Need::Time) => {
                Standing::Over(self.reject(Denial::new(Code::PolicyUnavailable)))
            }
        }
    }

    fn identity_end(&self) -> Option<Timestamp> {
        self.subject.as_ref()?.end()
    }

    /// When the next of what the request may depend on is over: the identity, or a membership.
    fn next_end(&self, facts: &Snapshot, at: Timestamp) -> Option<Timestamp> {
        let of_memberships = self.next_membership_end(facts, at);
        [of_memberships, self.identity_end()]
            .into_iter()
            .flatten()
            .min()
    }

    fn next_membership_end(&self, facts: &Snapshot, at: Timestamp) -> Option<Timestamp> {
        let (subject, org) = (self.subject.as_ref()?, facts.org_index(self.named_org()?)?);
        let both = [Some(subject.id()), subject.delegator()];
        let ends = both.into_iter().flatten().flat_map(|id| {
            let known = facts.subject_or_stranger(id);
            let loaded = (self.memberships.iter()).find(|loaded| loaded.subject() == id);
            facts.path(org).filter_map(move |(index, org)| {
                let here = known.membership(index);
                let here = here.and_then(|membership| membership.end);
                let elsewhere = || loaded?.in_org(&org.id)?.expires;
                here.or_else(elsewhere)
            })
        });
        ends.filter(|end| *end > at).min()
    }

    pub(crate) fn named_org(&self) -> Option<&OrgId> {
        match &self.org {
            NamedOrg::Named(org) => Some(org),
            NamedOrg::Absent | NamedOrg::Conflict | NamedOrg::Missing | NamedOrg::Pending => None,
        }
    }
}
