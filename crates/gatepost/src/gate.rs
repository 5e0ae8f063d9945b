//! The gate: the live facts, as every adapter holds them.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use crate::code::Code;
use crate::lease::{Clock, Lease};
use crate::membership::MembershipSource;
use crate::snapshot::Snapshot;

/// The live policy: what every adapter holds, and asks.
///
/// Clones are the same gate. Reading it takes no lock, and a reader keeps the
/// facts that it began with.
///
/// ```
/// use gatepost::{Gate, Health, PolicyText};
///
/// let (gate, feed) = Gate::channel();
/// assert_eq!(gate.health(), Health::Unavailable);
/// feed.publish(PolicyText::toml("version = 1").compile(1)?);
/// assert_eq!(gate.health(), Health::Ready { version: 1 });
/// # Ok::<(), gatepost::PolicyError>(())
/// ```
#[derive(Clone)]
pub struct Gate(Arc<Live>);

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

#[derive(Default)]
struct Live {
    facts: ArcSwapOption<Snapshot>,
    fault: ArcSwapOption<String>,
    /// `None`: the facts are good until others are published.
    lease: Option<Lease>,
    /// Held while facts are published, so that none replace newer ones.
    publishing: Mutex<()>,
    memberships: OnceLock<Arc<dyn MembershipSource>>,
}

/// How a gate is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// It decides by the newest policy that it was told of.
    Ready {
        /// The policy version that it decides by.
        version: u64,
    },
    /// It decides by the last good policy; a newer one could not be read.
    Degraded {
        /// The policy version that it decides by.
        version: u64,
        /// Why the newer one could not be read.
        fault: Arc<String>,
    },
    /// Its lease has run out, so its policy may have been overtaken: it answers every request
    /// with `policy_stale` until it is renewed.
    Stale {
        /// The policy version that it knows.
        version: u64,
        /// Why it was not renewed, where that is known.
        fault: Option<Arc<String>>,
    },
    /// It has no policy, and answers every request with `policy_unavailable`.
    Unavailable,
}

impl Gate {
    /// A gate over facts that never change.
    pub fn fixed(facts: Snapshot) -> Self {
        let (gate, feed) = Self::channel();
        feed.publish(facts);
        gate
    }

    /// A gate without a policy yet, and the feed that gives it one.
    pub fn channel() -> (Self, Feed) {
        Self::over(Live::default())
    }

    /// A gate that decides by what it was given for as long as a lease runs, and the feed
    /// that gives it facts and [renews](Feed::renew) the lease.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use gatepost::{Clock, Code, Gate, Health, PolicyText};
    ///
    /// struct Noon;
    /// impl Clock for Noon {
    ///     fn now(&self) -> Duration {
    ///         Duration::from_secs(12)
    ///     }
    /// }
    ///
    /// let (gate, feed) = Gate::leased(Arc::new(Noon));
    /// feed.publish(PolicyText::toml("version = 1").compile(1)?);
    /// assert_eq!(gate.read(|facts| facts.version()), Err(Code::PolicyStale));
    /// feed.renew(Duration::from_secs(14));
    /// assert_eq!(gate.read(|facts| facts.version()), Ok(1));
    /// # Ok::<(), gatepost::PolicyError>(())
    /// ```
    pub fn leased(clock: Arc<dyn Clock>) -> (Self, Feed) {
        Self::over(Live {
            lease: Some(Lease::new(clock)),
            ..Live::default()
        })
    }

    fn over(live: Live) -> (Self, Feed) {
        let live = Arc::new(live);
        let feed = Feed(Arc::downgrade(&live));
        (Self(live), feed)
    }

    /// Reads the live facts for as long as `read` runs.
    ///
    /// # Errors
    ///
    /// [`Code::PolicyUnavailable`] while there is no policy, [`Code::PolicyStale`] past its lease.
    pub fn read<T>(&self, read: impl FnOnce(&Snapshot) -> T) -> Result<T, Code> {
        // Before the facts are taken, so that they are at least as new as those it was renewed for.
        let fresh = self.0.is_fresh();
        match &*self.0.facts.load() {
            Some(_) if !fresh => Err(Code::PolicyStale),
            Some(facts) => Ok(read(facts)),
            None => Err(Code::PolicyUnavailable),
        }
    }

    /// The live facts, to be kept across an await.
    ///
    /// # Errors
    ///
    /// [`Code::PolicyUnavailable`] while there is no policy, [`Code::PolicyStale`] past its lease.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, Code> {
        let fresh = self.0.is_fresh();
        match self.0.facts.load_full() {
            Some(_) if !fresh => Err(Code::PolicyStale),
            Some(facts) => Ok(facts),
            None => Err(Code::PolicyUnavailable),
        }
    }

    /// Where the memberships are that the live facts do not have, if anywhere.
    pub fn memberships(&self) -> Option<&Arc<dyn MembershipSource>> {
        self.0.memberships.get()
    }

    /// How the gate is.
    pub fn health(&self) -> Health {
        let Some(version) = self.0.facts.load().as_ref().map(|facts| facts.version()) else {
            return Health::Unavailable;
        };
        match self.0.fault.load_full() {
            fault if !self.0.is_fresh() => Health::Stale { version, fault },
            None => Health::Ready { version },
            Some(fault) => Health::Degraded { version, fault },
        }
    }
}

impl Live {
    #[inline]
    fn is_fresh(&self) -> bool {
        self.lease.as_ref().is_none_or(Lease::holds)
    }
}

impl Feed {
    /// Makes `facts` the live ones, whole, for every request that begins from now on.
    ///
    /// Versions never go back: facts of an older version than the live ones are not taken, and
    /// the answer is false.
    pub fn publish(&self, facts: Snapshot) -> bool {
        let Some(live) = self.0.upgrade() else {
            return true;
        };
        let one_at_a_time = live.publishing.lock();
        let _held = one_at_a_time.unwrap_or_else(PoisonError::into_inner);
        let newest = live.facts.load().as_ref().map(|facts| facts.version());
        if newest.is_some_and(|newest| facts.version() < newest) {
            return false;
        }
        live.facts.store(Some(Arc::new(facts)));
        live.fault.store(None);
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

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gate").field(&self.health()).finish()
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
