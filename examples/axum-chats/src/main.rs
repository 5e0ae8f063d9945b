//! A service to copy: chats and agent runs in orgs, on axum, behind a gate.
//!
//! `routes.rs` is where to begin. Each route has its requirement in one line,
//! and `policy.toml` says who meets it.

mod chats;
mod identity;
mod mode;
mod routes;
mod runs;
mod secret;

use std::env;
use std::io::{IsTerminal, stderr};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use gatepost_axum::SubjectId;
use gatepost_store::WatchedDocument;
use tokio::net::TcpListener;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use crate::identity::{Jwt, TokenArgs};
use crate::secret::Secret;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The document that this package ships, where it was built.
const SHIPPED_POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/policy.toml");

/// Chats and agent runs in orgs, behind a gate
#[derive(Parser)]
#[command(name = "axum-chats", args_conflicts_with_subcommands = true)]
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
}

#[derive(Args)]
struct ServeArgs {
    /// The policy document, read again whenever it changes
    #[arg(long, value_name = "FILE", default_value = SHIPPED_POLICY)]
    policy: PathBuf,
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Some(Command::Token(args)) => print_token(args),
        None => serve(&cli.serve).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("axum-chats: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print_token(args: &TokenArgs) -> Result<(), Error> {
    println!("{}", args.token(&Secret::load()?)?);
    Ok(())
}

async fn serve(args: &ServeArgs) -> Result<(), Error> {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .from_env()?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(stderr().is_terminal())
        .with_writer(stderr)
        .init();

    let secret = Secret::load()?;
    let policy = from_here(&args.policy);
    let gate = WatchedDocument::open(policy)?.gate();
    let app = routes::router(gate, Jwt::hs256(&secret))?;
    let listener = TcpListener::bind(&args.listen).await;
    let listener = listener.map_err(|error| format!("{}: {error}", args.listen))?;
    greet(listener.local_addr()?, policy, &secret)?;
    axum::serve(listener, app)
        .with_graceful_shutdown(asked_to_stop())
        .await?;
    Ok(())
}

/// Says where the service is, by what it decides, and what to try first.
fn greet(mut address: SocketAddr, policy: &Path, secret: &Secret) -> Result<(), Error> {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let policy = policy.display();
    println!("axum-chats listens on http://{address}");
    println!("It decides by {policy}, and reads that again whenever it changes");
    for (what, subject, path, body) in FIRST_STEPS {
        let token = TokenArgs::of(SubjectId::new(subject)?).token(secret)?;
        println!(
            "\n{what}\ncurl -sS -i -w '\\n' http://{address}{path} -H 'Authorization: Bearer {token}' \
             -H 'Content-Type: application/json' -d '{body}'"
        );
    }
    println!("\nA token for somebody else: cargo run -p axum-chats -- token SUBJECT");
    Ok(())
}

/// What the shipped policy answers, of whom, and to what.
const FIRST_STEPS: [(&str, &str, &str, &str); 3] = [
    (
        "alice is a developer of acme, which has switched chats on: 201",
        "alice",
        "/orgs/acme/chats",
        r#"{"title": "A first chat"}"#,
    ),
    (
        "She is one of initech too, which has switched them off: 403 org_off",
        "alice",
        "/orgs/initech/chats",
        "{}",
    ),
    (
        "grace is a guest of acme, and a detached run takes a developer there: 403 mode_floor",
        "grace",
        "/orgs/acme/agents/planner/runs",
        r#"{"detach": true}"#,
    ),
];

/// The path as one would type it here.
fn from_here(path: &Path) -> &Path {
    let here = env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok())
        .unwrap_or(path)
}

/// Resolves at ctrl-c, and at the SIGTERM that process managers send.
async fn asked_to_stop() {
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
    tracing::info!("stops: no new connections");
}
