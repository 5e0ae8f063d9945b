//! Runs of agents, as they are begun.

use std::time::Duration;

use gatepost::{Denial, Mode, Permit};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Error, Runs};

/// A run of an agent, as the client is told of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Run {
    id: String,
    mode: &'static str,
    agent: String,
}

/// What a client says of a run to begin, beside what the agent is to work on.
// Clients are told of it, and nothing is read as it: `mode.rs` tells from the bytes whether somebody waits.
#[derive(Debug, ToSchema)]
#[non_exhaustive]
pub struct NewRun {
    /// Whether it goes on without the caller.
    #[schema(nullable = false)]
    pub detach: Option<bool>,
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
