//! A request that was decided, asked again as far as its record tells it.

#[cfg(test)]
mod tests;

use std::fmt;

use gatepost::{
    Code, Decision, Input, Mode, OrgId, OrgInput, OrgRule, Request, Snapshot, Step, Subject,
    SubjectId, Timestamp, decide,
};

use crate::record::LogRecord;

/// A request of the past, to be asked again: by the policy of its time, or by another one.
///
/// What the decision did not come to read is left open. By the same policy it is not needed; by another one the
/// answer may depend on it, and is none then.
///
/// ```
/// use gatepost::{PolicyText, explain};
/// use gatepost_observe::LogRecord;
///
/// let line = r#"{
///     "schema": 1, "decision_id": "8G3S9X34NSB6PHJY", "time": "2026-11-22T03:42:26Z", "service": "chats",
///     "decision": false, "outcome": "deny", "enforced": true, "code": "site_off", "tier": "site",
///     "subject": { "id": "alice" }, "action": { "name": "create" }, "resource": { "type": "chat" },
///     "context": { "org_rule": "required", "unread": ["org"] },
///     "requirement": "chat:create", "route": { "method": "POST" }, "version": 7, "latency_ns": 1800
/// }"#;
/// let record: LogRecord = serde_json::from_str(line)?;
/// let replay = record.replay()?;
///
/// let facts = PolicyText::toml("version = 1\nresources.chat = [\"create\"]").compile(7)?;
/// assert!(replay.is_answered_as_recorded(&facts, &record));
/// assert!(explain(&facts, &replay.as_request()).to_string().contains("deny site_off (site)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    subject: Option<Subject>,
    org: Org,
    resource: String,
    action: String,
    mode: Input<Option<Mode>>,
    owner: Input<Option<SubjectId>>,
    at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Org {
    Named(OrgId),
    Absent(OrgRule),
    Conflict,
    /// The object that was to name it was not there.
    Missing,
    Unread,
}

/// Why a record is of no request that can be asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoReplay {
    /// It tells that a permit was revoked, and of no request.
    Revoked,
    /// There was no request to decide: it could not be read, or the answer is none of policy's.
    NotDecided {
        /// The code that it was answered with.
        code: String,
    },
    /// Something that the answer depends on was hashed, left out or cut when the record was written.
    Redacted {
        /// What.
        what: Vec<String>,
    },
    /// Who asked is not in the record.
    NoSubject,
}

impl LogRecord {
    /// The request that the record is of, with its moment.
    ///
    /// A request whose org was the subject's default one is asked again in that org.
    ///
    /// # Errors
    ///
    /// [`NoReplay`] says what is missing. Nothing is made up for it.
    pub fn replay(&self) -> Result<Replay, NoReplay> {
        if self.revoked.is_some() {
            return Err(NoReplay::Revoked);
        }
        let code = self.code.as_deref().unwrap_or_default();
        if NOT_DECIDED.iter().any(|known| known.as_str() == code) {
            let code = code.to_owned();
            return Err(NoReplay::NotDecided { code });
        }
        let redacted = self.redacted.iter();
        // No answer depends on the words of a reason.
        let what: Vec<String> = redacted.filter(|what| *what != "reason").cloned().collect();
        if !what.is_empty() {
            return Err(NoReplay::Redacted { what });
        }
        let subject = self.subject.as_ref().map(|known| {
            let mut subject = Subject::new(known.id.clone());
            if let Some(kind) = known.r#type {
                subject = subject.kind(kind);
            }
            if let Some(acting_for) = &known.properties.acting_for {
                subject = subject.acting_for(acting_for.clone());
            }
            match &known.properties.scopes {
                Some(scopes) => subject.scopes(scopes),
                None => subject,
            }
        });
        if subject.is_none() && code != Code::Unauthenticated.as_str() {
            return Err(NoReplay::NoSubject);
        }
        Ok(Replay {
            subject,
            org: self.named_org(code),
            resource: self.resource.r#type.clone(),
            action: self.action.name.clone(),
            mode: self.input("mode", self.context.mode.as_ref()),
            owner: self.input("owner", self.resource.properties.owner.as_ref()),
            at: self.time,
        })
    }

    /// What is in the record, or is known to be none; else it was not read.
    fn input<T: Clone>(&self, what: &str, recorded: Option<&T>) -> Input<Option<T>> {
        let is_unread = self.context.unread.iter().any(|unread| unread == what);
        if recorded.is_none() && is_unread {
            Input::Pending
        } else {
            Input::Known(recorded.cloned())
        }
    }

    fn named_org(&self, code: &str) -> Org {
        match self.input("org", self.resource.properties.org.as_ref()) {
            Input::Known(Some(org)) => Org::Named(org),
            Input::Known(None) => Org::Absent(self.context.org_rule),
            // What was read and is no org can be told by what came of it.
            Input::Pending if code == Code::OrgConflict.as_str() => Org::Conflict,
            Input::Pending if code == Code::NotAMember.as_str() => Org::Missing,
            Input::Pending => Org::Unread,
        }
    }
}

/// What is answered before there is anything to decide, or where a handler has no permit.
const NOT_DECIDED: [Code; 5] = [
    Code::BadRequest,
    Code::BodyTooLarge,
    Code::PermitMissing,
    Code::TicketInvalid,
    Code::TicketExpired,
];

impl Replay {
    /// The question, of the moment at which it was asked.
    pub fn as_request(&self) -> Request<'_> {
        let mut request = Request::new(&self.resource, &self.action);
        request.subject = self.subject.as_ref();
        request.org = match &self.org {
            Org::Named(org) => OrgInput::Named(org),
            Org::Absent(rule) => OrgInput::Absent(*rule),
            Org::Conflict => OrgInput::Conflict,
            Org::Missing => OrgInput::Missing,
            Org::Unread => OrgInput::Pending,
        };
        request.mode = self.mode;
        request.owner = match &self.owner {
            Input::Known(owner) => Input::Known(owner.as_ref()),
            Input::Pending => Input::Pending,
        };
        request.at(self.at)
    }

    /// Whether these facts answer it as the record says that it was answered: the outcome, the code, and whose it was.
    pub fn is_answered_as_recorded(&self, facts: &Snapshot, record: &LogRecord) -> bool {
        let (outcome, code) = (&*record.outcome, record.code.as_deref());
        match decide(facts, &self.as_request()) {
            Step::Done(Decision::Allow(_)) => outcome == "allow",
            Step::Done(Decision::Deny(deny)) => {
                let whose = record.whose.as_deref();
                outcome == "deny"
                    && code == Some(deny.code.as_str())
                    && whose.is_none_or(|whose| whose == deny.whose.as_str())
            }
            Step::Done(Decision::Error(error)) => {
                outcome == "error" && code == Some(error.as_str())
            }
            Step::Need(_) => false,
        }
    }
}

impl fmt::Display for NoReplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revoked => f.write_str("it tells that a permit was revoked, and of no request"),
            Self::NotDecided { code } => {
                write!(
                    f,
                    "nothing was decided: it was answered with `{}`",
                    code.escape_debug()
                )
            }
            Self::Redacted { what } => {
                f.write_str(
                    "it cannot be asked again, since this of it was hashed, left out or cut: ",
                )?;
                for (at, what) in what.iter().enumerate() {
                    let before = if at == 0 { "" } else { ", " };
                    write!(f, "{before}`{}`", what.escape_debug())?;
                }
                Ok(())
            }
            Self::NoSubject => f.write_str("who asked is not in the record"),
        }
    }
}

impl std::error::Error for NoReplay {}
