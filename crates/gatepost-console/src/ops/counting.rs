//! The policy as it was last compiled to count by.

use std::fmt;
use std::sync::Arc;

use gatepost::{PolicyDocument, Snapshot};
use gatepost_store::PolicyStore;
use tokio::sync::Mutex;

/// The policy as it was last compiled to count by: once a version, however many ask, and one at a time.
#[derive(Default)]
pub(crate) struct Counting(Mutex<Option<Arc<Whole>>>);

/// A whole policy of one version.
pub(crate) struct Whole {
    pub(crate) version: u64,
    pub(crate) document: PolicyDocument,
    pub(crate) facts: Snapshot,
}

impl Counting {
    /// Counts by the policy of a version, with nobody else counting meanwhile. `None` where the store is at another
    /// version, or what it holds cannot be compiled.
    pub(crate) async fn by<T>(
        &self,
        store: &PolicyStore,
        version: u64,
        count: impl FnOnce(&Whole) -> T + Send + 'static,
    ) -> Option<T>
    where
        T: Send + 'static,
    {
        let mut kept = self.0.lock().await;
        let whole = match &*kept {
            Some(whole) if whole.version == version => whole.clone(),
            _ => {
                *kept = None;
                let whole = Arc::new(read(store, version).await?);
                *kept = Some(whole.clone());
                whole
            }
        };
        let counted = tokio::task::spawn_blocking(move || count(&whole)).await;
        drop(kept);
        counted.ok()
    }
}

async fn read(store: &PolicyStore, version: u64) -> Option<Whole> {
    let (found, document) = store.export().await.ok()?;
    if found != version {
        return None;
    }
    let compiled = tokio::task::spawn_blocking(move || {
        let facts = Snapshot::compile(&document, version).ok()?;
        Some(Whole {
            version,
            document,
            facts,
        })
    });
    compiled.await.ok()?
}

impl fmt::Debug for Counting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counting").finish_non_exhaustive()
    }
}
