//! The routes, each with what it requires; the requirements stand in the package `chats`.

use axum::Router;
use axum::extract::FromRef;
use axum::http::StatusCode;
use axum::routing::get;
use chats::{
    CREATE_CHAT, CREATE_CHAT_BY_BODY, CREATE_MY_CHAT, CREATE_SITE_CHAT, Chats, DELETE_CHAT, Jwt,
    LIST_CHATS, READ_CHAT, RUN_AGENT, Runs, STREAM_CHAT, UPDATE_CHAT,
};
use gatepost_axum::{Gate, Gated, SetupError};

use crate::handlers;

/// What handlers work on.
#[derive(Clone)]
struct Kept {
    chats: Chats,
    runs: Runs,
}

/// The service, every route behind its requirement.
pub(crate) fn router(gate: Gate, identity: Jwt, runs: Runs) -> Result<Router, SetupError> {
    let chats = Chats::default();
    let health = {
        let gate = gate.clone();
        get(async move || {
            chats::health(&gate).map_err(|why| (StatusCode::SERVICE_UNAVAILABLE, why))
        })
    };
    let routes = Gated::new(gate, identity)
        .loader("chat", chats.clone())
        .get("/orgs/{org}/chats", LIST_CHATS, handlers::list)
        .post("/orgs/{org}/chats", CREATE_CHAT, handlers::create)
        .post("/chats", CREATE_CHAT_BY_BODY, handlers::create)
        .post("/me/chats", CREATE_MY_CHAT, handlers::create)
        .post("/dashboard/chats", CREATE_SITE_CHAT, handlers::create)
        .get("/orgs/{org}/chats/{id}", READ_CHAT, handlers::read)
        .get(
            "/orgs/{org}/chats/{id}/stream",
            STREAM_CHAT,
            handlers::stream,
        )
        .post(
            "/orgs/{org}/chats/{id}/promote",
            UPDATE_CHAT,
            handlers::promote,
        )
        .post(
            "/orgs/{org}/chats/{id}/tool-results",
            UPDATE_CHAT,
            handlers::add_tool_result,
        )
        .delete("/orgs/{org}/chats/{id}", DELETE_CHAT, handlers::delete)
        .post(
            "/orgs/{org}/agents/{agent}/runs",
            RUN_AGENT,
            handlers::run_agent,
        )
        .public("/healthz", health, "probes have no identity")
        .into_router()?;
    Ok(routes.with_state(Kept { chats, runs }))
}

impl FromRef<Kept> for Chats {
    fn from_ref(kept: &Kept) -> Self {
        kept.chats.clone()
    }
}

impl FromRef<Kept> for Runs {
    fn from_ref(kept: &Kept) -> Self {
        kept.runs.clone()
    }
}
