//! Who is told of each decision, and what is told.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gatepost::{Code, DecisionId, Denial, Evaluation, OrgId, Permit, Requirement, Subject};

/// What was decided of one request, as an [`Observer`] is told of it.
///
/// It borrows: whoever keeps something of it copies what it keeps.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Decided<'r> {
    /// What came of it.
    pub verdict: Verdict<'r>,
    /// What was asked, as far as it had been read; none of a request whose subject could not be told.
    ///
    /// By it the same request can be decided by other facts: [`Evaluation::preview`].
    pub asked: Option<&'r Evaluation>,
    /// What the route requires.
    pub requirement: &'static Requirement,
    /// The request's method; one that RFC 9110 does not know is `OTHER`, since clients can make up any number.
    pub method: &'static str,
    /// The route's path as it was registered, `/orgs/{org}/chats`, where the adapter knows it; never the request's.
    pub path: Option<&'r str>,
    /// The policy version that it was decided by, where there was one.
    pub version: Option<u64>,
    /// From the request's arrival at its requirement until the verdict, what was awaited in between included.
    pub latency: Duration,
}

/// What came of a request.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::exhaustive_enums,
    reason = "whoever observes tells each of them apart"
)]
pub enum Verdict<'r> {
    /// It was allowed.
    Allow(&'r Permit),
    /// It was refused: a denial, or an error.
    Refuse(&'r Denial),
    /// It would have been refused, and went on, since its requirement only reports.
    Report(&'r Denial),
}

impl<'r> Verdict<'r> {
    /// The id of the decision.
    pub fn decision(self) -> DecisionId {
        match self {
            Self::Allow(permit) => permit.decision(),
            Self::Refuse(denial) | Self::Report(denial) => denial.decision(),
        }
    }

    /// Why it was not allowed.
    pub fn denial(self) -> Option<&'r Denial> {
        match self {
            Self::Allow(_) => None,
            Self::Refuse(denial) | Self::Report(denial) => Some(denial),
        }
    }

    /// `allow`, `deny` or `error`.
    pub fn outcome(self) -> &'static str {
        match self.denial() {
            None => "allow",
            Some(denial) if denial.is_error() => "error",
            Some(_) => "deny",
        }
    }

    /// Whether the request was treated as it was decided.
    pub fn is_enforced(self) -> bool {
        match self {
            Self::Allow(_) | Self::Refuse(_) => true,
            Self::Report(_) => false,
        }
    }

    /// The code, where it was not allowed.
    pub fn code(self) -> Option<Code> {
        self.denial().map(Denial::code)
    }
}

impl<'r> Decided<'r> {
    /// A verdict on a request of which nothing is known but what was asked, and what the route requires.
    ///
    /// The policy version is that of the permit, where there is one. It is for whoever decides without an adapter,
    /// and for the tests of an observer; adapters fill in the rest.
    pub fn new(
        verdict: Verdict<'r>,
        asked: Option<&'r Evaluation>,
        requirement: &'static Requirement,
    ) -> Self {
        let version = match verdict {
            Verdict::Allow(permit) => Some(permit.version()),
            Verdict::Refuse(_) | Verdict::Report(_) => None,
        };
        Self {
            verdict,
            asked,
            requirement,
            method: "OTHER",
            path: None,
            version,
            latency: Duration::ZERO,
        }
    }

    /// Who asked, where that was found out.
    pub fn subject(&self) -> Option<&'r Subject> {
        self.asked.and_then(Evaluation::subject)
    }

    /// The resource that was asked for.
    pub fn resource(&self) -> &'static str {
        let asked = self.asked.map(Evaluation::resource);
        asked.unwrap_or(self.requirement.resource().name())
    }

    /// The org that it fell in, or that it named.
    pub fn org(&self) -> Option<&'r OrgId> {
        match self.verdict {
            Verdict::Allow(permit) => permit.org(),
            Verdict::Refuse(denial) | Verdict::Report(denial) => denial.org(),
        }
    }
}

/// Somebody who is told of each decision: a log, a metric, a policy that is tried out.
///
/// It is told in the request's path, so it returns at once: what takes long goes through a bounded queue. What it does
/// changes no answer; where it panics, that is caught, and the request goes on as it was decided.
///
/// Without any observer nothing is measured, cloned or called.
pub trait Observer: fmt::Debug + Send + Sync + 'static {
    /// Is told of a decision, before the handler runs or the refusal is answered.
    fn decided(&self, decided: &Decided<'_>);

    /// Is told that a permit was revoked while something was bound to it.
    fn revoked(&self, permit: &Permit, denial: &Denial) {
        let _ = (permit, denial);
    }
}

/// A log that has what it is given when it says so, for requirements that admit nobody without it
/// ([`Requirement::logged`](gatepost::Requirement)).
#[async_trait]
pub trait Journal: fmt::Debug + Send + Sync + 'static {
    /// Writes an allow down; the handler runs once it returns.
    ///
    /// # Errors
    ///
    /// [`NotWritten`], and the request is answered with `policy_unavailable`.
    async fn write(&self, decided: &Decided<'_>) -> Result<(), NotWritten>;
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn decided(&self, decided: &Decided<'_>) {
        (**self).decided(decided);
    }

    fn revoked(&self, permit: &Permit, denial: &Denial) {
        (**self).revoked(permit, denial);
    }
}

#[async_trait]
impl<J: Journal + ?Sized> Journal for Arc<J> {
    async fn write(&self, decided: &Decided<'_>) -> Result<(), NotWritten> {
        (**self).write(decided).await
    }
}

/// A decision that could not be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotWritten {
    /// Why, for the log.
    pub why: String,
}

impl NotWritten {
    /// For this reason.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the decision could not be written down: {}", self.why)
    }
}

impl std::error::Error for NotWritten {}
