//! Who decides by a version.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatepost_store::{Head, PolicyStore, Proof, ProofOutcome, ReplicaRow};

use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::require::SITE;
use crate::views::{ReplicaView, ReplicasView};

/// The state of a replica that decides by nothing.
const CLOSED: &str = "closed";
/// How many proofs are waited for at once.
const FOLLOWED: usize = 4;

/// The newest proof that there is, and those that are waited for, however many look on.
///
/// Who decides by nothing older than a version decides by nothing older than any before it: of one history, the
/// newest proof is one for all of them.
#[derive(Clone, Default)]
pub(crate) struct Proofs(Arc<Mutex<Followed>>);

/// What is proved, and what is waited for.
#[derive(Default)]
pub(crate) struct Followed {
    /// With the epoch of the store that it is of.
    newest: Option<(u64, Arc<Proof>)>,
    /// The epochs and versions that are waited for.
    awaited: Vec<(u64, u64)>,
}

impl Followed {
    pub(crate) fn proof(&self, epoch: u64, version: u64) -> Option<Arc<Proof>> {
        let (of, proof) = self.newest.as_ref()?;
        (*of == epoch && proof.version >= version).then(|| proof.clone())
    }

    /// Whether somebody has to begin to wait: nobody does for the version, nor for a newer one.
    pub(crate) fn begins(&mut self, epoch: u64, version: u64, head: u64) -> bool {
        let mut awaited = self.awaited.iter();
        let is_awaited = awaited.any(|(of, awaited)| *of == epoch && *awaited >= version);
        if is_awaited || self.awaited.len() >= FOLLOWED {
            return false;
        }
        self.awaited.push((epoch, head));
        true
    }

    pub(crate) fn ended(&mut self, epoch: u64, version: u64, proof: Option<Proof>) {
        self.awaited.retain(|awaited| *awaited != (epoch, version));
        let Some(proof) = proof else {
            return;
        };
        let newest = self.newest.as_ref();
        if newest.is_none_or(|(of, newest)| (*of, newest.version) < (epoch, proof.version)) {
            self.newest = Some((epoch, Arc::new(proof)));
        }
    }
}

impl Proofs {
    /// The proof of a version or a newer one, if it is there; else that of the newest is waited for from now on.
    fn of(&self, store: &PolicyStore, head: &Head, version: u64) -> Option<Arc<Proof>> {
        let (epoch, newest) = (head.epoch, head.version);
        let mut followed = self.locked();
        if let Some(proof) = followed.proof(epoch, version) {
            return Some(proof);
        }
        if !followed.begins(epoch, version, newest) {
            return None;
        }
        drop(followed);
        let (store, proofs) = (store.clone(), self.clone());
        tokio::spawn(async move {
            // Comes back within the longest lease of a replica and a little.
            let proof = store.await_replicas(newest).await;
            if let Err(error) = &proof {
                tracing::warn!(target: "gatepost::console", version = newest, %error, "no proof that a version is in force");
            }
            proofs.locked().ended(epoch, newest, proof.ok());
        });
        None
    }

    fn locked(&self) -> MutexGuard<'_, Followed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Which replicas decide by a version, the newest unless one is named; one look, and no waiting.
    ///
    /// That no replica decides by anything older is said by the store's own proof alone, which is waited for in the
    /// background from the first look on. Before it is there, a replica is told as it last told of itself.
    pub(crate) async fn replicas(&self, version: Option<u64>) -> Result<ReplicasView, Fault> {
        let head = self.store.head().await.map_err(self.fault(SITE))?;
        let version = version.unwrap_or(head.version);
        let rows = self.store.replicas().await.map_err(self.fault(SITE))?;
        // Of a version that is still to come nothing can be proved.
        let proof = (version <= head.version)
            .then(|| self.proofs.of(&self.store, &head, version))
            .flatten();
        let mut replicas: Vec<ReplicaView> = rows
            .into_iter()
            .map(|row| {
                let outcome = outcome(&row, head.epoch, version, proof.as_deref());
                told(row, outcome)
            })
            .collect();
        replicas.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        Ok(ReplicasView {
            version,
            newest: head.version,
            is_in_force: proof.is_some(),
            replicas,
        })
    }
}

/// How a replica is known to decide by nothing older than a version, if it is.
pub(crate) fn outcome(
    row: &ReplicaRow,
    epoch: u64,
    version: u64,
    proof: Option<&Proof>,
) -> &'static str {
    if row.decides_by(epoch, version) {
        return "acknowledged";
    }
    let mut replicas = proof.into_iter().flat_map(|proof| &proof.replicas);
    let proved = replicas.find(|replica| replica.id == row.id);
    match proved.map(|replica| replica.outcome) {
        // It has said so, and has not been heard of since, or decides by nothing any more.
        Some(ProofOutcome::Acknowledged) if row.state != CLOSED => "acknowledged",
        Some(_) => "lease_ran_out",
        None => "waiting",
    }
}

fn told(row: ReplicaRow, outcome: &str) -> ReplicaView {
    ReplicaView {
        outcome: outcome.to_owned(),
        age_ms: millis(row.age),
        lease_ms: millis(row.lease),
        id: row.id,
        name: row.name,
        version: row.version,
        state: row.state,
        library: row.library,
    }
}

impl Kept {
    /// Whether a version is in force, and who decides by it: the names of replicas are for those who read the site.
    pub(crate) async fn acknowledged(
        &self,
        asker: &Asker,
        version: u64,
    ) -> Result<ReplicasView, Fault> {
        let mut look = self.replicas(Some(version)).await?;
        if !asker.may_read_site().await? {
            look.replicas.clear();
        }
        Ok(look)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Proofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proofs").finish_non_exhaustive()
    }
}
