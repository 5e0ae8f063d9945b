//! What becomes of a run: it goes on, it waits, or it is put aside.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use chats::{Error, QueuedRun, Runs};
use futures_util::FutureExt;
use gatepost::{Gate, Permit};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::admission::{Refusal, admit};
use crate::agent::{self, Cut, STEPS, Step};

/// How long a step that was cancelled may take to give up what it has begun.
const GRACE: Duration = Duration::from_secs(1);
/// After which pause is asked again where the gate could not decide.
const PAUSE: Duration = Duration::from_secs(1);

/// A worker.
#[derive(Clone)]
pub(crate) struct Worker {
    pub(crate) gate: Gate,
    pub(crate) runs: Runs,
    /// How long a step takes.
    pub(crate) takes: Duration,
    /// Fires when it is to stop: steps are ended, and no other is begun.
    pub(crate) stops: CancellationToken,
}

impl Worker {
    /// Goes on with a run that the queue has delivered by a task.
    pub(crate) async fn take_up(&self, id: &str, task: &str) {
        while let Err(error) = self.go_on(id, task).await {
            // It is this worker's until it has said what became of it.
            tracing::error!(run = id, %error, "the queue cannot be written");
            if self.pause().await {
                return;
            }
        }
    }

    /// Goes on with a run, step by step, for as long as it may.
    async fn go_on(&self, id: &str, task: &str) -> Result<(), Error> {
        let Some(mut run) = self.runs.take(id, task).await? else {
            return Ok(());
        };
        while let Some(name) = STEPS.get(run.step as usize) {
            if self.stops.is_cancelled() {
                tracing::info!(run = run.id, "handed back");
                return self.runs.put_back(&run).await;
            }
            let permit = match admit(&self.gate, &run).await {
                Ok(permit) => permit,
                Err(refusal) if refusal.denial.is_error() => {
                    tracing::warn!(run = run.id, code = refusal.denial.code().as_str(), "waits");
                    // Nothing else can be done meanwhile: it keeps its place.
                    self.pause().await;
                    continue;
                }
                Err(refusal) => return self.put_aside(&run, &refusal).await,
            };
            match AssertUnwindSafe(self.step(&run, name, permit))
                .catch_unwind()
                .await
            {
                Ok(Ok(())) if self.runs.did(&mut run).await? => {}
                // Another worker goes on with it: this one was taken for dead.
                Ok(Ok(())) => return Ok(()),
                // Why, the gate says where it is asked next.
                Ok(Err(Cut)) => {}
                Err(_) => {
                    tracing::error!(run = run.id, step = name, "panicked, put aside for good");
                    return self.runs.bury(&run, "panicked").await;
                }
            }
        }
        tracing::info!(run = run.id, "done");
        self.runs.end(&run).await
    }

    /// Waits a while, and says whether it is to stop.
    async fn pause(&self) -> bool {
        timeout(PAUSE, self.stops.cancelled()).await.is_ok()
    }

    /// Does a step, for as long as its permit holds. One that was cancelled may still say that it is done.
    async fn step(&self, run: &QueuedRun, name: &'static str, permit: Permit) -> Result<(), Cut> {
        let cancelled = CancellationToken::new();
        let mut revoked = permit.revoked();
        let mut work = pin!(agent::work(Step {
            run: run.clone(),
            name,
            permit,
            cancelled: cancelled.clone(),
            takes: self.takes,
        }));
        tokio::select! {
            // A permit that was revoked meanwhile begins nothing.
            biased;
            _ = &mut revoked => {
                cancelled.cancel();
                timeout(GRACE, work).await.unwrap_or(Err(Cut))
            }
            done = &mut work => done,
        }
    }

    /// Puts a run aside: until the policy changes, or for good.
    pub(crate) async fn put_aside(&self, run: &QueuedRun, refusal: &Refusal) -> Result<(), Error> {
        let code = refusal.denial.code().as_str();
        if refusal.is_for_good() {
            tracing::error!(run = run.id, org = run.org, code, "put aside for good");
            return self.runs.bury(run, code).await;
        }
        tracing::info!(run = run.id, org = run.org, code, "parked");
        self.runs.park(run, code, refusal.version).await
    }
}
