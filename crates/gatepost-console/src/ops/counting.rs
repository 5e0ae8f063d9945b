//! The policy as it was last compiled to count by.

use std::fmt;
use std::sync::Arc;

use gatepost::{PolicyDocument, Snapshot};
use gatepost_store::PolicyStore;
use tokio::sync::{Mutex, Semaphore};

/// How many may wait for a count or be counted for; who comes then is told that it was not counted.
const PLACES: usize = 4;

/// The policy as it was last compiled to count by: once a version, however many ask, and one at a time.
pub(crate) struct Counting {
    kept: Arc<Mutex<Option<Arc<Whole>>>>,
    places: Arc<Semaphore>,
}

/// A whole policy of one version.
pub(crate) struct Whole {
    pub(crate) version: u64,
    pub(crate) document: PolicyDocument,
    pub(crate) facts: Snapshot,
}

/// Why nothing was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Uncounted {
    /// Others are counted for.
    Busy,
    /// The store is at another version, or what it holds cannot be compiled.
    Changed,
    /// There are more subjects and memberships than are counted by.
    TooLarge,
}

impl Default for Counting {
    fn default() -> Self {
        Self {
            kept: Arc::default(),
            places: Arc::new(Semaphore::new(PLACES)),
        }
    }
}

impl Counting {
    /// Counts by the policy of a version, with nobody else counting meanwhile.
    ///
    /// What was begun goes on where nobody waits for it any more, and keeps its place until then: whoever drops a
    /// request has no second policy compiled beside the first. A policy of more than `most` subjects and memberships
    /// is not compiled at all.
    pub(crate) async fn by<T>(
        &self,
        store: &PolicyStore,
        version: u64,
        most: usize,
        count: impl FnOnce(&Whole) -> T + Send + 'static,
    ) -> Result<T, Uncounted>
    where
        T: Send + 'static,
    {
        let place = self.places.clone().try_acquire_owned();
        let place = place.map_err(|_| Uncounted::Busy)?;
        let (store, kept) = (store.clone(), self.kept.clone());
        let work = tokio::spawn(async move {
            let mut kept = kept.lock_owned().await;
            let whole = match &*kept {
                Some(whole) if whole.version == version => whole.clone(),
                _ => {
                    *kept = None;
                    let whole = Arc::new(read(&store, version, most).await?);
                    *kept = Some(whole.clone());
                    whole
                }
            };
            let counted = tokio::task::spawn_blocking(move || count(&whole)).await;
            drop((kept, place));
            counted.map_err(|_| Uncounted::Changed)
        });
        work.await.unwrap_or(Err(Uncounted::Changed))
    }
}

async fn read(store: &PolicyStore, version: u64, most: usize) -> Result<Whole, Uncounted> {
    let (found, document) = store.export().await.map_err(|_| Uncounted::Changed)?;
    if found != version {
        return Err(Uncounted::Changed);
    }
    let members = document.orgs.values().map(|org| org.members.len());
    if members.fold(document.subjects.len(), usize::saturating_add) > most {
        return Err(Uncounted::TooLarge);
    }
    let compiled = tokio::task::spawn_blocking(move || {
        let facts = Snapshot::compile(&document, version).ok()?;
        Some(Whole {
            version,
            document,
            facts,
        })
    });
    let compiled = compiled.await.ok().flatten();
    compiled.ok_or(Uncounted::Changed)
}

impl fmt::Debug for Counting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counting").finish_non_exhaustive()
    }
}
