//! The gate: the live facts, as every adapter holds them.

mod feed;
#[cfg(feature = "revocation")]
mod known;

use std::fmt;
#[cfg(feature = "revocation")]
use std::sync::Weak;
use std::sync::{Arc, Mutex, OnceLock};
#[cfg(feature = "revocation")]
use std::time::Duration;

use arc_swap::ArcSwapOption;

use crate::code::Code;
use crate::lease::{Clock, Lease};
use crate::membership::MembershipSource;
use crate::snapshot::Snapshot;
#[cfg(feature = "tickets")]
use crate::ticket::KeyRing;
#[cfg(feature = "revocation")]
use crate::waiting::Waiting;

pub use feed::Feed;
#[cfg(feature = "revocation")]
pub(crate) use known::GateId;

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

struct Live {
    #[cfg(feature = "revocation")]
    id: GateId,
    facts: ArcSwapOption<Snapshot>,
    fault: ArcSwapOption<String>,
    /// `None`: the facts are good until others are published.
    lease: Option<Lease>,
    /// Held while facts are published, so that none replace newer ones.
    publishing: Mutex<()>,
    memberships: OnceLock<Arc<dyn MembershipSource>>,
    /// The permits that are waited for to be revoked.
    #[cfg(feature = "revocation")]
    waiting: Waiting,
    #[cfg(feature = "tickets")]
    ticket_keys: ArcSwapOption<KeyRing>,
}

/// A gate that is not kept alive.
#[cfg(feature = "revocation")]
pub(crate) struct WeakGate(Weak<Live>);

#[cfg(feature = "revocation")]
impl WeakGate {
    pub(crate) fn upgrade(&self) -> Option<Gate> {
        self.0.upgrade().map(Gate)
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }
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
        Self::over(None)
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
        Self::over(Some(Lease::new(clock)))
    }

    fn over(lease: Option<Lease>) -> (Self, Feed) {
        let live = Arc::new(Live {
            #[cfg(feature = "revocation")]
            id: GateId::next(),
            facts: ArcSwapOption::default(),
            fault: ArcSwapOption::default(),
            lease,
            publishing: Mutex::default(),
            memberships: OnceLock::new(),
            #[cfg(feature = "revocation")]
            waiting: Waiting::default(),
            #[cfg(feature = "tickets")]
            ticket_keys: ArcSwapOption::default(),
        });
        #[cfg(feature = "revocation")]
        live.id.know(Arc::downgrade(&live));
        let feed = Feed::of(&live);
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

    /// Whether both are the same gate.
    ///
    /// ```
    /// use gatepost::Gate;
    ///
    /// let (gate, _feed) = Gate::channel();
    /// assert!(gate.is_same(&gate.clone()));
    /// assert!(!gate.is_same(&Gate::channel().0));
    /// ```
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether the newest facts declare an action of a resource, be their lease over; `None` while there are none.
    ///
    /// It is for start-up, to refuse a route that asks for what the policy does not know. It decides nothing.
    pub fn declares(&self, resource: &str, action: &str) -> Option<bool> {
        let facts = self.0.facts.load();
        facts.as_ref().map(|facts| facts.declares(resource, action))
    }

    /// Where the memberships are that the live facts do not have, if anywhere.
    pub fn memberships(&self) -> Option<&Arc<dyn MembershipSource>> {
        self.0.memberships.get()
    }

    /// How many permits are waited for to be [revoked](crate::Permit::revoked), for a gauge.
    #[cfg(feature = "revocation")]
    pub fn waiting(&self) -> usize {
        self.waiters().len()
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn waiters(&self) -> &Waiting {
        &self.0.waiting
    }

    /// Whether these are the live facts.
    #[cfg(feature = "revocation")]
    pub(crate) fn is_live(&self, facts: &Arc<Snapshot>) -> bool {
        let live = self.0.facts.load();
        live.as_ref().is_some_and(|live| Arc::ptr_eq(live, facts))
    }

    /// Whether its lease has not run out, if it has one.
    #[cfg(feature = "revocation")]
    pub(crate) fn is_fresh(&self) -> bool {
        self.0.is_fresh()
    }

    /// For how long the lease runs on; `None`: the facts are good until others are published.
    #[cfg(feature = "revocation")]
    pub fn lease_left(&self) -> Option<Duration> {
        self.0.lease.as_ref().map(Lease::left)
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn downgrade(&self) -> WeakGate {
        WeakGate(Arc::downgrade(&self.0))
    }

    #[cfg(feature = "tickets")]
    pub(crate) fn ticket_keys(&self) -> Option<Arc<KeyRing>> {
        self.0.ticket_keys.load_full()
    }

    #[cfg(feature = "tickets")]
    pub(crate) fn store_ticket_keys(&self, keys: KeyRing) {
        self.0.ticket_keys.store(Some(Arc::new(keys)));
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

#[cfg(feature = "revocation")]
impl Drop for Live {
    fn drop(&mut self) {
        self.id.forget();
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gate").field(&self.health()).finish()
    }
}

#[cfg(test)]
mod tests;
