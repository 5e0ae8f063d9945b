//! What a handler is given on a route that only reports.

use crate::decision_id::DecisionId;
use crate::denial::Denial;
use crate::id::{OrgId, SubjectId};
use crate::permit::{OwnedBy, Permit};
use crate::requirement::Requirement;
use crate::subject::Subject;
use crate::vocabulary::{Kind, Mode};

/// A request that went on: with a permit, or because its requirement [only reports](crate::ReportOnly).
///
/// A handler that needs proof takes a [`Permit`], and does not run on a route that only reports. One that takes a
/// passage runs on both, so nothing of it changes on the day on which the route is enforced.
#[derive(Clone, Debug)]
#[allow(
    clippy::exhaustive_enums,
    reason = "there is a proof, or there is none"
)]
#[allow(
    clippy::large_enum_variant,
    reason = "the permit is what comes, and boxing it would cost each request an allocation"
)]
pub enum Passage {
    /// It was allowed.
    Permitted(Permit),
    /// It would have been refused.
    Unenforced(Box<Unenforced>),
}

/// A request that would have been refused.
///
/// It proves nothing: it carries no ticket, is revoked by nothing, and reaches what the handler lets it reach.
///
/// ```compile_fail
/// let unenforced = gatepost::Unenforced {};
/// ```
#[derive(Clone, Debug)]
pub struct Unenforced {
    subject: Subject,
    kind: Kind,
    org: Option<OrgId>,
    owner: OwnedBy,
    mode: Option<Mode>,
    requirement: &'static Requirement,
    resource: &'static str,
    version: u64,
    denial: Denial,
}

/// What is known of a request that would have been refused.
pub(crate) struct Reported {
    pub(crate) subject: Subject,
    pub(crate) kind: Kind,
    pub(crate) org: Option<OrgId>,
    pub(crate) owner: OwnedBy,
    pub(crate) mode: Option<Mode>,
    pub(crate) requirement: &'static Requirement,
    pub(crate) resource: &'static str,
    pub(crate) version: u64,
    pub(crate) denial: Denial,
}

impl Unenforced {
    /// The one place where one is made.
    pub(crate) fn report(reported: Reported) -> Self {
        let Reported {
            subject,
            kind,
            org,
            owner,
            mode,
            requirement,
            resource,
            version,
            denial,
        } = reported;
        Self {
            subject,
            kind,
            org,
            owner,
            mode,
            requirement,
            resource,
            version,
            denial,
        }
    }

    /// What would have been answered.
    pub fn denial(&self) -> &Denial {
        &self.denial
    }
}

macro_rules! of_both {
    ($($(#[$doc:meta])* $name:ident: $type:ty = |$unenforced:ident| $of:expr;)+) => {
        impl Passage {
            $($(#[$doc])*
            pub fn $name(&self) -> $type {
                match self {
                    Self::Permitted(permit) => permit.$name(),
                    Self::Unenforced(unenforced) => unenforced.$name(),
                }
            })+
        }

        impl Unenforced {
            $($(#[$doc])*
            pub fn $name(&self) -> $type {
                let $unenforced = self;
                $of
            })+
        }
    };
}

of_both! {
    /// Who asked.
    subject: &SubjectId = |it| it.subject.id();
    /// What the subject is, by policy and identity together.
    kind: Kind = |it| it.kind;
    /// The human that the subject acts for.
    acting_for: Option<&SubjectId> = |it| it.subject.delegator();
    /// Whose the work is: the one acted for, else the subject.
    beneficiary: &SubjectId = |it| it.subject.beneficiary();
    /// The org that the request falls in; none where no org is asked for.
    org: Option<&OrgId> = |it| it.org.as_ref();
    /// Who owns the object that is acted on, where that is known.
    owner: Option<&SubjectId> = |it| match &it.owner {
        OwnedBy::Unknown | OwnedBy::Unread => None,
        OwnedBy::Beneficiary => Some(it.subject.beneficiary()),
        OwnedBy::Subject(owner) => Some(owner),
    };
    /// How the work runs; the handler goes by this and nothing else.
    mode: Option<Mode> = |it| it.mode;
    /// What the route requires.
    requirement: &'static Requirement = |it| it.requirement;
    /// The resource that was asked for.
    resource: &'static str = |it| it.resource;
    /// The policy version that it was decided by.
    version: u64 = |it| it.version;
    /// The id that is also in the log.
    decision: DecisionId = |it| it.denial.decision();
}

impl Passage {
    /// The proof, where there is one.
    pub fn permit(&self) -> Option<&Permit> {
        match self {
            Self::Permitted(permit) => Some(permit),
            Self::Unenforced(_) => None,
        }
    }

    /// What would have been answered, were the route enforced.
    pub fn would_deny(&self) -> Option<&Denial> {
        match self {
            Self::Permitted(_) => None,
            Self::Unenforced(unenforced) => Some(unenforced.denial()),
        }
    }
}

impl From<Permit> for Passage {
    fn from(permit: Permit) -> Self {
        Self::Permitted(permit)
    }
}
