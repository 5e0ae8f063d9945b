//! The write end of a gate.

use std::fmt;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

#[cfg(feature = "revocation")]
use super::Gate;
use super::Live;
use crate::changes::{Changed, Changes};
use crate::membership::MembershipSource;
use crate::snapshot::Snapshot;

/// The write end of a [`Gate`]: a store publishes what it has read through it.
///
/// It does not keep the gate alive. A store that follows something works for as
/// long as a clone of the gate is left, and no handle of its own has to be kept:
///
/// ```
/// use gatepost::Gate;
///
/// let (gate, feed) = Gate::channel();
/// let of_a_handler = gate.clone();
/// drop(gate);
/// assert!(!feed.is_abandoned());
/// drop(of_a_handler);
/// assert!(feed.is_abandoned());
/// ```
#[derive(Clone)]
pub struct Feed(Weak<Live>);

impl Feed {
    pub(super) fn of(live: &Arc<Live>) -> Self {
        Self(Arc::downgrade(live))
    }

    /// Makes `facts` the live ones, whole, for every request that begins from now on.
    ///
    /// Versions never go back: facts of an older version than the live ones are not taken, and
    /// the answer is false.
    ///
    /// Every permit that is waited for to be revoked is asked again. A publisher that knows what has changed
    /// says so with [`publish_changes`](Self::publish_changes).
    pub fn publish(&self, facts: Snapshot) -> bool {
        self.publish_changes(facts, &Changes::of([Changed::Everything]))
    }

    /// [`publish`](Self::publish), where no more than `changes` are different from the live facts.
    ///
    /// What is not told of is not asked again, so whoever is in doubt tells of everything. Once it returns,
    /// whoever waits for a permit that holds no longer has been told.
    pub fn publish_changes(&self, facts: Snapshot, changes: &Changes) -> bool {
        let Some(live) = self.0.upgrade() else {
            return true;
        };
        let one_at_a_time = live.publishing.lock();
        let _held = one_at_a_time.unwrap_or_else(PoisonError::into_inner);
        let before = live.facts.load_full();
        if before
            .as_ref()
            .is_some_and(|newest| facts.version() < newest.version())
        {
            return false;
        }
        #[cfg(feature = "revocation")]
        let facts = facts.of_gate(live.id);
        let facts = Arc::new(facts);
        #[cfg(feature = "revocation")]
        live.waiting.note(before.as_deref(), &facts, changes);
        live.facts.store(Some(facts.clone()));
        live.fault.store(None);
        #[cfg(feature = "revocation")]
        live.waiting.changed(&Gate(live.clone()), &facts, changes);
        #[cfg(not(feature = "revocation"))]
        let _ = (before, changes);
        true
    }

    /// Lets the lease run until that moment of the gate's clock: by then whatever replaced
    /// the live facts has been read, or nothing is decided any more.
    ///
    /// Facts are published before the lease is renewed for them. It is never shortened, and a
    /// gate without a lease has none to renew.
    pub fn renew(&self, until: Duration) {
        if let Some(live) = self.0.upgrade()
            && let Some(lease) = &live.lease
        {
            lease.renew(until);
        }
    }

    /// Ends the lease at once: the live facts are known to be others than they should be.
    pub fn revoke(&self, fault: impl Into<String>) {
        let Some(live) = self.0.upgrade() else { return };
        live.fault.store(Some(Arc::new(fault.into())));
        if let Some(lease) = &live.lease {
            lease.revoke();
            #[cfg(feature = "revocation")]
            live.waiting.look(&Gate(live.clone()));
        }
    }

    /// Says where the memberships are that snapshots which look through do not have; before the first of them
    /// is published, and once.
    pub fn look_through(&self, source: Arc<dyn MembershipSource>) {
        let Some(live) = self.0.upgrade() else { return };
        // What is set stays: decisions under way go by it.
        let _ = live.memberships.set(source);
    }

    /// Says that a newer policy could not be read; the last good one stays.
    pub fn fault(&self, fault: impl Into<String>) {
        let Some(live) = self.0.upgrade() else { return };
        live.fault.store(Some(Arc::new(fault.into())));
    }

    /// Says that what could not be read is the live policy after all.
    pub fn recover(&self) {
        let Some(live) = self.0.upgrade() else { return };
        live.fault.store(None);
    }

    /// Whether no clone of the gate is left, and so nobody to publish to.
    ///
    /// It stays true from then on.
    pub fn is_abandoned(&self) -> bool {
        self.0.strong_count() == 0
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}
