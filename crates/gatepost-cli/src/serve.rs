//! `gatepost serve`: the console, by itself.

mod connections;
mod peers;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use gatepost_axum::only_decided;
use gatepost_console::Console;
use gatepost_store::Replica;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::Exit;
use crate::fault::Fault;
use crate::routes;
use crate::runtime::serve_on;
use crate::source::StoreArg;

/// Where it listens unless told otherwise.
pub(crate) const DEFAULT_ADDRESS: &str = "127.0.0.1:8787";

/// Serve the console: pages, an admin API and AuthZEN over a store
///
/// Nobody is let in but by a link of `gatepost console login` or a token of `gatepost token create`, and may do
/// there what the policy allows. What happens is logged on standard error; `RUST_LOG` says what of it.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    store: StoreArg,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = DEFAULT_ADDRESS)]
    listen: SocketAddr,
    /// What the world calls this place, such as `https://gatepost.example.com`, where something in front of it
    /// speaks TLS
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Show the routes of a service, and count by them whose answers a change flips: its name, and the file with
    /// its inventory; may be given more than once
    #[arg(long, value_name = "NAME=FILE", value_parser = service)]
    routes: Vec<(String, PathBuf)>,
    /// Serve others than this machine without TLS in front: whoever listens on the way can be everyone who logs in
    #[arg(long)]
    insecure_http: bool,
}

fn service(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => {
            Ok((name.to_owned(), file.into()))
        }
        _ => Err("a service is NAME=FILE".to_owned()),
    }
}

pub(crate) fn run(args: &ServeArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    let is_https = |url: &String| url.starts_with("https://");
    let is_safe = args.listen.ip().is_loopback() || args.public_url.as_ref().is_some_and(is_https);
    if !is_safe && !args.insecure_http {
        let why = "others than this machine are served behind TLS alone, since who listens could be whoever logs \
                   in: give `--public-url https://HOST`, where it is, or `--insecure-http`";
        return Err(Fault::BadRequest(why.to_owned()));
    }
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter);
    // Whoever has one already has it.
    let _ = log.with_writer(std::io::stderr).try_init();
    serve_on(serve(args, out))?
}

async fn serve(args: &ServeArgs, out: &mut dyn Write) -> Result<Exit, Fault> {
    let store = args.store.open().await?;
    let replica = Replica::options()
        .name("gatepost serve")
        .open(store.url())
        .await?;
    let mut console = Console::new(store, replica.gate()).at("");
    if let Some(url) = &args.public_url {
        console = console.public_url(url);
    }
    for (name, file) in &args.routes {
        console = console.routes(name, routes::read(file)?);
    }
    let app = console.into_router();
    let app = app.map_err(|error| Fault::BadRequest(error.to_string()))?;
    let listener = TcpListener::bind(args.listen).await;
    let unserved = |error| Fault::Served(format!("{}: {error}", args.listen));
    let listener = listener.map_err(unserved)?;
    let address = listener.local_addr().map_err(unserved)?;
    // Whoever is told that it listens may ask it to end.
    let asked_to_end = connections::asked_to_end();
    writeln!(out, "gatepost listens on http://{address}")?;
    let place = args.public_url.clone();
    let place = place.unwrap_or_else(|| format!("http://{address}"));
    writeln!(
        out,
        "a link to log in with: gatepost console login --as SUBJECT --url {place}"
    )?;
    out.flush()?;
    connections::serve(listener, only_decided(app), asked_to_end).await;
    Ok(Exit::Good)
}
