//! The proof of an allow.

#![allow(
    clippy::inline_always,
    reason = "measured: what is returned instead is copied, and read back wider than it was written"
)]

use crate::decision::Reach;
use crate::decision_id::DecisionId;
#[cfg(feature = "revocation")]
use crate::gate::{Gate, GateId};
use crate::id::{OrgId, SubjectId};
use crate::requirement::Requirement;
use crate::subject::{Scopes, Subject};
use crate::target::Target;
use crate::vocabulary::{Kind, Mode};

/// Proves that a request was allowed, and under what.
///
/// Only the gate can make one: it is neither built nor read from anywhere else.
/// It speaks of one moment. What outlives the request asks again: at one moment with
/// [`ensure_fresh`](Self::ensure_fresh), all the while with [`revoked`](Self::revoked), in another
/// process with a [`ticket`](Self::ticket).
///
/// ```compile_fail
/// let permit = gatepost::Permit {};
/// ```
#[derive(Clone, Debug)]
pub struct Permit {
    subject: SubjectId,
    acting_for: Option<SubjectId>,
    kind: Kind,
    claimed_kind: Option<Kind>,
    scopes: Option<Scopes>,
    /// When what identified the subject is over.
    #[cfg(feature = "revocation")]
    expires: i64,
    /// Whether it was given for a ticket.
    #[cfg(feature = "revocation")]
    is_redeemed: bool,
    org: Option<OrgId>,
    owner: OwnedBy,
    mode: Option<Mode>,
    requirement: &'static Requirement,
    resource: &'static str,
    /// Where it can be asked again. A gate is known by its number: a handle to it would be counted, and all
    /// cores would count at one place.
    #[cfg(feature = "revocation")]
    gate: GateId,
    version: u64,
    via_all_orgs: bool,
    reach: Reach,
    decision: DecisionId,
}

/// Who owns the object that is acted on.
#[derive(Clone, Debug)]
pub(crate) enum OwnedBy {
    /// Nobody that is known.
    Unknown,
    /// Whoever the work is for, by the requirement: an id that is at hand already.
    Beneficiary,
    /// This one, as the request or the loaded object says.
    Subject(SubjectId),
    /// It has not been read; no request is allowed so.
    Unread,
}

/// What a decision allowed, and of which request.
pub(crate) struct Admission {
    pub(crate) subject: Subject,
    pub(crate) kind: Kind,
    pub(crate) org: Option<OrgId>,
    pub(crate) owner: OwnedBy,
    pub(crate) mode: Option<Mode>,
    pub(crate) requirement: &'static Requirement,
    pub(crate) target: Target<'static>,
    #[cfg(feature = "revocation")]
    pub(crate) gate: GateId,
    pub(crate) version: u64,
    pub(crate) via_all_orgs: bool,
    pub(crate) reach: Reach,
}

impl Permit {
    /// The one place where a permit is made.
    // It is written where it stays, out of what the request has brought: each copy of it in between cost 10 ns.
    #[inline(always)]
    pub(crate) fn admit(admission: Admission) -> Self {
        let Subject {
            id: subject,
            kind: claimed_kind,
            scopes,
            acting_for,
            expires,
            is_redeemed,
        } = admission.subject;
        #[cfg(not(feature = "revocation"))]
        let _ = (expires, is_redeemed);
        Self {
            subject,
            acting_for,
            kind: admission.kind,
            claimed_kind,
            scopes,
            #[cfg(feature = "revocation")]
            expires,
            #[cfg(feature = "revocation")]
            is_redeemed,
            org: admission.org,
            owner: admission.owner,
            mode: admission.mode,
            requirement: admission.requirement,
            resource: admission.target.resource(),
            #[cfg(feature = "revocation")]
            gate: admission.gate,
            version: admission.version,
            via_all_orgs: admission.via_all_orgs,
            reach: admission.reach,
            decision: DecisionId::new(),
        }
    }

    /// Who was admitted.
    pub fn subject(&self) -> &SubjectId {
        &self.subject
    }

    /// What the subject is, by policy and identity together.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What the verified identity said the subject is; the policy may say otherwise.
    pub fn claimed_kind(&self) -> Option<Kind> {
        self.claimed_kind
    }

    /// The human that the subject acts for.
    pub fn acting_for(&self) -> Option<&SubjectId> {
        self.acting_for.as_ref()
    }

    /// Whose the work is: the one acted for, else the subject.
    pub fn beneficiary(&self) -> &SubjectId {
        self.acting_for.as_ref().unwrap_or(&self.subject)
    }

    /// The org that the request falls in; none where the site tier alone decided.
    pub fn org(&self) -> Option<&OrgId> {
        self.org.as_ref()
    }

    /// Who owns the object that is acted on, where that is known.
    pub fn owner(&self) -> Option<&SubjectId> {
        match &self.owner {
            OwnedBy::Unknown | OwnedBy::Unread => None,
            OwnedBy::Beneficiary => Some(self.beneficiary()),
            OwnedBy::Subject(owner) => Some(owner),
        }
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

    /// The scopes that the request was limited to, if to any.
    pub fn scopes(&self) -> Option<&Scopes> {
        self.scopes.as_ref()
    }

    /// Who asked, as the service's authentication said it.
    #[cfg(feature = "revocation")]
    pub(crate) fn asker(&self) -> Subject {
        Subject {
            id: self.subject.clone(),
            kind: self.claimed_kind,
            scopes: self.scopes.clone(),
            acting_for: self.acting_for.clone(),
            expires: self.expires,
            is_redeemed: self.is_redeemed,
        }
    }

    /// When the ticket is over that it was given for, in milliseconds since 1970.
    #[cfg(feature = "tickets")]
    pub(crate) fn ticket_end(&self) -> Option<i64> {
        self.is_redeemed.then_some(self.expires)
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn owned_by(&self) -> &OwnedBy {
        &self.owner
    }

    /// The gate that admitted it, where there still is one.
    #[cfg(feature = "revocation")]
    pub(crate) fn gate(&self) -> Option<Gate> {
        self.gate.find()
    }

    /// The id that is also in the log.
    pub fn decision(&self) -> DecisionId {
        self.decision
    }
}
