//! A service to copy: chats and agent runs in orgs, on axum, behind a gate.
//!
//! `routes.rs` is where to begin. Each route has its requirement in one line, and `policy.toml` says
//! who meets it. What is no business of axum's stands in the package `chats`.

mod handlers;
mod routes;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use axum::ServiceExt;
use axum::extract::Request;
use chats::{Error, Runs, Start};
use gatepost_axum::{Peer, Severable};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    chats::main(env!("CARGO_PKG_NAME"), routes::told, serve).await
}

async fn serve(mut start: Start) -> Result<(), Error> {
    let policy = start.policy().await?;
    let runs = Runs::open(&start.queue.queue).await?;
    let app = routes::service(&policy, chats::identity(&start.secret)?, runs)?;
    let listener = TcpListener::bind(&start.listen).await;
    let listener = listener.map_err(|error| format!("{}: {error}", start.listen))?;
    start.greet(listener.local_addr()?, &policy).await?;
    // A client that does not read what was revoked is cut, and not waited for.
    let app = ServiceExt::<Request>::into_make_service_with_connect_info::<Peer>(app);
    axum::serve(Severable::new(listener), app)
        .with_graceful_shutdown(chats::asked_to_stop())
        .await?;
    Ok(())
}
