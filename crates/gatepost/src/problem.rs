//! The problem document (RFC 9457) that a client gets.

mod prepared;

use std::borrow::Cow;

use serde::Serialize;

use crate::code::{Code, Tier};
use crate::decision_id::DecisionId;
use crate::id::OrgId;
use crate::vocabulary::Mode;

pub use prepared::PreparedProblems;

/// The media type of a [`Problem`](crate::ProblemDocument) (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

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

impl Who {
    /// Who can change the answer that a code gives, whatever the language it is given in.
    pub(crate) const fn can_change(code: Code) -> Option<Self> {
        match code {
            Code::SubjectSuspended
            | Code::SiteOff
            | Code::SiteDenied
            | Code::SiteGrantMissing
            | Code::SiteModeOff
            | Code::OrgSuspended => Some(Self::SiteAdmin),
            Code::NotAMember
            | Code::OrgOff
            | Code::OrgModeOff
            | Code::OrgDenied
            | Code::OrgGrantMissing
            | Code::ModeFloor => Some(Self::OrgAdmin),
            Code::Unauthenticated
            | Code::DelegatorMissing
            | Code::ScopeMissing
            | Code::OrgRequired
            | Code::OrgConflict
            | Code::NoDefaultOrg
            | Code::BadRequest
            | Code::BodyTooLarge
            | Code::PolicyUnavailable
            | Code::PolicyStale
            | Code::TicketInvalid
            | Code::TicketExpired => Some(Self::Requester),
            Code::PermitMissing => None,
        }
    }
}

impl ProblemDocument<'_> {
    pub(crate) const NOT_FOUND: u16 = 404;

    /// What a missing object gets, and a denial that is hidden as one.
    pub fn not_found(decision: DecisionId) -> Self {
        ProblemDocument {
            r#type: Cow::Borrowed("about:blank"),
            // With `about:blank` the title is the status phrase of HTTP (RFC 9457, section 4.2.1), in
            // no other language: a denial that is hidden and an object that is missing are the same bytes.
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
        // Most are of 300 to 500 bytes; grown from nothing, one would be moved three times.
        let mut bytes = Vec::with_capacity(512);
        match serde_json::to_writer(&mut bytes, self) {
            Ok(()) => bytes,
            Err(_) => Vec::new(),
        }
    }
}
