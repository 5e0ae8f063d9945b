//! Runs of agents.

use std::time::Duration;

use gatepost::{Mode, Permit};
use serde::Serialize;
use uuid::Uuid;

/// A run of an agent, as the client is told of it.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    id: String,
    mode: &'static str,
    agent: String,
}

impl Run {
    /// Runs an agent: in the foreground until it is done, in the background until it has begun.
    ///
    /// Goes by the permit's mode: what the body said was read once, before the decision.
    pub async fn start(permit: &Permit, agent: String) -> Self {
        let mode = permit.mode().unwrap_or(Mode::Background);
        let run = Self {
            id: Uuid::now_v7().to_string(),
            mode: mode.as_str(),
            agent,
        };
        match mode {
            Mode::Foreground => run.clone().work().await,
            Mode::Background => {
                tokio::spawn(run.clone().work());
            }
        }
        run
    }

    /// Stands for what an agent of yours does.
    async fn work(self) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        tracing::info!(self.id, self.agent, self.mode, "an agent ran");
    }
}
