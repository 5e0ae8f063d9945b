//! The routes, each with what it requires; the requirements stand in the package `chats`.

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::get;
use chats::{
    CAPABILITIES, CREATE_CHAT, CREATE_CHAT_BY_BODY, CREATE_MY_CHAT, CREATE_SITE_CHAT, Chats,
    DELETE_CHAT, Error, Jwt, LIST_CHATS, Policy, READ_CHAT, RUN_AGENT, Runs, STREAM_CHAT, Told,
    UPDATE_CHAT,
};
use gatepost_axum::{Gate, Gated, OnlyDecided, only_decided};
use utoipa::OpenApi as _;

use crate::handlers::{self, Api};

/// What handlers work on.
#[derive(Clone, FromRef)]
pub(crate) struct Kept {
    gate: Gate,
    chats: Chats,
    runs: Runs,
    told: Arc<Told>,
}

/// The routes, each behind its requirement.
fn routes(gate: Gate, identity: Jwt, chats: Chats) -> Gated<Kept> {
    Gated::new(gate, identity)
        .loader("chat", chats)
        .get("/orgs/{org}/chats", LIST_CHATS, handlers::list)
        .post("/orgs/{org}/chats", CREATE_CHAT, handlers::create)
        .post("/chats", CREATE_CHAT_BY_BODY, handlers::create_by_body)
        .post("/me/chats", CREATE_MY_CHAT, handlers::create_mine)
        .post(
            "/dashboard/chats",
            CREATE_SITE_CHAT,
            handlers::create_site_wide,
        )
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
        .capabilities(CAPABILITIES)
        .public(
            "/openapi.json",
            get(handlers::document),
            "it tells how to ask, and nothing that there is",
        )
        .public("/healthz", get(handlers::health), "probes have no identity")
}

/// The service, and the console where its policy is in a store. Whatever answers without having been decided does
/// not leave.
pub(crate) fn service(
    policy: &Policy,
    identity: Jwt,
    runs: Runs,
) -> Result<OnlyDecided<Router>, Error> {
    let gate = policy.gate.clone();
    let chats = Chats::default();
    let gated = routes(gate.clone(), identity, chats.clone());
    let inventory = gated.routes();
    let told = Arc::new(Told::of(inventory.clone(), Api::openapi())?);
    let mut router = gated.into_router()?.with_state(Kept {
        gate,
        chats,
        runs,
        told,
    });
    if let Some(console) = chats::console(policy, &inventory)? {
        router = router.merge(console.into_router()?);
    }
    Ok(only_decided(router))
}

/// What the service tells of its routes, without serving them.
pub(crate) fn told() -> Result<Told, Error> {
    let (gate, identity) = chats::unserved()?;
    let routes = routes(gate, identity, Chats::default());
    Told::of(routes.routes(), Api::openapi())
}
