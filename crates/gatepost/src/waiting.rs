//! The permits that are waited for to be revoked: one registry a gate, asked again by what has changed.
//!
//! Nothing here runs while nothing changes. A change is looked up by what it is of (a subject, an org, a
//! resource), and only the permits that may depend on that are asked again, by whoever publishes the change,
//! before the change is said to have arrived. What time does, an end of a membership or of the lease, is
//! looked for by the [keeper](crate::keeper).

mod list;
mod past;
mod waiter;
mod woken;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::again::Again;
use crate::changes::Changes;
use crate::code::Code;
use crate::evaluation::Standing;
use crate::gate::Gate;
use crate::keeper;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;
pub(crate) use list::Key;
use list::{List, Row};
pub(crate) use past::Since;
use waiter::Inner;
pub(crate) use waiter::{State, Waiter};
use woken::Woken;

/// The permits that are waited for.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<List>);

/// How often a permit is asked again that is overtaken by changes while it is entered.
const MOST_ATTEMPTS: u8 = 64;
/// An end that is closer than the keeper looks is told to it at once.
const SOON: Duration = keeper::LONGEST_SLEEP;

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, List> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many permits are waited for.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// What there was behind that version, of a resource, and is over already.
    pub(crate) fn since(&self, version: u64, resource: &str) -> Since {
        self.lock().past.since(version, resource)
    }

    /// Notes what is over with facts that are about to be live.
    pub(crate) fn note(&self, before: Option<&Snapshot>, facts: &Snapshot, changes: &Changes) {
        self.lock().past.note(before, facts, changes);
    }

    /// Asks a permit again that is not in the list, and has it told from then on.
    pub(crate) fn enter(gate: &Gate, waiter: &Arc<Waiter>) {
        let mut inner = waiter.lock();
        let Inner { again, state, .. } = &mut *inner;
        let over = |again: &Again, code| State::Over(Box::new(again.error(code)));
        for _ in 0..MOST_ATTEMPTS {
            let facts = match gate.snapshot() {
                Ok(facts) => facts,
                Err(code) => {
                    *state = over(again, code);
                    return;
                }
            };
            let at = Timestamp::now();
            // Behind the facts: what they have ended was noted before they were live.
            let past = gate.waiters().since(again.version(), again.resource());
            let (until, unknown) = match again.ask(gate, &facts, &past, at) {
                Standing::Holds { until } => (until, None),
                Standing::Unknown(subject) => (None, Some(subject)),
                Standing::Over(denial) => {
                    *state = State::Over(Box::new(denial));
                    return;
                }
            };
            let mut list = gate.waiters().lock();
            // Whoever publishes makes the facts live first, and looks through the list then: it finds this one,
            // or this one finds other facts.
            if !gate.is_live(&facts) {
                continue;
            }
            let needs_keeper = gate.lease_left().is_some() || until.is_some();
            let is_kept = list.is_kept && until.is_none_or(|until| at.until(until) > SOON);
            if needs_keeper && !is_kept {
                list.is_kept = keeper::keep(gate);
                if !list.is_kept {
                    // Nobody would say when it ends.
                    *state = over(again, Code::PolicyUnavailable);
                    return;
                }
            }
            let tags = list.tags(again, &facts);
            let row = Row::new(waiter.clone(), again.resource(), tags, until);
            let key = list.insert(row);
            *state = match unknown {
                None => State::Holds { key, until },
                Some(subject) => State::Unknown { key, subject },
            };
            return;
        }
        *state = over(again, Code::PolicyUnavailable);
    }

    /// Takes a permit out; false where whoever publishes has done so before, and told why.
    pub(crate) fn leave(&self, key: Key, waiter: &Arc<Waiter>) -> bool {
        let row = self.lock().remove_if(key, waiter);
        row.is_some()
    }

    /// Asks each permit again that may depend on what has changed; `gate` decides by `facts` already.
    pub(crate) fn changed(&self, gate: &Gate, facts: &Snapshot, changes: &Changes) {
        let mut woken = Woken::default();
        let mut list = self.lock();
        if list.len() == 0 {
            return;
        }
        let at = Timestamp::now();
        for (key, is_overtaken) in list.concerned(changes) {
            list.reconsider(gate, key, facts, at, is_overtaken, &mut woken);
        }
        list.sweep();
        if let Some(left) = list.left(at)
            && (left <= SOON || !list.is_kept)
        {
            list.is_kept = keeper::keep(gate);
            if !list.is_kept {
                // Nobody would say when one ends.
                list.end_all(Code::PolicyUnavailable, &mut woken);
            }
        }
    }

    /// Looks for what time has brought; tells when to look next, if anything can come.
    pub(crate) fn look(&self, gate: &Gate) -> Option<Duration> {
        let mut woken = Woken::default();
        let mut list = self.lock();
        let next = match gate.snapshot() {
            Ok(facts) => list.look(gate, &facts, Timestamp::now(), &mut woken),
            Err(code) => {
                list.end_all(code, &mut woken);
                None
            }
        };
        let lease = gate.lease_left();
        let next = match (next, lease.filter(|_| list.len() > 0)) {
            (Some(end), Some(lease)) => Some(end.min(lease)),
            (end, lease) => end.or(lease),
        };
        list.is_kept = next.is_some();
        next
    }
}
