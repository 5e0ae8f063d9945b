//! The answer to a request, as files and scripts see it.

use std::fmt;

use gatepost::{
    Code, Decision, Request, RequestDocument, Snapshot, Step, Tier, Timestamp, Whose, decide,
};
use serde::Serialize;

/// What a request is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Allow,
    Deny,
    Error,
}

/// An answer. Only the keys of the batch format are written.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Answer<'a> {
    pub(crate) decision: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tier: Option<Tier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) via: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    #[serde(skip)]
    pub(crate) whose: Option<Whose>,
    #[serde(skip)]
    pub(crate) required_role: Option<&'a str>,
}

/// The question of a document, asked now where it names no moment.
pub(crate) fn question(document: &RequestDocument) -> Request<'_> {
    let request = document.as_request();
    let at = request.at.unwrap_or_else(Timestamp::now);
    request.at(at)
}

impl<'a> Answer<'a> {
    /// Decides a request of which everything is known.
    pub(crate) fn to(facts: &'a Snapshot, request: &Request<'a>) -> Self {
        let decision = match decide(facts, request) {
            Step::Done(decision) => decision,
            // Nothing is pending, so nothing can be needed.
            Step::Need(_) => Decision::Error(Code::PolicyUnavailable),
        };
        match decision {
            Decision::Allow(allow) => Self {
                via: allow.via_all_orgs.then_some("all_orgs"),
                ..Self::new(Verdict::Allow, None)
            },
            Decision::Deny(deny) => Self {
                whose: Some(deny.whose),
                required_role: deny.required_role,
                ..Self::new(Verdict::Deny, Some(deny.code))
            },
            Decision::Error(code) => Self::new(Verdict::Error, Some(code)),
        }
    }

    /// Says that there is no decision.
    pub(crate) fn error(code: Code, detail: String) -> Self {
        Self {
            detail: Some(detail),
            ..Self::new(Verdict::Error, Some(code))
        }
    }

    fn new(decision: Verdict, code: Option<Code>) -> Self {
        Self {
            decision,
            code,
            tier: code.and_then(Code::tier),
            via: None,
            detail: None,
            whose: None,
            required_role: None,
        }
    }
}

impl Verdict {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Error => "error",
        }
    }
}

/// `allow`, or `deny CODE (TIER)`.
impl fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.decision.as_str())?;
        if let Some(code) = self.code {
            write!(f, " {code}")?;
        }
        if let Some(tier) = self.tier {
            write!(f, " ({tier})")?;
        }
        Ok(())
    }
}
