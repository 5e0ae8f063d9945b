//! Runs of agents, as they are begun.

use std::time::Duration;

use gatepost::{Denial, Mode, Permit};
use serde::Serialize;
use uuid::Uuid;

use crate::{Error, Runs};

/// A run of an agent, as the client is told of it.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    id: String,
    mode: &'static str,
    agent: String,
}

/// Why there is no run.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotRun {
    /// It would not be allowed any more: the permit was revoked while it ran.
    Denied(Denial),
    /// It could not be queued.
    NotQueued(Error),
}

impl Run {
    /// Runs an agent: in the foreground until it is done, in the background by whichever worker takes it.
    ///
    /// Goes by the permit's mode: what the body said was read once, before the decision.
    ///
    /// # Errors
    ///
    /// [`NotRun`].
    pub async fn start(
        permit: &Permit,
        agent: String,
        input: &[u8],
        runs: &Runs,
    ) -> Result<Self, NotRun> {
        let mode = permit.mode().unwrap_or(Mode::Background);
        let id = match mode {
            Mode::Foreground => {
                let work = work(&agent);
                permit.until_revoked(work).await.map_err(NotRun::Denied)?
            }
            Mode::Background => {
                let input = String::from_utf8_lossy(input);
                let queued = runs.add(permit, &agent, &input).await;
                queued.map_err(NotRun::NotQueued)?
            }
        };
        Ok(Self {
            id,
            mode: mode.as_str(),
            agent,
        })
    }
}

/// Stands for what an agent of yours does while the caller waits.
async fn work(agent: &str) -> String {
    let id = Uuid::now_v7().to_string();
    tokio::time::sleep(Duration::from_millis(20)).await;
    tracing::info!(id, agent, "an agent ran");
    id
}
