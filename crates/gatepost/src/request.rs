//! What is asked.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{OrgId, SubjectId, check_name};
use crate::membership::LoadedMemberships;
use crate::policy::{moment, table, word};
use crate::subject::Subject;
use crate::target::Target;
use crate::time::Timestamp;
use crate::vocabulary::{Kind, Mode, OrgRule};

/// An input that may not have been read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "an input is there or still to be read"
)]
pub enum Input<T> {
    /// It is known.
    Known(T),
    /// It has to be read or loaded; the decision asks for it when it depends on it.
    Pending,
}

/// The org that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "what can be said of a request's org, in full"
)]
pub enum OrgInput<'a> {
    /// The request names this one.
    Named(&'a OrgId),
    /// The request names none, and the rule says what that means.
    Absent(OrgRule),
    /// The request's sources name different ones.
    Conflict,
    /// The entity that was to name the org does not exist.
    Missing,
    /// It has to be read or loaded.
    Pending,
}

/// One question: may this subject do this action on this resource in this org?
///
/// ```
/// use gatepost::{Mode, OrgId, Request, Subject, SubjectId};
///
/// let alice = Subject::new(SubjectId::new("alice")?);
/// let acme = OrgId::new("acme")?;
/// let request = Request::new("chat", "create").subject(&alice).org(&acme).mode(Mode::Foreground);
/// assert_eq!(request.mode, gatepost::Input::Known(Some(Mode::Foreground)));
/// # Ok::<(), gatepost::IdError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Request<'a> {
    /// Who asks, where a subject was found.
    pub subject: Option<&'a Subject>,
    /// The org it falls in.
    pub org: OrgInput<'a>,
    /// The resource and the action.
    pub target: Target<'a>,
    /// How the work would run; a request that only reads or edits records has no mode.
    pub mode: Input<Option<Mode>>,
    /// Who owns the object that is acted on.
    pub owner: Input<Option<&'a SubjectId>>,
    /// The moment of the question; asked for only where some membership can expire.
    pub at: Option<Timestamp>,
    /// What has been loaded of the memberships of the subject and of the one acted for; asked for only where the
    /// policy has them elsewhere.
    pub memberships: &'a [Arc<LoadedMemberships>],
}

impl<'a> Request<'a> {
    /// A question without subject, org, mode and owner, in an org that must be named.
    pub fn new(resource: &'a str, action: &'a str) -> Self {
        Self::of(Target::new(resource, action))
    }

    /// [`new`](Self::new), of a target that may have been looked up already.
    pub fn of(target: Target<'a>) -> Self {
        Self {
            subject: None,
            org: OrgInput::Absent(OrgRule::Required),
            target,
            mode: Input::Known(None),
            owner: Input::Known(None),
            at: None,
            memberships: &[],
        }
    }

    /// Sets who asks.
    #[must_use]
    pub fn subject(mut self, subject: &'a Subject) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Names the org.
    #[must_use]
    pub fn org(mut self, org: &'a OrgId) -> Self {
        self.org = OrgInput::Named(org);
        self
    }

    /// Names no org, and says what that means.
    #[must_use]
    pub fn org_rule(mut self, rule: OrgRule) -> Self {
        self.org = OrgInput::Absent(rule);
        self
    }

    /// Sets how the work would run.
    #[must_use]
    pub fn mode(mut self, mode: impl Into<Option<Mode>>) -> Self {
        self.mode = Input::Known(mode.into());
        self
    }

    /// Sets who owns the object that is acted on.
    #[must_use]
    pub fn owner(mut self, owner: &'a SubjectId) -> Self {
        self.owner = Input::Known(Some(owner));
        self
    }

    /// Sets the moment of the question.
    #[must_use]
    pub fn at(mut self, at: Timestamp) -> Self {
        self.at = Some(at);
        self
    }

    /// Gives what has been loaded of memberships; whose they are stands in them.
    ///
    /// That they are right for the facts at hand is for whoever has loaded them to know.
    #[must_use]
    pub fn memberships(mut self, loaded: &'a [Arc<LoadedMemberships>]) -> Self {
        self.memberships = loaded;
        self
    }
}

/// A [`Request`] as it stands in a file: all of it known.
///
/// `null` is absent; an unknown key, an unknown mode, an ill-formed name or id is refused.
///
/// ```
/// use gatepost::RequestDocument;
///
/// let read: RequestDocument =
///     serde_json::from_str(r#"{"subject": "alice", "org": "acme", "resource": "chat", "action": "read"}"#)?;
/// assert_eq!(read.as_request().target.resource(), "chat");
/// assert!(serde_json::from_str::<RequestDocument>(r#"{"resource": "chat", "action": "read", "mode": "batch"}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Fields")]
pub struct RequestDocument {
    subject: Option<Subject>,
    org: Option<OrgId>,
    org_rule: OrgRule,
    resource: String,
    action: String,
    mode: Option<Mode>,
    owner: Option<SubjectId>,
    at: Option<Timestamp>,
}

impl RequestDocument {
    /// The question.
    pub fn as_request(&self) -> Request<'_> {
        Request {
            subject: self.subject.as_ref(),
            org: self
                .org
                .as_ref()
                .map_or(OrgInput::Absent(self.org_rule), OrgInput::Named),
            target: Target::new(&self.resource, &self.action),
            mode: Input::Known(self.mode),
            owner: Input::Known(self.owner.as_ref()),
            at: self.at,
            memberships: &[],
        }
    }

