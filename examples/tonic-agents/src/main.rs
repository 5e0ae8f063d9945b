//! A service to copy: runs of an agent in orgs, over gRPC, on tonic, behind a gate.
//!
//! `requirements.rs` is where to begin. Each method has its requirement in one
//! line, and `policy.toml` of axum-chats says who meets it. Tokens and their secret
//! are those of the package `chats`.

mod agents;
mod client;
mod proto;
mod requirements;
mod runs;
#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use chats::{Error, PolicyArgs, RoutesArgs, Secret, TokenArgs};
use clap::{Args, Parser, Subcommand};
use futures_util::TryStreamExt;
use gatepost_tonic::{Severable, SubjectId};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::client::CallArgs;

/// Runs of an agent in orgs, over gRPC, behind a gate
#[derive(Parser)]
#[command(name = "tonic-agents", args_conflicts_with_subcommands = true)]
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
    /// Print the methods, each with what it requires or why it is public
    Routes(RoutesArgs),
    /// Call a method of a service that runs
    Call(CallArgs),
}

#[derive(Args)]
struct ServeArgs {
    #[command(flatten)]
    policy: PolicyArgs,
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:50051")]
    listen: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Some(Command::Token(args)) => print_token(&args),
        Some(Command::Routes(args)) => print_routes(&args),
        Some(Command::Call(args)) => client::call(args).await,
        None => serve(&cli.serve).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tonic-agents: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print_token(args: &TokenArgs) -> Result<(), Error> {
    println!("{}", args.token(&Secret::load()?)?);
    Ok(())
}

fn print_routes(args: &RoutesArgs) -> Result<(), Error> {
    args.print(&requirements::routes()?)
}

async fn serve(args: &ServeArgs) -> Result<(), Error> {
    chats::log()?;
    let secret = Secret::load()?;
    let gate = args.policy.gate("tonic-agents").await?;
    let agents = requirements::gated(gate, chats::identity(&secret)?)?;
    let listener = TcpListener::bind(&args.listen).await;
    let listener = listener.map_err(|error| format!("{}: {error}", args.listen))?;
    greet(listener.local_addr()?, &args.policy, &secret)?;
    // A client that does not read what was revoked is cut, and not waited for.
    let incoming = TcpIncoming::from(listener).map_ok(Severable::new);
    Server::builder()
        .add_service(agents)
        .serve_with_incoming_shutdown(incoming, chats::asked_to_stop())
        .await?;
    Ok(())
}

/// Says where the service is, by what it decides, and what to try first.
fn greet(mut address: SocketAddr, policy: &PolicyArgs, secret: &Secret) -> Result<(), Error> {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    println!("tonic-agents listens on http://{address}");
    println!("{}", policy.told("agent", "opt-out"));
    for (what, subject, call) in FIRST_STEPS {
        let token = TokenArgs::of(SubjectId::new(subject)?).token(secret)?;
        println!(
            "\n{what}\ncargo run -q -p tonic-agents -- call {call} --server http://{address} --token {token}"
        );
    }
    println!("\nA token for somebody else: cargo run -p tonic-agents -- token SUBJECT");
    Ok(())
}

/// What the shipped policy answers, of whom, and to what.
const FIRST_STEPS: [(&str, &str, &str); 4] = [
    (
        "grace is a guest of acme, and may wait for the agent: OK",
        "grace",
        "run --org acme --input desserts",
    ),
    (
        "A detached run takes a developer there: PERMISSION_DENIED mode_floor",
        "grace",
        "run-detached --org acme",
    ),
    (
        "alice is one: OK, and the run that it names can be watched (watch --org acme --run RUN)",
        "alice",
        "run-detached --org acme",
    ),
    (
        "She is one of initech too, which has switched agents off: PERMISSION_DENIED org_off",
        "alice",
        "run --org initech",
    ),
];
