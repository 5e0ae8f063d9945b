//! The proof of an allow.

use crate::decision::{Allow, Reach};
use crate::decision_id::DecisionId;
use crate::id::{OrgId, SubjectId};
use crate::requirement::Requirement;
use crate::subject::Subject;
use crate::vocabulary::{Kind, Mode};

/// Proves that a request was allowed, and under what.
///
/// Only the gate can make one: it is neither built nor read from anywhere else.
/// It speaks of one moment. What outlives the request must ask again.
///
/// ```compile_fail
/// let permit = gatepost::Permit {};
/// ```
#[derive(Clone, Debug)]
pub struct Permit {
    subject: Subject,
    kind: Kind,
    org: Option<OrgId>,
    owner: Option<SubjectId>,
    mode: Option<Mode>,
    requirement: &'static Requirement,
    resource: &'static str,
    version: u64,
    via_all_orgs: bool,
    reach: Reach,
    decision: DecisionId,
}

impl Permit {
    /// The one place where a permit is made.
    pub(crate) fn admit(
        allow: &Allow<'_>,
        subject: &Subject,
        requirement: &'static Requirement,
        resource: &'static str,
        version: u64,
    ) -> Self {
        Self {
            subject: subject.clone(),
            kind: allow.kind,
            org: allow.org.cloned(),
            owner: allow.owner.cloned(),
            mode: allow.mode,
            requirement,
            resource,
            version,
            via_all_orgs: allow.via_all_orgs,
            reach: allow.reach,
            decision: DecisionId::new(),
        }
    }

    /// Who was admitted.
    pub fn subject(&self) -> &SubjectId {
        self.subject.id()
    }

    /// What the subject is, by policy and identity together.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The human that the subject acts for.
    pub fn acting_for(&self) -> Option<&SubjectId> {
        self.subject.delegator()
    }

    /// Whose the work is: the one acted for, else the subject.
    pub fn beneficiary(&self) -> &SubjectId {
        self.subject.beneficiary()
    }

    /// The org that the request falls in; none where the site tier alone decided.
    pub fn org(&self) -> Option<&OrgId> {
        self.org.as_ref()
    }

    /// Who owns the object that is acted on, where that is known.
    pub fn owner(&self) -> Option<&SubjectId> {
        self.owner.as_ref()
    }

    /// How the work was admitted to run; the handler goes by this and nothing else.
    pub fn mode(&self) -> Option<Mode> {
        self.mode
    }

    /// The requirement that was met.
    pub fn requirement(&self) -> &'static Requirement {
        self.requirement
    }

    /// The resource that was asked for.
    pub fn resource(&self) -> &'static str {
        self.resource
    }

    /// The policy version that it was admitted at.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether a site role with `all_orgs` opened the org.
    pub fn is_via_all_orgs(&self) -> bool {
        self.via_all_orgs
    }

    /// Whether the grants reach any object or only the beneficiary's own; a list is filtered by it.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// The id that is also in the log.
    pub fn decision(&self) -> DecisionId {
        self.decision
    }
}
