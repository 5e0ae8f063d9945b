//! A refusal as a client is told it.

use gatepost::ProblemDocument;
use serde::Serialize;
use utoipa::ToSchema;

use super::ChangeView;

/// Why a request was not answered (RFC 9457): a refusal by policy, with its code, or what is wrong with the request.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = ConsoleProblem)]
pub(crate) struct ProblemView {
    /// Names the kind of problem.
    #[schema(format = "uri-reference")]
    pub(crate) r#type: String,
    /// The kind of problem, in words.
    pub(crate) title: String,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What is to be said to the reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    /// Why policy refused; it never changes and is never translated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// Where it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tier: Option<String>,
    /// What was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<String>,
    /// What was to be done with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<String>,
    /// How the work would have run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<String>,
    /// The org that the request named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) org: Option<String>,
    /// Whose request was refused, where the subject acts for somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) whose: Option<String>,
    /// The role that reaches the mode's floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) required_role: Option<String>,
    /// Who can change the answer, and how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<RemedyView>,
    /// The id that is also in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision: Option<String>,
    /// What was changed by others in between, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) changes: Vec<ChangeView>,
}

/// Who can change an answer, and how.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ConsoleRemedy)]
pub(crate) struct RemedyView {
    /// `site_admin`, `org_admin` or `self`.
    pub(crate) who: String,
    /// What to do.
    pub(crate) action: String,
}

impl ProblemView {
    /// What a refusal by policy tells its client.
    pub(crate) fn of(problem: &ProblemDocument<'_>) -> Self {
        let who = |who: gatepost::Who| match who {
            gatepost::Who::SiteAdmin => "site_admin",
            gatepost::Who::OrgAdmin => "org_admin",
            gatepost::Who::Requester => "self",
        };
        Self {
            r#type: problem.r#type.to_string(),
            title: problem.title.to_owned(),
            status: problem.status,
            detail: problem.detail.as_deref().map(str::to_owned),
            code: problem.code.map(|code| code.to_string()),
            tier: problem.tier.map(|tier| tier.to_string()),
            resource: problem.resource.map(str::to_owned),
            action: problem.action.map(str::to_owned),
            mode: problem.mode.map(|mode| mode.to_string()),
            org: problem.org.map(ToString::to_string),
            whose: problem.whose.map(str::to_owned),
            required_role: problem.required_role.map(str::to_owned),
            remedy: problem.remedy.as_ref().map(|remedy| RemedyView {
                who: who(remedy.who).to_owned(),
                action: remedy.action.clone(),
            }),
            decision: Some(problem.decision.to_string()),
            changes: Vec::new(),
        }
    }
}
