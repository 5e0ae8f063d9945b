//! What each route requires.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use gatepost_axum::{Gate, Gated, Health, Mode, Org, Owner, Requirement, Resource, SetupError};

use crate::chats::{self, Chats};
use crate::identity::Jwt;
use crate::{mode, runs};

const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .owner(Owner::Subject);
const CREATE_CHAT: Requirement = CREATE.org(Org::path("org"));
const CREATE_CHAT_BY_BODY: Requirement = CREATE.org(Org::json("org"));
const CREATE_MY_CHAT: Requirement = CREATE.org(Org::default_org());
const CREATE_SITE_CHAT: Requirement = CREATE.org(Org::none());

const LIST_CHATS: Requirement = Requirement::new("chat", "read")
    .org(Org::path("org"))
    .owner(Owner::Subject);
const READ_CHAT: Requirement = on_a_chat("read").hidden();
const UPDATE_CHAT: Requirement = on_a_chat("update");
const DELETE_CHAT: Requirement = on_a_chat("delete");

const RUN_AGENT: Requirement = Requirement::on(AGENTS, "execute")
    .mode_from_body(64 * 1024, mode::asked_of_a_run)
    .org(Org::path("org"));

/// The agents with a gate of their own; the map is closed, so a name made up by a client opens none.
const AGENTS: Resource = Resource::ByPath {
    param: "agent",
    map: &[
        ("planner", "agent-planner"),
        ("security-analyst", "agent-security-analyst"),
    ],
    otherwise: "agent",
};

const fn on_a_chat(action: &'static str) -> Requirement {
    Requirement::new("chat", action)
        .org(Org::path("org"))
        .owner(Owner::Loaded)
}

/// The service, every route behind its requirement.
pub(crate) fn router(gate: Gate, identity: Jwt) -> Result<Router, SetupError> {
    let chats = Chats::default();
    let health = {
        let gate = gate.clone();
        get(async move || healthz(&gate))
    };
    let routes = Gated::new(gate, identity)
        .loader("chat", chats.clone())
        .get("/orgs/{org}/chats", LIST_CHATS, chats::list)
        .post("/orgs/{org}/chats", CREATE_CHAT, chats::create)
        .post("/chats", CREATE_CHAT_BY_BODY, chats::create)
        .post("/me/chats", CREATE_MY_CHAT, chats::create)
        .post("/dashboard/chats", CREATE_SITE_CHAT, chats::create)
        .get("/orgs/{org}/chats/{id}", READ_CHAT, chats::read)
        .post(
            "/orgs/{org}/chats/{id}/promote",
            UPDATE_CHAT,
            chats::promote,
        )
        .post(
            "/orgs/{org}/chats/{id}/tool-results",
            UPDATE_CHAT,
            chats::add_tool_result,
        )
        .delete("/orgs/{org}/chats/{id}", DELETE_CHAT, chats::delete)
        .post("/orgs/{org}/agents/{agent}/runs", RUN_AGENT, runs::start)
        .public("/healthz", health, "probes have no identity")
        .into_router()?;
    Ok(routes.with_state(chats))
}

/// A policy that is degraded still decides: by the last good document.
fn healthz(gate: &Gate) -> (StatusCode, &'static str) {
    match gate.health() {
        Health::Ready { .. } => (StatusCode::OK, "ok\n"),
        Health::Degraded { .. } => (StatusCode::OK, "ok, by an older policy: see the log\n"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "no policy\n"),
    }
}
