//! A service to copy: chats and agent runs in orgs, on axum, behind a gate.
//!
//! `routes.rs` is where to begin. Each route has its requirement in one line, and `policy.toml` says
//! who meets it. What is no business of axum's stands in the package `chats`.

mod handlers;
mod routes;

use std::process::ExitCode;

use chats::{Error, Start};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    chats::main(env!("CARGO_PKG_NAME"), serve).await
}

async fn serve(start: Start) -> Result<(), Error> {
    let gate = start.policy.gate(start.name).await?;
    let app = routes::router(gate, chats::identity(&start.secret)?)?;
    let listener = TcpListener::bind(&start.listen).await;
    let listener = listener.map_err(|error| format!("{}: {error}", start.listen))?;
    start.greet(listener.local_addr()?)?;
    axum::serve(listener, app)
        .with_graceful_shutdown(chats::asked_to_stop())
        .await?;
    Ok(())
}
