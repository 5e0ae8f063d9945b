//! A client, so that no other one is needed to try the service.

use std::fmt::Write as _;

use chats::Error;
use clap::{Args, ValueEnum};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use crate::proto::agents_client::AgentsClient;
use crate::proto::{PingRequest, RunReply, RunRequest, WatchRequest};

#[derive(Args)]
pub(crate) struct CallArgs {
    method: Method,
    /// Who asks: a token of `tonic-agents token`
    #[arg(long)]
    token: Option<String>,
    /// The org in which
    #[arg(long)]
    org: Option<String>,
    /// What the agent is to work on
    #[arg(long, default_value = "")]
    input: String,
    /// The run to watch
    #[arg(long, default_value = "")]
    run: String,
    /// Where the service listens
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:50051")]
    server: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Method {
    Run,
    RunDetached,
    Watch,
    Ping,
}

/// Calls the method and prints what it answers; a refusal is an error.
pub(crate) async fn call(args: CallArgs) -> Result<(), Error> {
    let mut client = AgentsClient::connect(args.server.clone()).await?;
    let done = match args.method {
        Method::Run => client.run(args.run_request()?).await.map(print_run),
        Method::RunDetached => client
            .run_detached(args.run_request()?)
            .await
            .map(print_run),
        Method::Watch => watch(&mut client, &args).await?,
        Method::Ping => {
            let pinged = client.ping(args.request(PingRequest {})?).await;
            pinged.map(|_| println!("there"))
        }
    };
    done.map_err(|status| refusal(&status).into())
}

async fn watch(
    client: &mut AgentsClient<tonic::transport::Channel>,
    args: &CallArgs,
) -> Result<Result<(), Status>, Error> {
    let message = WatchRequest {
        run: args.run.clone(),
    };
    let mut request = args.request(message)?;
    if let Some(org) = &args.org {
        request.metadata_mut().insert("x-org", org.parse()?);
    }
    let mut events = match client.watch(request).await {
        Ok(events) => events.into_inner(),
        Err(status) => return Ok(Err(status)),
    };
    loop {
        match events.message().await {
            Ok(Some(event)) => println!("{}", event.text),
            Ok(None) => return Ok(Ok(())),
            Err(status) => return Ok(Err(status)),
        }
    }
}

impl CallArgs {
    fn run_request(&self) -> Result<Request<RunRequest>, Error> {
        self.request(RunRequest {
            org: self.org.clone(),
            input: self.input.clone(),
        })
    }

    fn request<M>(&self, message: M) -> Result<Request<M>, Error> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            let bearer: MetadataValue<Ascii> = format!("Bearer {token}").parse()?;
            request.metadata_mut().insert("authorization", bearer);
        }
        Ok(request)
    }
}

fn print_run(reply: tonic::Response<RunReply>) {
    let RunReply { run, mode, output } = reply.into_inner();
    println!("run {run} in the {mode}");
    if let Some(output) = output {
        println!("{output}");
    }
}

/// The status, and what its details say.
fn refusal(status: &Status) -> String {
    let mut text = format!("{}: {}", name(status.code()), status.message());
    if let Some(info) = status.get_details_error_info() {
        let mut members: Vec<_> = info.metadata.iter().collect();
        members.sort();
        for (name, value) in members {
            // Writing to a string does not fail.
            let _ = write!(text, "\n  {name:<14}{value}");
        }
    }
    text
}

/// The code as the specification writes it.
fn name(code: Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}
