//! The gate: the live facts, as every adapter holds them.

use std::fmt;
use std::sync::{Arc, Weak};

use arc_swap::ArcSwapOption;

use crate::code::Code;
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
        let live = Arc::new(Live::default());
        let feed = Feed(Arc::downgrade(&live));
        (Self(live), feed)
    }

    /// Reads the live facts for as long as `read` runs.
    ///
    /// # Errors
    ///
    /// [`Code::PolicyUnavailable`] while there is no policy.
    pub fn read<T>(&self, read: impl FnOnce(&Snapshot) -> T) -> Result<T, Code> {
        match &*self.0.facts.load() {
            Some(facts) => Ok(read(facts)),
            None => Err(Code::PolicyUnavailable),
        }
    }

    /// The live facts, to be kept across an await.
    ///
    /// # Errors
    ///
    /// [`Code::PolicyUnavailable`] while there is no policy.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, Code> {
        self.0.facts.load_full().ok_or(Code::PolicyUnavailable)
    }

    /// How the gate is.
    pub fn health(&self) -> Health {
        let Some(version) = self.0.facts.load().as_ref().map(|facts| facts.version()) else {
            return Health::Unavailable;
        };
        match self.0.fault.load_full() {
            None => Health::Ready { version },
            Some(fault) => Health::Degraded { version, fault },
        }
    }
}

impl Feed {
    /// Makes `facts` the live ones, whole, for every request that begins from now on.
    pub fn publish(&self, facts: Snapshot) {
        let Some(live) = self.0.upgrade() else { return };
        live.facts.store(Some(Arc::new(facts)));
        live.fault.store(None);
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
