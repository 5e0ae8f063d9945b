//! A candidate that is made anew as the live policy changes.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use gatepost::{PolicyError, Snapshot};
use gatepost_store::{Command, PolicyStore, Preview, StoreError};

use super::{Beside, Inner, Shadow};

/// It is made anew no sooner than after so long.
const PAUSE: Duration = Duration::from_secs(1);
/// Nor before so many times as long as it took have passed: whoever changes a large policy all the time takes no core.
const SHARE: u32 = 9;

impl Shadow {
    /// What these commands make of the policy in a store, one behind the other: as that policy is, and as it comes
    /// to be.
    ///
    /// Once the live policy is of another version, the candidate is made anew in the background, by a task of the
    /// runtime that this is called on; it ends with the last clone. What is decided until then is skipped. The
    /// candidate holds the whole policy a second time.
    ///
    /// # Errors
    ///
    /// [`ShadowError`] where the store cannot be read, or does not take one of the commands. Once it is tried out,
    /// that is told by [`ShadowReport::failed`](super::ShadowReport::failed).
    pub async fn of_commands(
        store: &PolicyStore,
        commands: impl IntoIterator<Item = Command>,
    ) -> Result<Self, ShadowError> {
        let commands: Arc<[Command]> = commands.into_iter().collect();
        let beside = make(store, &commands).await?;
        let changes = commands.iter().map(Command::to_string).collect();
        let shadow = Self::new(beside, changes);
        tokio::spawn(follow(Arc::downgrade(&shadow.0), store.clone(), commands));
        Ok(shadow)
    }
}

/// Makes it anew for as long as somebody has it, at each version that something was decided by.
async fn follow(shadow: Weak<Inner>, store: PolicyStore, commands: Arc<[Command]>) {
    let mut pause = PAUSE;
    loop {
        tokio::time::sleep(pause).await;
        let Some(inner) = shadow.upgrade() else {
            return;
        };
        // Whoever waits for good holds it, so it is looked at from time to time whether anybody else does.
        let is_wanted = tokio::time::timeout(PAUSE, inner.wanted.notified()).await;
        if is_wanted.is_err() {
            continue;
        }
        let begun = Instant::now();
        match make(&store, &commands).await {
            Ok(beside) => {
                inner.beside.store(Some(Arc::new(beside)));
                inner.failed.store(None);
            }
            Err(error) => inner.failed.store(Some(Arc::new(error.to_string()))),
        }
        pause = PAUSE.max(begun.elapsed() * SHARE);
    }
}

async fn make(store: &PolicyStore, commands: &Arc<[Command]>) -> Result<Beside, ShadowError> {
    let (version, document) = store.export().await?;
    let commands = Arc::clone(commands);
    // A large policy is planned and compiled for seconds.
    let made = tokio::task::spawn_blocking(move || {
        let preview = Preview::of_commands(&commands, &document, version)?;
        let after = preview.apply(&document)?;
        drop(document);
        let facts = Snapshot::compile(&after, version)?;
        Ok(Beside {
            facts,
            version: Some(version),
        })
    });
    made.await.unwrap_or(Err(ShadowError::Ended))
}

/// No candidate could be made of a policy in a store.
#[derive(Debug)]
#[non_exhaustive]
pub enum ShadowError {
    /// The store cannot be read, or does not take one of the commands.
    Store(StoreError),
    /// What the commands leave is no sound policy.
    Policy(PolicyError),
    /// The runtime ended before it was made.
    Ended,
}

impl From<StoreError> for ShadowError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<PolicyError> for ShadowError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}

impl fmt::Display for ShadowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Policy(error) => error.fmt(f),
            Self::Ended => f.write_str("the runtime ended before the candidate was made"),
        }
    }
}

impl std::error::Error for ShadowError {}
