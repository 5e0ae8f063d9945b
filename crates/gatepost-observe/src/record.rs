//! One decision, as the log has it.

#[cfg(test)]
mod tests;

use gatepost::{Kind, Mode, OrgId, OrgRule, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::text::json_line;

/// One decision, as a line of the log has it.
///
/// `subject`, `action`, `resource`, `context` and `decision` are named as AuthZEN 1.0 names them, with the members
/// that the console's AuthZEN endpoint reads; so what was asked can be asked again. What is absent is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LogRecord {
    /// Of this schema: 1.
    pub schema: u32,
    /// The decision's id, which is also in the answer.
    pub decision_id: String,
    /// When it was taken.
    pub time: Timestamp,
    /// The service that took it.
    pub service: String,
    /// Whether it was an allow.
    pub decision: bool,
    /// `allow`, `deny` or `error`.
    pub outcome: String,
    /// Whether the request was treated so; false where the requirement only reports.
    pub enforced: bool,
    /// Why not, where it was not allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Where it fell: `identity`, `site`, `org` or `mode`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Whose denial it was, where the subject acts for somebody: `subject` or `acting_for`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whose: Option<String>,
    /// `all_orgs`, where that opened the org.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// What a request that could not be read had wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who asked, where that was found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectRecord>,
    /// What was to be done.
    pub action: ActionRecord,
    /// On what.
    pub resource: ResourceRecord,
    /// How.
    pub context: ContextRecord,
    /// What the route requires: `chat:create#foreground`.
    pub requirement: String,
    /// The route, as it was registered.
    pub route: RouteRecord,
    /// The policy version that it was decided by, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// From the request's arrival at its requirement until the verdict, in nanoseconds.
    pub latency_ns: u64,
    /// For how many alike it stands, itself included.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u64,
    /// The decision of the permit that was revoked, where that is what it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<String>,
    /// What is not here as it was asked, since it was hashed, dropped or cut: `subject`, `acting_for`, `owner`,
    /// `org`, `scopes`, `reason`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redacted: Vec<String>,
}

/// Who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SubjectRecord {
    /// The kind that the verified identity said, where it said any.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<Kind>,
    /// The id.
    pub id: SubjectId,
    /// What else was known of it.
    #[serde(default, skip_serializing_if = "SubjectProperties::is_empty")]
    pub properties: SubjectProperties,
}

/// What else was known of who asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SubjectProperties {
    /// For whom it acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<SubjectId>,
    /// The scopes that it was limited to, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// What was to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ActionRecord {
    /// The action's name.
    pub name: String,
}

/// On what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ResourceRecord {
    /// The resource's name.
    #[serde(rename = "type")]
    pub r#type: String,
    /// Where and whose.
    #[serde(default, skip_serializing_if = "ResourceProperties::is_empty")]
    pub properties: ResourceProperties,
}

/// Where and whose it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ResourceProperties {
    /// The org, as the request named it or the decision found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// Who owned it, where the decision came to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<SubjectId>,
}

/// How it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ContextRecord {
    /// How the work would have run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// What holds where no org is named.
    pub org_rule: OrgRule,
    /// What of the request the decision did not come to read, or found to be no one thing: `org`, `mode`, `owner`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RouteRecord {
    /// The method; none, where a permit was revoked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// The path as it was registered, where the adapter knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl LogRecord {
    /// The record as a line of the log, without its end: JSON in which nothing steers a terminal that shows it.
    ///
    /// # Errors
    ///
    /// None that is known of; it is the serializer's to say.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        json_line(self)
    }
}

impl SubjectProperties {
    fn is_empty(&self) -> bool {
        self.acting_for.is_none() && self.scopes.is_none()
    }
}

impl ResourceProperties {
    fn is_empty(&self) -> bool {
        self.org.is_none() && self.owner.is_none()
    }
}

fn once() -> u64 {
    1
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_once(times: &u64) -> bool {
    *times == 1
}
