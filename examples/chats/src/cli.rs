//! The command line, and what a service does around serving.

use std::io::{IsTerminal, stderr};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use gatepost::{Gate, Health};
use gatepost_console::{DenialLayer, DenialSample};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::console;
use crate::greeting::greeting;
use crate::policy::{Policy, PolicyArgs};
use crate::token::TokenArgs;
use crate::told::{RoutesArgs, Told};
use crate::{Error, Secret};

/// Chats and agent runs in orgs, behind a gate
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Print a token; it is the last line
    Token(TokenArgs),
    /// Print the routes, each with what it requires or why it is public
    Routes(RoutesArgs),
    /// Print the OpenAPI document
    #[command(name = "openapi")]
    OpenApi,
}

#[derive(Args)]
struct ServeArgs {
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    queue: QueueArgs,
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: String,
}

/// Where the runs that nobody waits for are queued.
#[derive(Args, Clone, Debug)]
pub struct QueueArgs {
    /// The file that runs are queued in, and that workers take them from
    #[arg(long, value_name = "FILE", default_value = "runs.db")]
    pub queue: PathBuf,
}

/// What a service is started with.
#[derive(Debug)]
#[non_exhaustive]
pub struct Start {
    /// The service's name, which is its package's.
    pub name: &'static str,
    /// Where the policy comes from.
    pub policy: PolicyArgs,
    /// Where runs are queued.
    pub queue: QueueArgs,
    /// Where to listen.
    pub listen: String,
    /// The secret that tokens and tickets are signed with.
    pub secret: Secret,
    denials: Option<DenialSample>,
}

/// Does what the command line asks for: serves, or prints something.
pub async fn main(
    name: &'static str,
    told: impl FnOnce() -> Result<Told, Error>,
    serve: impl AsyncFnOnce(Start) -> Result<(), Error>,
) -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Some(Command::Token(args)) => print_token(&args),
        Some(Command::Routes(args)) => told().and_then(|told| args.print(&told.routes)),
        Some(Command::OpenApi) => told().map(|told| println!("{}", told.document)),
        None => match Start::new(name, cli.serve) {
            Ok(start) => serve(start).await,
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print_token(args: &TokenArgs) -> Result<(), Error> {
    println!("{}", args.token(&Secret::load()?)?);
    Ok(())
}

impl Start {
    fn new(name: &'static str, args: ServeArgs) -> Result<Self, Error> {
        let (layer, denials) = DenialSample::new(name);
        logged(Some(layer))?;
        Ok(Self {
            name,
            policy: args.policy,
            queue: args.queue,
            listen: args.listen,
            secret: Secret::load()?,
            denials: Some(denials),
        })
    }

    /// The policy; its gate signs tickets, and what it refuses is sampled for the console.
    ///
    /// # Errors
    ///
    /// When there is no policy to begin with, or no key.
    pub async fn policy(&mut self) -> Result<Policy, Error> {
        let policy = self.policy.open(self.name).await?;
        policy.gate.set_ticket_keys(self.secret.ticket_keys()?);
        if let (Some(stored), Some(denials)) = (&policy.stored, self.denials.take()) {
            tokio::spawn(denials.keep_in(stored.store.clone()));
        }
        Ok(policy)
    }

    /// Says where the service is, by what it decides, what to try first, and how to log in to the console.
    ///
    /// # Errors
    ///
    /// When no token could be made.
    pub async fn greet(&self, address: SocketAddr, policy: &Policy) -> Result<(), Error> {
        let console = match &policy.stored {
            Some(stored) => console::greeting(address, &stored.store).await?,
            None => String::new(),
        };
        print!("{}", greeting(self, address, &console)?);
        Ok(())
    }
}

/// Logs to standard error, as `RUST_LOG` says.
///
/// # Errors
///
/// When that cannot be understood.
pub fn log() -> Result<(), Error> {
    logged(None)
}

/// Logs, and has a sample taken of what is refused.
fn logged(denials: Option<DenialLayer>) -> Result<(), Error> {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .from_env()?;
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(stderr().is_terminal())
        .with_writer(stderr);
    tracing_subscriber::registry()
        .with(denials)
        .with(lines.with_filter(filter))
        .init();
    Ok(())
}

/// What a probe is told: that the service decides, or why it cannot.
///
/// A policy that is degraded still decides, by the last good one; one that is stale does not: the store
/// was out of reach for longer than the lease.
///
/// # Errors
///
/// The text of a 503.
pub fn health(gate: &Gate) -> Result<&'static str, &'static str> {
    match gate.health() {
        Health::Ready { .. } => Ok("ok\n"),
        Health::Degraded { .. } => Ok("ok, by an older policy: see the log\n"),
        Health::Stale { .. } => Err("the policy is stale: see the log\n"),
        _ => Err("no policy\n"),
    }
}

/// Resolves at ctrl-c, and at the SIGTERM that process managers send.
pub async fn asked_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut asked) => asked.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<Option<()>>();
    tokio::select! {
        () = interrupt => {}
        _ = terminate => {}
    }
    tracing::info!("stops: takes on nothing new");
}
