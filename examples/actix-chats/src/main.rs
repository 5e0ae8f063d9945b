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
use gatepost_console::Console;
use utoipa::OpenApi;

#[actix_web::main]
async fn main() -> ExitCode {
    chats::main(env!("CARGO_PKG_NAME"), told, serve).await
}

async fn serve(mut start: Start) -> Result<(), Error> {
    let chats = Chats::default();
    let policy = start.policy().await?;
    let gate = policy.gate.clone();
    let runs = web::Data::new(Runs::open(&start.queue.queue).await?);
    let health = web::Data::new(gate.clone());
    let gated = Gated::new(gate, chats::identity(&start.secret)?).loader("chat", chats.clone());
    let routes = gated.routes(routes::routes)?;
    let told = Told::of(routes.inventory().clone(), handlers::Api::openapi())?;
    let told = web::Data::new(told);
    let chats = web::Data::new(chats);
    let console = chats::console(&policy, routes.inventory())?;
    let console = console.map(Console::into_router).transpose()?;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(chats.clone())
            .app_data(runs.clone())
            .app_data(health.clone())
            .app_data(told.clone())
            .configure(&*routes)
            .configure(|app| routes::console(app, &gated, console.as_ref()))
            // Whatever answers without having been decided does not leave.
            .wrap(gated.only_decided())
    });
    // A client that does not read what was revoked is cut, and not waited for.
    let server = server.on_connect(gatepost_actix::connection);
    let server = server.bind(&start.listen);
    let server = server.map_err(|error| format!("{}: {error}", start.listen))?;
    for address in server.addrs() {
        start.greet(address, &policy).await?;
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
