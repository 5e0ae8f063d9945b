//! Runs of agents.

use std::time::Duration;

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use gatepost_axum::{Mode, Permit};
use serde::Serialize;
use uuid::Uuid;

#[derive(Clone, Serialize)]
pub(crate) struct Run {
    id: String,
    mode: &'static str,
    agent: String,
}

/// Goes by the permit's mode: what the body said was read once, before the decision.
pub(crate) async fn start(
    permit: Permit,
    Path((_, agent)): Path<(String, String)>,
) -> (StatusCode, Json<Run>) {
    let mode = permit.mode().unwrap_or(Mode::Background);
    let run = Run {
        id: Uuid::now_v7().to_string(),
        mode: mode.as_str(),
        agent,
    };
    match mode {
        Mode::Foreground => work(run.clone()).await,
        Mode::Background => {
            tokio::spawn(work(run.clone()));
        }
    }
    (StatusCode::ACCEPTED, Json(run))
}

/// Stands for what an agent of yours does.
async fn work(run: Run) {
    tokio::time::sleep(Duration::from_millis(20)).await;
    tracing::info!(run.id, run.agent, run.mode, "an agent ran");
}
