//! What background work carries in place of a permit.

mod redeem;
mod ring;
#[cfg(test)]
mod tests;
mod wire;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::gate::Gate;
use crate::permit::{OwnedBy, Permit};
use crate::time::Timestamp;
pub use ring::{KeyRing, KeyRingError};
use wire::{Claims, Owner};

/// What background work carries in place of a [`Permit`]: who asked for what, on whose behalf, limited to which
/// scopes, in which org, on whose object, and until when. Not the answer: that is given anew each time that the
/// ticket is [redeemed](Gate::redeem).
///
/// It is a line of text, and any queue carries it. It is signed (HMAC-SHA-256, RFC 2104), so nobody edits it or
/// moves it to another org; it is not encrypted, so whoever reads the queue reads the ids in it. It names no
/// deployment: each has a ring of keys of its own.
///
/// ```
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context, Poll, Waker};
///
/// use gatepost::{
///     Code, Evaluation, Gate, KeyRing, Mode, NamedOrg, Next, Org, OrgId, PolicyText, Requirement, Subject,
///     SubjectId, Ticket,
/// };
///
/// const RUN: Requirement = Requirement::new("agent", "run").mode(Mode::Background).org(Org::path("org"));
///
/// let policy = PolicyText::toml(r#"
/// version = 1
/// [resources]
/// agent = ["run"]
/// [site.gates.agent]
/// switch = "on"
/// access = "everyone"
/// [org_roles.developer]
/// level = 30
/// grants = ["agent:run"]
/// [orgs.acme.members.alice]
/// roles = ["developer"]
/// "#);
/// let gate = Gate::fixed(policy.compile(1)?);
/// gate.set_ticket_keys(KeyRing::new("2026-11", b"32 random bytes, at the very least")?);
///
/// // The request is allowed, and queues its work.
/// let alice = Subject::new(SubjectId::new("alice")?);
/// let mut evaluation = Evaluation::new(&RUN, "agent", Some(alice));
/// evaluation.org(NamedOrg::Named(OrgId::new("acme")?));
/// let Ok(Next::Admit(permit)) = gate.read(|facts| evaluation.next(facts)) else { panic!("she may") };
/// let queued: String = permit.ticket()?.to_string();
///
/// // A worker takes it up. Nothing is awaited where the policy has its memberships at hand.
/// let mut context = Context::from_waker(Waker::noop());
/// let ticket = Ticket::from_text(queued.clone());
/// let Poll::Ready(Ok(again)) = pin!(gate.redeem(&ticket)).poll(&mut context) else { panic!("she still may") };
/// assert_eq!(again.mode(), Some(Mode::Background));
/// assert_eq!(again.org().map(OrgId::as_str), Some("acme"));
///
/// let edited = Ticket::from_text(format!("{queued}A"));
/// let Poll::Ready(Err(denial)) = pin!(gate.redeem(&edited)).poll(&mut context) else { panic!("edited") };
/// assert_eq!(denial.code(), Code::TicketInvalid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(String);

/// For how long a ticket is good unless it is told otherwise: 7 days.
const LIFETIME: Duration = Duration::from_hours(7 * 24);

impl Ticket {
    /// A ticket as it came out of a queue; what it is worth [`Gate::redeem`] tells.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text: visible ASCII without blanks, some hundred bytes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why there is no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TicketError {
    /// The gate has no keys to sign with.
    NoKeys,
    /// The permit is of no org, and background work is billed to one.
    NoOrg,
    /// The token's scopes are so many that the ticket would be longer than 64 KiB.
    TooLong,
}

impl fmt::Display for TicketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoKeys => "the gate has no keys to sign tickets with",
            Self::TooLong => {
                "the ticket would be longer than 64 KiB: the token has too many scopes"
            }
            Self::NoOrg => "background work is billed to an org, and the permit is of none",
        })
    }
}

impl std::error::Error for TicketError {}

impl Permit {
    /// A ticket for work that runs later, good for 7 days.
    ///
    /// Of a permit that was given for a ticket it is good for as long as that one at the most: work that goes on
    /// under another ticket, again and again, comes to its end all the same.
    ///
    /// It asks for background work whatever the mode of this permit: who was allowed to wait for an agent is
    /// told so when the ticket is redeemed, and not allowed to have it run by itself.
    ///
    /// # Errors
    ///
    /// [`TicketError`] where the gate has no keys, the permit no org, or its subject too many scopes.
    pub fn ticket(&self) -> Result<Ticket, TicketError> {
        self.ticket_for(LIFETIME)
    }

    /// A ticket for work that runs later, good for as long as this; to the millisecond.
    ///
    /// # Errors
    ///
    /// As [`Permit::ticket`].
    pub fn ticket_for(&self, lifetime: Duration) -> Result<Ticket, TicketError> {
        let org = self.org().ok_or(TicketError::NoOrg)?;
        let keys = self.gate().and_then(|gate| gate.ticket_keys());
        let keys = keys.ok_or(TicketError::NoKeys)?;
        let issued = Timestamp::now().as_millis();
        let lifetime = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
        let claims = Claims {
            subject: self.subject().clone(),
            kind: self.kind(),
            acting_for: self.acting_for().cloned(),
            scopes: self
                .scopes()
                .map(|scopes| scopes.iter().map(str::to_owned).collect()),
            org: org.clone(),
            resource: self.resource().to_owned(),
            action: self.requirement().action().to_owned(),
            owner: match self.owned_by() {
                OwnedBy::Unknown | OwnedBy::Unread => None,
                OwnedBy::Beneficiary => Some(Owner::Beneficiary),
                OwnedBy::Subject(owner) => Some(Owner::Subject(owner.clone())),
            },
            issued,
            expires: self
                .ticket_end()
                .unwrap_or(i64::MAX)
                .min(issued.saturating_add(lifetime)),
            version: self.version(),
        };
        let ticket = wire::sign(&claims, &keys);
        ticket.map(Ticket).ok_or(TicketError::TooLong)
    }
}

impl Gate {
    /// Signs tickets with the ring's first key from now on, and takes those that any of its keys has signed.
    pub fn set_ticket_keys(&self, keys: KeyRing) {
        self.store_ticket_keys(keys);
    }
}
