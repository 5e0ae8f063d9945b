//! What the methods do once a call was allowed.

use std::pin::Pin;

use futures_util::Stream;
use gatepost_tonic::{Admitted, Mode};
use tonic::{Request, Response, Status};

use crate::proto::agents_server::Agents;
use crate::proto::{Event, PingReply, PingRequest, RunReply, RunRequest, WatchRequest};
use crate::runs::{Run, Runs};

pub(crate) struct Service {
    runs: Runs,
}

impl Service {
    pub(crate) fn new(runs: Runs) -> Self {
        Self { runs }
    }

    /// The org is the permit's, wherever the call named it, and so are owner and mode.
    async fn start(&self, request: Request<RunRequest>) -> Result<Response<RunReply>, Status> {
        let permit = request.permit()?;
        let input = request.into_inner().input;
        let org = permit.org().ok_or(Status::internal("a run has an org"))?;
        let run = self.runs.add(org, permit.beneficiary());
        let mode = permit.mode().unwrap_or(Mode::Background);
        let id = run.id().to_owned();
        let output = match mode {
            Mode::Foreground => Some(run.work(input).await),
            // It goes on behind the call, and no longer than it may. What must not be lost is queued instead,
            // as `axum-chats` does.
            Mode::Background => {
                tokio::spawn(async move { permit.until_revoked(run.work(input)).await });
                None
            }
        };
        Ok(Response::new(RunReply {
            run: id,
            mode: mode.as_str().to_owned(),
            output,
        }))
    }
}

#[tonic::async_trait]
impl Agents for Service {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<Event, Status>> + Send>>;

    async fn run(&self, request: Request<RunRequest>) -> Result<Response<RunReply>, Status> {
        self.start(request).await
    }

    async fn run_detached(
        &self,
        request: Request<RunRequest>,
    ) -> Result<Response<RunReply>, Status> {
        self.start(request).await
    }

    /// The run is the one that was decided on: it is not looked up again.
    async fn watch(
        &self,
        request: Request<WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let run = request.entity::<Run>()?;
        Ok(Response::new(Box::pin(run.events())))
    }

    async fn ping(&self, _: Request<PingRequest>) -> Result<Response<PingReply>, Status> {
        Ok(Response::new(PingReply {}))
    }
}
