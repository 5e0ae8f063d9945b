//! A decision as it is answered (section 5.5).

use axum::Json;
use axum::response::{IntoResponse, Response};
use gatepost::{Code, OrgId, Reach, Remedy};
use serde::Serialize;

use super::inquiry::Verdict;
use super::refusal::Refusal;

/// A decision, and what is told with it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Answer {
    pub(super) decision: bool,
    context: Context,
}

/// What is told of a decision: of a denial, what a refusal by policy tells.
#[derive(Clone, Debug, Default, Serialize)]
struct Context {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    whose: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<Remedy>,
    /// The org that it is allowed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<OrgId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<&'static str>,
    /// Why one of several could not be evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
    /// The id of a denial.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<String>,
    /// The policy version.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
}

#[derive(Clone, Debug, Serialize)]
struct Error {
    status: u16,
    message: String,
}

impl Answer {
    /// What the gate answered; that there is no answer is no decision.
    pub(super) fn of(verdict: Verdict) -> Result<Self, Refusal> {
        let context = match verdict {
            Verdict::Error(code) => return Err(code.into()),
            Verdict::Allow(allowed) => {
                let context = Context {
                    org: allowed.org,
                    via: allowed.via_all_orgs.then_some("all_orgs"),
                    reach: Some(match allowed.reach {
                        Reach::Any => "any",
                        Reach::Own => "own",
                    }),
                    version: Some(allowed.version),
                    ..Context::default()
                };
                return Ok(Self {
                    decision: true,
                    context,
                });
            }
            Verdict::Deny(denial, version) => {
                let problem = denial.problem();
                Context {
                    code: Some(denial.code()),
                    tier: denial.tier().map(gatepost::Tier::as_str),
                    whose: denial.whose().map(gatepost::Whose::as_str),
                    required_role: problem.required_role.map(str::to_owned),
                    remedy: problem.remedy,
                    decision: Some(denial.decision().to_string()),
                    version: Some(version),
                    ..Context::default()
                }
            }
        };
        Ok(Self {
            decision: false,
            context,
        })
    }

    /// That nothing of the kind is ever allowed anything, at this version as at any other.
    pub(super) fn of_no_kind(version: u64) -> Self {
        Self {
            decision: false,
            context: Context {
                version: Some(version),
                ..Context::default()
            },
        }
    }

    /// That one of several could not be evaluated (section 7.2.1).
    pub(super) fn failed(why: Refusal) -> Self {
        let error = Error {
            status: why.status.as_u16(),
            message: why.message,
        };
        Self {
            decision: false,
            context: Context {
                error: Some(error),
                ..Context::default()
            },
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}
