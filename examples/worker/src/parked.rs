//! Goes on with what was parked, when it may.

use std::time::Duration;

use chats::Error;
use gatepost::Snapshot;
use tokio::time::{MissedTickBehavior, interval};

use crate::admission::admit;
use crate::worker::Worker;

/// How often is looked whether the policy has changed. Where it has not, nothing is decided again.
const LOOK: Duration = Duration::from_secs(1);
/// How many runs are looked at in one go.
const SOME: u32 = 500;

impl Worker {
    /// Asks again for parked runs whenever the policy has changed, and puts those that may go on back on the
    /// queue.
    pub(crate) async fn watch_parked(&self) {
        if let Err(error) = self.runs.forget_versions().await {
            tracing::error!(%error, "parked runs wait for the next change of the policy");
        }
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            if let Err(error) = self.resume().await {
                tracing::error!(%error, "parked runs could not be looked at");
            }
        }
    }

    async fn resume(&self) -> Result<(), Error> {
        // Where the gate cannot decide, they stay where they are.
        let Ok(version) = self.gate.read(Snapshot::version) else {
            return Ok(());
        };
        loop {
            let parked = self.runs.parked_before(version, SOME).await?;
            if parked.is_empty() {
                return Ok(());
            }
            for run in &parked {
                match admit(&self.gate, run).await {
                    Ok(_) => {
                        tracing::info!(run = run.id, "goes on");
                        self.runs.put_back(run).await?;
                    }
                    Err(refusal) if refusal.denial.is_error() => return Ok(()),
                    Err(refusal) if refusal.is_for_good() => {
                        self.put_aside(run, &refusal).await?;
                    }
                    // Looked at once, however often the policy has changed meanwhile.
                    Err(refusal) => {
                        let code = refusal.denial.code().as_str();
                        self.runs.park(run, code, version).await?;
                    }
                }
            }
        }
    }
}
