//! What background work carries in place of a permit.

mod ring;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::denial::Denial;
use crate::gate::Gate;
use crate::permit::Permit;
use crate::requirement::Requirement;

pub use ring::{KeyRing, KeyRingError};

/// What background work carries in place of a permit: who asked for what, signed, and not the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(String);

impl Ticket {
    /// A ticket as it came out of a queue; what it is worth [`Gate::redeem`] tells.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
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
}

impl fmt::Display for TicketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoKeys => "the gate has no keys to sign tickets with",
            Self::NoOrg => "background work is billed to an org, and the permit is of none",
        })
    }
}

impl std::error::Error for TicketError {}

impl Permit {
    /// A ticket for work that runs later, good for 7 days.
    ///
    /// # Errors
    ///
    /// [`TicketError`] where the gate has no keys, or the permit no org.
    pub fn ticket(&self) -> Result<Ticket, TicketError> {
        self.ticket_for(Duration::from_hours(7 * 24))
    }

    /// A ticket for work that runs later, good for as long as this.
    ///
    /// # Errors
    ///
    /// As [`Permit::ticket`].
    pub fn ticket_for(&self, lifetime: Duration) -> Result<Ticket, TicketError> {
        let _ = lifetime;
        Err(TicketError::NoKeys)
    }
}

impl Gate {
    /// Signs tickets with the ring's first key from now on, and takes those that any of its keys signed.
    pub fn set_ticket_keys(&self, keys: KeyRing) {
        let _ = keys;
    }

    /// Decides afresh what a ticket asks for, as background, by the policy of this moment.
    ///
    /// # Errors
    ///
    /// The [`Denial`]: `ticket_invalid` or `ticket_expired`, whatever the policy says, or an error.
    pub async fn redeem(&self, ticket: &Ticket) -> Result<Permit, Denial> {
        let _ = ticket;
        std::future::ready(Err(Denial::new(Code::TicketInvalid))).await
    }

    /// [`redeem`](Self::redeem), for work of one requirement: a ticket of another one is `ticket_invalid`.
    ///
    /// # Errors
    ///
    /// As [`Gate::redeem`].
    pub async fn redeem_for(
        &self,
        ticket: &Ticket,
        requirement: &Requirement,
    ) -> Result<Permit, Denial> {
        let _ = requirement;
        self.redeem(ticket).await
    }
}