    /// Reads a request from its fields, as a command line gives them.
    ///
    /// # Errors
    ///
    /// [`RequestError`] names the field that is not well formed.
    pub fn from_fields(fields: RequestFields) -> Result<Self, RequestError> {
        Fields(fields).try_into()
    }
}

/// The fields of a [`RequestDocument`], not yet checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "each is the field of the same name of a request"
)]
#[allow(
    clippy::exhaustive_structs,
    reason = "built by callers, field by field; it grows only with the semantics"
)]
pub struct RequestFields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(
        default,
        deserialize_with = "word",
        skip_serializing_if = "Option::is_none"
    )]
    pub kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
    #[serde(
        default,
        deserialize_with = "word",
        skip_serializing_if = "Option::is_none"
    )]
    pub org_rule: Option<OrgRule>,
    pub resource: String,
    pub action: String,
    #[serde(
        default,
        deserialize_with = "word",
        skip_serializing_if = "Option::is_none"
    )]
    pub mode: Option<Mode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<String>,
    #[serde(
        default,
        deserialize_with = "moment",
        skip_serializing_if = "Option::is_none"
    )]
    pub at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Fields(#[serde(deserialize_with = "table")] RequestFields);

/// A request is not well formed: `bad_request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    field: &'static str,
    message: String,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.message)
    }
}

impl std::error::Error for RequestError {}

impl TryFrom<Fields> for RequestDocument {
    type Error = RequestError;

    fn try_from(Fields(fields): Fields) -> Result<Self, RequestError> {
        fn parsed<T, E: fmt::Display>(
            field: &'static str,
            parsed: Result<T, E>,
        ) -> Result<T, RequestError> {
            parsed.map_err(|error| RequestError {
                field,
                message: error.to_string(),
            })
        }
        fn subject_id(
            field: &'static str,
            text: Option<String>,
        ) -> Result<Option<SubjectId>, RequestError> {
            text.map(|text| parsed(field, SubjectId::new(text)))
                .transpose()
        }
        parsed("resource", check_name(&fields.resource))?;
        parsed("action", check_name(&fields.action))?;
        let acting_for = subject_id("acting_for", fields.acting_for)?;
        let subject = subject_id("subject", fields.subject)?.map(Subject::new);
        let subject = subject.map(|mut subject| {
            if let Some(kind) = fields.kind {
                subject = subject.kind(kind);
            }
            if let Some(scopes) = &fields.scopes {
                subject = subject.scopes(scopes);
            }
            if let Some(delegator) = acting_for {
                subject = subject.acting_for(delegator);
            }
            subject
        });
        Ok(Self {
            subject,
            org: fields
                .org
                .map(|org| parsed("org", OrgId::new(org)))
                .transpose()?,
            org_rule: fields.org_rule.unwrap_or(OrgRule::Required),
            resource: fields.resource,
            action: fields.action,
            mode: fields.mode,
            owner: subject_id("owner", fields.owner)?,
            at: fields.at,
        })
    }
}

#[cfg(test)]
mod allocations;
