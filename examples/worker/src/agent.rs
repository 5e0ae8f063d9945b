//! What an agent does. Yours goes here.

use std::time::Duration;

use chats::QueuedRun;
use gatepost::{Denial, Permit};
use tokio_util::sync::CancellationToken;

/// What a run consists of. Between two steps it can be left, and gone on with later.
pub(crate) const STEPS: [&str; 3] = ["reads", "thinks", "writes"];

/// What a step is given.
pub(crate) struct Step {
    pub(crate) run: QueuedRun,
    pub(crate) name: &'static str,
    /// Under what it is done; nobody gets one but from the gate.
    pub(crate) permit: Permit,
    /// Fires when it would no longer be allowed: what has been begun is to be given up, at once.
    pub(crate) cancelled: CancellationToken,
    /// How long it takes.
    pub(crate) takes: Duration,
}

/// A step ended before its effect.
pub(crate) struct Cut;

/// Does a step: works for a while, which has no effect, then asks once more and makes the effect.
///
/// An effect can come twice: a worker that dies behind it has not said yet that the step is done. A step whose
/// effect must not be repeated names itself by the run's id and its own name to whoever makes it.
pub(crate) async fn work(step: Step) -> Result<(), Cut> {
    let run = step.run.id;
    tracing::debug!(run, step = step.name, "begins");
    tokio::select! {
        biased;
        () = step.cancelled.cancelled() => {
            tracing::info!(run, step = step.name, "cancelled");
            return Err(Cut);
        }
        () = tokio::time::sleep(step.takes) => {}
    }
    step.permit.ensure_fresh().await?;
    tracing::info!(run, agent = step.run.agent, step = step.name, "did a step");
    Ok(())
}

impl From<Denial> for Cut {
    fn from(_: Denial) -> Self {
        Self
    }
}
