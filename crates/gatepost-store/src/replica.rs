//! A gate that follows a store.

mod alarm;
mod backoff;
mod changes;
mod elsewhere;
mod follow;
mod heartbeat;
mod history;
mod news;
mod options;
mod pace;
mod protocol;
mod reader;
mod report;
mod source;
mod statistics;
mod whole;

#[cfg(test)]
mod simulation;

use std::sync::Arc;

use gatepost::{Gate, Health, Inventory};

use crate::error::StoreError;
use crate::look_through::LookThrough;
use crate::url::StoreUrl;
pub(crate) use heartbeat::{State, UNSEEN};
pub(crate) use options::LONGEST_LEASE;
pub use options::ReplicaOptions;
use reader::StoreReader;
use report::Reported;
use statistics::Counters;
pub use statistics::ReplicaStatistics;

/// A policy in a store, live as it is changed there.
///
/// A thread of its own follows the store, for as long as this handle or any clone of its gate
/// lives. A fork leaves the thread behind, as it does every thread, and the child's gate closes
/// when the lease runs out: a service that forks opens its replica after that.
///
/// # The lease
///
/// The gate decides by what was read for as long as its lease runs: [2 s](ReplicaOptions::lease)
/// from the moment **before** the question was sent whose answer told that nothing newer was there,
/// on a clock that nobody sets and that goes on while the machine sleeps. After that it answers
/// `policy_stale` to every request. So whatever happens to the store, to the network and to this
/// process, a policy that was replaced is decided by for no longer than that.
///
/// # What becomes live
///
/// All of a version or nothing of it, and never an older one. Two things come sooner than the rest:
///
/// - What the site has switched off is off as soon as the store's head was read, even where the rest
///   cannot be read or understood, and is on again only with facts that say so.
/// - A store that tells less than it did, or something else, as after a restored backup or a
///   failover that lost commits, ends the lease at once, until an operator has recovered it.
///
/// A policy that cannot be understood replaces nothing, and is not waited for either: the lease is
/// not renewed. All of it is told through `tracing`, target `gatepost::policy`, each fault once, and
/// by [`health`](Gate::health).
///
/// # Memberships on demand
///
/// Where it [looks through](ReplicaOptions::look_through), no membership is among its facts: a decision that
/// depends on those of a subject reads them, on a connection of their own, or finds them in a bounded cache.
/// Changes of memberships are versions like all others, and what they change is told to the cache before
/// the version is live. An answer of a standby, of another store or epoch, or of one without the commit that is
/// live is not used. The lease is the gate's: past it nothing is decided, however fresh the cache.
///
/// # How much it holds
///
/// The compiled facts, and nothing else of the policy. It reads the store row by row, and takes in a change by the
/// facts that changed, whatever the others are. Where that is not possible (after an import, with another list of
/// resources, where an org is gone or has another parent) all is read anew beside what is live, so for that moment
/// the facts are there twice.
///
/// # What it asks
///
/// One statement, every 250 ms and whenever the store hints that something changed (`NOTIFY` in
/// `PostgreSQL`). A hint is only that: what is in it is not looked at, none is needed, and a flood
/// of them causes twenty questions a second. About every five seconds it writes its own row, by which a
/// [kill is proved](crate::Proof) and an operator sees who follows; it writes nothing else.
#[derive(Clone, Debug)]
#[must_use = "the store is followed while this handle or a gate of it lives"]
pub struct Replica {
    url: StoreUrl,
    gate: Gate,
    counters: Arc<Counters>,
    memberships: Option<Arc<LookThrough<StoreReader>>>,
    reported: Arc<Reported>,
}

impl Replica {
    /// Begins to follow the store, as [`ReplicaOptions::open`] does without any option set.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store could not be read within 5 s, or holds no sound policy.
    pub async fn open(url: &StoreUrl) -> Result<Self, StoreError> {
        Self::options().open(url).await
    }

    /// How to follow, to be changed before [`ReplicaOptions::open`].
    pub fn options() -> ReplicaOptions {
        ReplicaOptions::new()
    }

    /// The gate that decides by the store's policy.
    pub fn gate(&self) -> Gate {
        self.gate.clone()
    }

    /// How the gate is: what [`Gate::health`] says.
    pub fn health(&self) -> Health {
        self.gate.health()
    }

    /// The store.
    pub fn url(&self) -> &StoreUrl {
        &self.url
    }

    /// Reports the routes of the service, for whoever looks at what a change would do.
    ///
    /// They are written beside the replica's own row: within seconds, and not again while they stay as they are.
    /// That they cannot be is told once through `tracing`, and is no matter to the policy.
    ///
    /// # Errors
    ///
    /// [`TooLarge`](crate::StoreErrorKind::TooLarge) where they are longer than a mebibyte as text; nothing is
    /// reported then.
    pub fn report_routes(&self, routes: &Inventory) -> Result<(), StoreError> {
        let text = routes.to_json();
        if text.len() > report::LONGEST {
            let place = format!("the routes of {}", self.url);
            return Err(StoreError::too_large(place, report::LONGEST as u64));
        }
        self.reported.set(text);
        Ok(())
    }

    /// What was done so far.
    pub fn statistics(&self) -> ReplicaStatistics {
        let held = self.memberships.as_ref().map_or(0, |it| it.subjects());
        ReplicaStatistics {
            subjects_held: held,
            ..self.counters.read()
        }
    }
}
