//! A service to copy: chats and agent runs in orgs, on actix-web, behind a gate.
//!
//! `routes.rs` is where to begin. Each route has its requirement in one line, and `policy.toml` of
//! axum-chats says who meets it. What is no business of actix's stands in the package `chats`.

mod handlers;
mod routes;

use std::process::ExitCode;

use actix_web::{App, HttpServer, web};
use chats::{Chats, Error, Runs, Start};
use gatepost_actix::Gated;

#[actix_web::main]
async fn main() -> ExitCode {
    chats::main(env!("CARGO_PKG_NAME"), serve).await
}

async fn serve(start: Start) -> Result<(), Error> {
    let chats = Chats::default();
    let gate = start.gate().await?;
    let runs = web::Data::new(Runs::open(&start.queue.queue).await?);
    let health = web::Data::new(gate.clone());
    let routes = Gated::new(gate, chats::identity(&start.secret)?)
        .loader("chat", chats.clone())
        .routes(routes::routes)?;
    let chats = web::Data::new(chats);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(chats.clone())
            .app_data(runs.clone())
            .app_data(health.clone())
            .configure(&*routes)
    });
    // A client that does not read what was revoked is cut, and not waited for.
    let server = server.on_connect(gatepost_actix::connection);
    let server = server.bind(&start.listen);
    let server = server.map_err(|error| format!("{}: {error}", start.listen))?;
    for address in server.addrs() {
        start.greet(address)?;
    }
    server.run().await?;
    Ok(())
}
