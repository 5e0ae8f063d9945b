//! A ticket is asked for again: decided afresh, as background, by the policy of the moment.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::Ticket;
use super::wire::{self, Claims, Owner};
use crate::again::MOST_LOADS;
use crate::code::Code;
use crate::denial::Denial;
use crate::evaluation::{Evaluation, Next};
use crate::gate::Gate;
use crate::id::check_name;
use crate::permit::{OwnedBy, Permit};
use crate::requirement::{Requirement, Resource};
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::vocabulary::Mode;

impl Gate {
    /// Decides what a ticket asks for, afresh and as background, by the policy of this moment. At the start of
    /// the work and at each of its steps, as often as one likes.
    ///
    /// The permit is that of background work in the ticket's org, and of nothing else: with
    /// [`until_revoked`](Permit::until_revoked) the work ends with it, and with the ticket at the latest.
    ///
    /// # Errors
    ///
    /// The [`Denial`]. Whatever the policy says, `ticket_invalid` of a ticket that was edited or that no key of
    /// this gate has signed, and `ticket_expired`. An [error](Denial::is_error) says nothing of the ticket, and
    /// it is redeemed later: `policy_unavailable`, also where the gate has no keys; `policy_stale`, also where
    /// the gate follows a store and has not come to the policy version that the ticket was made at.
    pub async fn redeem(&self, ticket: &Ticket) -> Result<Permit, Denial> {
        let claims = self.claims(ticket)?;
        let is_name = |name: &str| check_name(name).is_ok();
        if !is_name(&claims.resource) || !is_name(&claims.action) {
            return Err(Denial::new(Code::TicketInvalid));
        }
        // What was signed here names few.
        let requirement = Requirement::new(kept(&claims.resource), kept(&claims.action));
        self.decide_anew(claims, requirement.mode(Mode::Background).kept())
            .await
    }

    /// [`redeem`](Self::redeem), for work of one requirement: the permit is one of this requirement, and a
    /// ticket for another resource or another action is `ticket_invalid`.
    ///
    /// # Errors
    ///
    /// As [`redeem`](Self::redeem).
    pub async fn redeem_for(
        &self,
        ticket: &Ticket,
        requirement: &Requirement,
    ) -> Result<Permit, Denial> {
        let claims = self.claims(ticket)?;
        let is_resource = match requirement.resource() {
            Resource::Named(name) => claims.resource == name,
            Resource::ByPath { map, otherwise, .. } => {
                let mut named = map.iter().map(|(_, named)| *named).chain([otherwise]);
                named.any(|named| named == claims.resource)
            }
        };
        if !is_resource || claims.action != requirement.action() {
            return Err(Denial::new(Code::TicketInvalid));
        }
        self.decide_anew(claims, requirement.kept()).await
    }

    fn claims(&self, ticket: &Ticket) -> Result<Claims, Denial> {
        let keys = self
            .ticket_keys()
            .ok_or_else(|| Denial::new(Code::PolicyUnavailable))?;
        let claims = wire::verify(ticket.as_str(), &keys);
        let claims = claims.ok_or_else(|| Denial::new(Code::TicketInvalid))?;
        if claims.expires <= Timestamp::now().as_millis() {
            return Err(Denial::new(Code::TicketExpired));
        }
        Ok(claims)
    }

    async fn decide_anew(
        &self,
        claims: Claims,
        requirement: &'static Requirement,
    ) -> Result<Permit, Denial> {
        let version = claims.version;
        let mut evaluation = evaluation(claims, requirement);
        let error = |evaluation: &Evaluation, code| Err(evaluation.reject(Denial::new(code)));
        for _ in 0..=MOST_LOADS {
            let facts = match self.snapshot() {
                Ok(facts) => facts,
                Err(code) => return error(&evaluation, code),
            };
            // Versions of documents in files are counted by each process for itself.
            if self.lease_left().is_some() && facts.version() < version {
                return error(&evaluation, Code::PolicyStale);
            }
            evaluation.forget_overtaken(self, &facts);
            match evaluation.next(&facts) {
                Next::Admit(permit) => return Ok(permit),
                Next::Reject(denial) => return Err(denial),
                Next::NeedMemberships(subject) => match self.load_memberships(&subject).await {
                    Ok(loaded) => evaluation.memberships(loaded),
                    Err(code) => return error(&evaluation, code),
                },
                // A ticket says all of it, and is redeemed in earnest.
                Next::NeedOrg | Next::NeedMode | Next::NeedOwner(_) | Next::Report(_) => break,
            }
        }
        error(&evaluation, Code::PolicyUnavailable)
    }
}

fn evaluation(claims: Claims, requirement: &'static Requirement) -> Evaluation {
    let mut subject = Subject::new(claims.subject).kind(claims.kind);
    subject.acting_for = claims.acting_for;
    (subject.expires, subject.is_redeemed) = (claims.expires, true);
    if let Some(scopes) = claims.scopes {
        subject = subject.scopes(scopes);
    }
    let owner = match claims.owner {
        None => OwnedBy::Unknown,
        Some(Owner::Beneficiary) => OwnedBy::Beneficiary,
        Some(Owner::Subject(owner)) => OwnedBy::Subject(owner),
    };
    Evaluation::in_background(
        requirement,
        kept(&claims.resource),
        subject,
        claims.org,
        owner,
    )
}

/// The name at a place where it stays for the life of the process: each is kept once.
fn kept(name: &str) -> &'static str {
    static KEPT: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(same) = kept.get(name) {
        return same;
    }
    let new = Box::leak(Box::<str>::from(name));
    kept.insert(new);
    new
}
