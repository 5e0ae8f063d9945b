//! A service to copy: chats and agent runs in orgs, on actix-web, behind a gate.
//!
//! `routes.rs` is where to begin. Each route has its requirement in one line, and `policy.toml` of
//! axum-chats says who meets it. What is no business of actix's stands in the package `chats`.

mod handlers;
mod routes;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use actix_web::{App, HttpServer, web};
use chats::{Chats, Error, Runs, Start, Told};
use gatepost_actix::Gated;
use utoipa::OpenApi;

#[actix_web::main]
async fn main() -> ExitCode {
    chats::main(env!("CARGO_PKG_NAME"), told, serve).await
}

async fn serve(start: Start) -> Result<(), Error> {
    let chats = Chats::default();
    let gate = start.gate().await?;
    let runs = web::Data::new(Runs::open(&start.queue.queue).await?);
    let health = web::Data::new(gate.clone());
    let gated = Gated::new(gate, chats::identity(&start.secret)?).loader("chat", chats.clone());
    let routes = gated.routes(routes::routes)?;
    let told = Told::of(routes.inventory().clone(), handlers::Api::openapi())?;
    let told = web::Data::new(told);
    let chats = web::Data::new(chats);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(chats.clone())
            .app_data(runs.clone())
            .app_data(health.clone())
            .app_data(told.clone())
            .configure(&*routes)
            // Whatever answers without having been decided does not leave.
            .wrap(gated.only_decided())
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

/// What the service tells of its routes, without serving them.
fn told() -> Result<Told, Error> {
    let (gate, identity) = chats::unserved()?;
    let gated = Gated::new(gate, identity).loader("chat", Chats::default());
    let routes = gated.routes(routes::routes)?;
    Told::of(routes.inventory().clone(), handlers::Api::openapi())
}
