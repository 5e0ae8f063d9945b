//! The real binary, on a port of its own, with a copy of the shipped policy.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::{ErrorInfo, StatusExt};

use crate::proto::agents_client::AgentsClient;
use crate::proto::{RunReply, RunRequest, WatchRequest};

const SECRET: &str = "a secret of the tests, 32 bytes and more";
/// What the service prints last before it serves.
const LAST_LINE: &str = "A token for somebody else";

/// The binary, with nothing of the tester's own environment that it would go by.
fn tonic_agents() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tonic-agents"));
    command
        .env("AXUM_CHATS_SECRET", SECRET)
        .env_remove("RUST_LOG");
    command
}

/// What the binary answers to these arguments.
pub(crate) fn run_with(args: &[&str]) -> Output {
    tonic_agents().args(args).output().unwrap()
}

pub(crate) struct Service {
    child: Child,
    pub(crate) greeting: Vec<String>,
    pub(crate) url: String,
    folder: TempDir,
    pub(crate) client: AgentsClient<Channel>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let policy = folder.path().join("policy.toml");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("axum-chats");
        fs::copy(shipped.join("policy.toml"), &policy).unwrap();
        let mut child = tonic_agents()
            .args(["--listen", "127.0.0.1:0", "--policy"])
            .arg(&policy)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut greeting = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            greeting.push(line.unwrap());
            if greeting.last().unwrap().starts_with(LAST_LINE) {
                break;
            }
        }
        let address = greeting[0].split_once("http://").unwrap().1;
        let url = format!("http://{address}");
        let client = AgentsClient::connect(url.clone()).await.unwrap();
        Self {
            child,
            greeting,
            url,
            folder,
            client,
        }
    }

    /// Changes the policy document as an editor does: beside it, then over it.
    pub(crate) fn change_policy(&self, from: &str, to: &str) {
        let policy = self.folder.path().join("policy.toml");
        let text = fs::read_to_string(&policy).unwrap();
        assert!(text.contains(from), "{from}");
        let beside = self.folder.path().join("policy.toml.new");
        fs::write(&beside, text.replacen(from, to, 1)).unwrap();
        fs::rename(beside, policy).unwrap();
    }

    pub(crate) async fn run(&self, who: &str, org: &str) -> Result<RunReply, Status> {
        let request = request(who, run_request(org));
        Ok(self.client.clone().run(request).await?.into_inner())
    }

    pub(crate) async fn run_detached(&self, who: &str, org: &str) -> Result<RunReply, Status> {
        let request = request(who, run_request(org));
        let reply = self.client.clone().run_detached(request).await?;
        Ok(reply.into_inner())
    }

    /// What happens in a run, all of it.
    pub(crate) async fn watch(
        &self,
        who: &str,
        org: &str,
        run: &str,
    ) -> Result<Vec<String>, Status> {
        let message = WatchRequest {
            run: run.to_owned(),
        };
        let mut request = request(who, message);
        if !org.is_empty() {
            let metadata = request.metadata_mut();
            metadata.insert("x-org", org.parse().unwrap());
        }
        let mut events = self.client.clone().watch(request).await?.into_inner();
        let mut told = Vec::new();
        while let Some(event) = events.message().await? {
            told.push(event.text);
        }
        Ok(told)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn run_request(org: &str) -> RunRequest {
    RunRequest {
        org: (!org.is_empty()).then(|| org.to_owned()),
        input: "desserts".to_owned(),
    }
}

/// A call by `alice`, or by `planner-bot for alice`; nobody is empty.
pub(crate) fn request<M>(who: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    let args = match who.split_once(" for ") {
        _ if who.is_empty() => return request,
        Some((agent, human)) => vec!["token", human, "--agent", agent],
        None => vec!["token", who],
    };
    let printed = String::from_utf8(run_with(&args).stdout).unwrap();
    let bearer = format!("Bearer {}", printed.lines().last().unwrap());
    let metadata = request.metadata_mut();
    metadata.insert("authorization", bearer.parse().unwrap());
    request
}

/// The status and the reason of a refusal.
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, ErrorInfo) {
    let status = answer.unwrap_err();
    let info = status.get_details_error_info();
    (status.code(), info.unwrap_or_else(|| panic!("{status:?}")))
}
