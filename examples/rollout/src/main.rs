//! A service to copy that gets its gates while it is in use.
//!
//! `service.rs` is where to begin: its routes report what they would refuse, until a day. `watch.rs` keeps what was
//! decided in a log, counts it, and tries out a candidate policy beside the live one.

mod service;
#[cfg(test)]
mod tests;
mod trace;
mod watch;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use axum::Router;
use chats::{Error, Secret, TokenArgs};
use gatepost_store::WatchedDocument;
use tokio::net::TcpListener;

use crate::trace::Tracing;
use crate::watch::Watched;

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rollout: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Error> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let told = |name: &str| env::var_os(name).map(PathBuf::from);
    let tracing = Tracing::begin()?;
    let secret = Secret::load()?;
    let policy = told("ROLLOUT_POLICY").unwrap_or_else(|| here.join("policy.toml"));
    let gate = WatchedDocument::open(policy)?.gate();
    let log = told("ROLLOUT_LOG").unwrap_or_else(|| "decisions.jsonl".into());
    let candidate = told("ROLLOUT_CANDIDATE").unwrap_or_else(|| here.join("candidate.toml"));
    let watched = Watched::open(&log, Some(&candidate))?;

    let identity = chats::identity(&secret)?;
    let reported = Some(service::REPORTED);
    let routes = service::routes(gate.clone(), identity, reported, &watched);
    let looked_at = watched.router(gate, &routes.routes());
    let app = trace::spans(Router::new().fallback_service(service::service(routes)?));

    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    let private = TcpListener::bind("127.0.0.1:9464").await?;
    let token = TokenArgs::of("gus".parse()?).token(&secret)?;
    println!("Gus may not create chats, and does until the routes are enforced:");
    println!(
        "  curl -X POST http://{}/orgs/acme/chats -H 'authorization: Bearer {token}'",
        listener.local_addr()?
    );
    println!(
        "What that came to: {}, http://{}/metrics, /shadow",
        log.display(),
        private.local_addr()?
    );
    let looked_at = async { axum::serve(private, looked_at).await };
    let served = axum::serve(listener, app).with_graceful_shutdown(chats::asked_to_stop());
    tokio::select! {
        served = async { served.await } => served?,
        ended = looked_at => ended?,
    }
    watched.log.flush(std::time::Duration::from_secs(5));
    tracing.end()
}
