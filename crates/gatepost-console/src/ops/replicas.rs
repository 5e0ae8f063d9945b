//! Who decides by a version.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use gatepost_store::{PolicyStore, Proof, ProofOutcome, ReplicaRow};

use crate::fault::Fault;
use crate::kept::Kept;
use crate::require::SITE;
use crate::views::{ReplicaView, ReplicasView};

/// How many versions are followed at once; the oldest gives way.
const FOLLOWED: usize = 16;

/// The proofs that are waited for: of each version that was asked about, once, however many look on.
#[derive(Clone, Default)]
pub(crate) struct Proofs(Arc<Mutex<BTreeMap<u64, Awaited>>>);

/// A proof, once it is there.
type Awaited = Arc<OnceLock<Proof>>;

impl Proofs {
    /// The proof of a version, if it is there; else it is waited for from now on.
    fn of(&self, store: &PolicyStore, version: u64) -> Option<Proof> {
        let mut followed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(awaited) = followed.get(&version) {
            return awaited.get().cloned();
        }
        if followed.len() >= FOLLOWED {
            followed.pop_first();
        }
        let awaited = Awaited::default();
        followed.insert(version, awaited.clone());
        let (store, proofs) = (store.clone(), self.clone());
        tokio::spawn(async move {
            // Comes back within the longest lease of a replica and a little.
            match store.await_replicas(version).await {
                Ok(proof) => {
                    let _ = awaited.set(proof);
                }
                Err(error) => {
                    tracing::warn!(target: "gatepost::console", version, %error, "no proof that a version is in force");
                    proofs.forget(version);
                }
            }
        });
        None
    }

    fn forget(&self, version: u64) {
        let mut followed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        followed.remove(&version);
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
            .then(|| self.proofs.of(&self.store, version))
            .flatten();
        let mut replicas: Vec<ReplicaView> = rows
            .into_iter()
            .map(|row| {
                let has_it = row.epoch == head.epoch && row.version >= version;
                told(row, has_it, proof.as_ref())
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

fn told(row: ReplicaRow, has_it: bool, proof: Option<&Proof>) -> ReplicaView {
    let proved = proof.and_then(|proof| {
        let mut replicas = proof.replicas.iter();
        replicas.find(|replica| replica.id == row.id)
    });
    let outcome = match proved.map(|replica| replica.outcome) {
        _ if has_it => "acknowledged",
        Some(ProofOutcome::Acknowledged) => "acknowledged",
        Some(_) => "lease_ran_out",
        // Whoever came later began with the version, or a newer one.
        None if proof.is_some() => "acknowledged",
        None => "waiting",
    };
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

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Proofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proofs").finish_non_exhaustive()
    }
}
