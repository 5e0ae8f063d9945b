//! A service to copy that gets its gates while it is in use.
//!
//! `service.rs` is where to begin: its routes report what they would refuse, until a day. `watch.rs` keeps what was
//! decided in a log, counts it, and tries out a candidate policy beside the live one.
//!
//! | variable | what |
//! | --- | --- |
//! | `ROLLOUT_LISTEN` | where clients come; `127.0.0.1:8080` |
//! | `ROLLOUT_METRICS` | where `/metrics` and `/shadow` are, and clients never come; `127.0.0.1:9464` |
//! | `ROLLOUT_POLICY` | the policy document; the one that is shipped |
//! | `ROLLOUT_STORE` | the store of the policy in place of the document, such as `sqlite:rollout.db`; an empty one begins with that |
//! | `ROLLOUT_LOG` | the log of decisions; `decisions.jsonl` |
//! | `ROLLOUT_CANDIDATE` | a policy document that is tried out; none |

mod policy;
mod service;
#[cfg(test)]
mod tests;
mod trace;
mod watch;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use chats::{Error, Secret, TokenArgs};
use gatepost::Timestamp;
use tokio::net::TcpListener;

use crate::policy::Policy;
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
    let tracing = Tracing::begin()?;
    let rendered = watch::prometheus()?.install_recorder()?;
    let secret = Secret::load()?;
    let document = told("ROLLOUT_POLICY").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("policy.toml"),
        PathBuf::from,
    );
    let policy = Policy::open(&document, told("ROLLOUT_STORE").as_deref()).await?;
    let log = told("ROLLOUT_LOG").unwrap_or_else(|| "decisions.jsonl".to_owned());
    let candidate = told("ROLLOUT_CANDIDATE").map(PathBuf::from);
    let watched = Watched::open(log.as_ref(), policy.store.as_ref(), candidate.as_deref())?;

    let (gate, identity) = (policy.gate.clone(), chats::identity(&secret)?);
    let routes = service::routes(gate, identity, Some(service::REPORTED), &watched);
    let looked_at = watched.router(&policy, routes.routes(), rendered, Timestamp::now);
    let app = trace::spans(Router::new().fallback_service(service::service(routes)?));

    let public = listen("ROLLOUT_LISTEN", "127.0.0.1:8080").await?;
    let private = listen("ROLLOUT_METRICS", "127.0.0.1:9464").await?;
    let token = TokenArgs::of("gus".parse()?).token(&secret)?;
    println!(
        "Gus may not create chats, and does until the routes are enforced:\n  \
         curl -X POST http://{}/orgs/acme/chats -H 'authorization: Bearer {token}'\n\
         What that came to: {log}, http://{1}/metrics, http://{1}/shadow",
        public.local_addr()?,
        private.local_addr()?
    );
    let looked_at = async { axum::serve(private, looked_at).await };
    let served = axum::serve(public, app).with_graceful_shutdown(chats::asked_to_stop());
    let ended = tokio::select! {
        ended = async { served.await } => ended,
        ended = looked_at => ended,
    };
    if !watched.log.flush(Duration::from_secs(5)) {
        tracing::warn!("the end of the log was not written");
    }
    tracing.end()?;
    Ok(ended?)
}

/// What the environment says, if anything.
fn told(variable: &str) -> Option<String> {
    env::var(variable).ok()
}

async fn listen(variable: &str, otherwise: &str) -> Result<TcpListener, Error> {
    let address = told(variable).unwrap_or_else(|| otherwise.to_owned());
    let listener = TcpListener::bind(&address).await;
    listener.map_err(|error| format!("{variable}: {address}: {error}").into())
}
