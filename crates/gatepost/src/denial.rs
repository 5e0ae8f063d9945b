//! What a client sees of a request that was not allowed.

use std::borrow::Cow;

use serde::Serialize;

use crate::code::{Code, CodeClass, Tier};
use crate::decision::{Deny, Whose};
use crate::decision_id::DecisionId;
use crate::id::OrgId;
use crate::texts;
use crate::vocabulary::Mode;

/// A request that was not allowed: policy's no, or an error.
///
/// ```
/// use gatepost::{Code, Denial};
///
/// let denial = Denial::new(Code::SiteOff).asked("chat", "create");
/// assert_eq!(denial.status(), 403);
/// let problem = serde_json::to_value(denial.problem())?;
/// assert_eq!(problem["code"], "site_off");
/// assert_eq!(problem["remedy"]["who"], "site_admin");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Denial {
    code: Code,
    resource: Option<&'static str>,
    action: Option<&'static str>,
    mode: Option<Mode>,
    org: Option<OrgId>,
    whose: Option<Whose>,
    required_role: Option<Box<str>>,
    reason: Option<Cow<'static, str>>,
    hidden: bool,
    decision: DecisionId,
}

/// The media type of a [`Problem`](crate::ProblemDocument) (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

impl Denial {
    /// A denial or error of which nothing but the code is known.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            resource: None,
            action: None,
            mode: None,
            org: None,
            whose: None,
            required_role: None,
            reason: None,
            hidden: false,
            decision: DecisionId::new(),
        }
    }

    /// A request that cannot be read as one that can be decided. The reason quotes no id.
    pub fn bad_request(reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            reason: Some(reason.into()),
            ..Self::new(Code::BadRequest)
        }
    }

    /// What policy said no with.
    pub(crate) fn by_policy(deny: &Deny<'_>, acts_for: bool) -> Self {
        Self {
            mode: deny.mode,
            org: deny.org.cloned(),
            whose: acts_for.then_some(deny.whose),
            required_role: deny.required_role.map(Into::into),
            ..Self::new(deny.code)
        }
    }

    /// Says what was asked for.
    #[must_use]
    pub fn asked(mut self, resource: &'static str, action: &'static str) -> Self {
        self.resource = Some(resource);
        self.action = Some(action);
        self
    }

    /// Answers it as if the object did not exist, where that may be: once a subject was found and the policy could be read.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        let may_hide = match self.code {
            Code::Unauthenticated
            | Code::PolicyUnavailable
            | Code::PolicyStale
            | Code::PermitMissing => false,
            Code::SubjectSuspended
            | Code::DelegatorMissing
            | Code::ScopeMissing
            | Code::SiteOff
            | Code::SiteDenied
            | Code::SiteGrantMissing
            | Code::SiteModeOff
            | Code::OrgRequired
            | Code::OrgConflict
            | Code::NoDefaultOrg
            | Code::NotAMember
            | Code::OrgSuspended
            | Code::OrgOff
            | Code::OrgModeOff
            | Code::OrgDenied
            | Code::OrgGrantMissing
            | Code::ModeFloor
            | Code::BadRequest
            | Code::BodyTooLarge
            | Code::TicketInvalid
            | Code::TicketExpired => true,
        };
        self.hidden = hidden && may_hide;
        self
    }

    /// Why; the client is not told where the denial is hidden.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Where the decision fell.
    pub fn tier(&self) -> Option<Tier> {
        self.code.tier()
    }

    /// Whether no answer could be given, rather than policy having said no.
    pub fn is_error(&self) -> bool {
        self.code.class() == CodeClass::Error
    }

    /// The id that is in the answer and in the log.
    pub fn decision(&self) -> DecisionId {
        self.decision
    }

    /// The org that the request named.
    pub fn org(&self) -> Option<&OrgId> {
        self.org.as_ref()
    }

    /// How the work would have run, where that was known.
    pub fn mode(&self) -> Option<Mode> {
        self.mode
    }

    /// Whose request was refused, where the subject acts for somebody.
    pub fn whose(&self) -> Option<Whose> {
        self.whose
    }

    /// What a request that could not be read had wrong.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Whether the client is told nothing but that there is no such object.
    pub fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// The HTTP status (RFC 9110) that the client gets.
    pub fn status(&self) -> u16 {
        if self.hidden {
            ProblemDocument::NOT_FOUND
        } else {
            self.code.status()
        }
    }

    /// The document that the client gets (RFC 9457).
    pub fn problem(&self) -> ProblemDocument<'_> {
        if self.hidden {
            return ProblemDocument::not_found(self.decision);
        }
        let text = texts::of(self.code, self.resource, self.mode);
        ProblemDocument {
            r#type: Cow::Owned(format!("https://gatepost.dev/codes/{}", self.code)),
            title: text.title,
            status: self.code.status(),
            detail: Some(self.reason.as_deref().map_or(text.detail, Cow::Borrowed)),
            code: Some(self.code),
            tier: self.code.tier(),
            resource: self.resource,
            action: self.action,
            mode: self.mode,
            org: self.org.as_ref(),
            whose: self.whose.map(Whose::as_str),
            required_role: self.required_role.as_deref(),
            remedy: text.remedy,
            decision: self.decision,
        }
    }

    /// The document's bytes.
    pub fn body(&self) -> Vec<u8> {
        self.problem().to_json()
    }
}

/// The problem document of a denial or error (RFC 9457).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub struct ProblemDocument<'a> {
    /// A URI that names the kind of problem.
    pub r#type: Cow<'a, str>,
    /// The kind of problem, in words.
    pub title: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// This problem, in words; it quotes no id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Cow<'a, str>>,
    /// The code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Where the decision fell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// The resource that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<&'a str>,
    /// The action that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<&'a str>,
    /// How the work would have run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// The org that the request named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<&'a OrgId>,
    /// Whose request was refused: `subject` or `acting_for`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whose: Option<&'a str>,
    /// The role that reaches the mode's floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_role: Option<&'a str>,
    /// Who can change the answer, and how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    /// The id that is also in the log.
    pub decision: DecisionId,
}

/// Who can change the answer, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Remedy {
    /// Who.
    pub who: Who,
    /// What to do.
    pub action: String,
}

/// Who can change an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    clippy::exhaustive_enums,
    reason = "the three who hold a switch, in full"
)]
pub enum Who {
    /// An admin of the site.
    SiteAdmin,
    /// An admin of the org.
    OrgAdmin,
    /// Whoever made the request.
    #[serde(rename = "self")]
    Requester,
}

impl ProblemDocument<'_> {
    const NOT_FOUND: u16 = 404;

    /// What a missing object gets, and a denial that is hidden as one.
    pub fn not_found(decision: DecisionId) -> Self {
        ProblemDocument {
            r#type: Cow::Borrowed("about:blank"),
            title: "Not Found",
            status: Self::NOT_FOUND,
            detail: None,
            code: None,
            tier: None,
            resource: None,
            action: None,
            mode: None,
            org: None,
            whose: None,
            required_role: None,
            remedy: None,
            decision,
        }
    }

    /// The document's bytes.
    pub fn to_json(&self) -> Vec<u8> {
        // Strings and numbers alone: there is nothing in it that JSON cannot write.
        serde_json::to_vec(self).unwrap_or_default()
    }
}
