//! What each route requires.

use gatepost::{Mode, Org, Owner, Requirement, Resource};

use crate::mode::asked_of_a_run;

const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .owner(Owner::Subject);
/// `POST /orgs/{org}/chats`
pub const CREATE_CHAT: Requirement = CREATE.org(Org::path("org"));
/// `POST /chats`
pub const CREATE_CHAT_BY_BODY: Requirement = CREATE.org(Org::json("org"));
/// `POST /me/chats`
pub const CREATE_MY_CHAT: Requirement = CREATE.org(Org::default_org());
/// `POST /dashboard/chats`
pub const CREATE_SITE_CHAT: Requirement = CREATE.org(Org::none());

/// `GET /orgs/{org}/chats`
pub const LIST_CHATS: Requirement = Requirement::new("chat", "read")
    .org(Org::path("org"))
    .owner(Owner::Subject);
/// `GET /orgs/{org}/chats/{id}`
pub const READ_CHAT: Requirement = on_a_chat("read").hidden();
/// `GET /orgs/{org}/chats/{id}/stream`, which ends when the chat may not be read any more
pub const STREAM_CHAT: Requirement = READ_CHAT.bound();
/// `POST /orgs/{org}/chats/{id}/promote` and `/tool-results`
pub const UPDATE_CHAT: Requirement = on_a_chat("update");
/// `DELETE /orgs/{org}/chats/{id}`
pub const DELETE_CHAT: Requirement = on_a_chat("delete");

/// `POST /orgs/{org}/agents/{agent}/runs`
pub const RUN_AGENT: Requirement = Requirement::on(AGENTS, "execute")
    .mode_from_body(64 * 1024, asked_of_a_run)
    .org(Org::path("org"));

/// The agents with a gate of their own; the map is closed, so a name made up by a client opens none.
pub const AGENTS: Resource = Resource::ByPath {
    param: "agent",
    map: GATED_AGENTS,
    otherwise: OTHER_AGENTS,
};
const GATED_AGENTS: &[(&str, &str)] = &[
    ("planner", "agent-planner"),
    ("security-analyst", "agent-security-analyst"),
];
const OTHER_AGENTS: &str = "agent";

/// The resource of [`AGENTS`] that an agent is.
pub fn resource_of(agent: &str) -> &'static str {
    let gated = GATED_AGENTS.iter().find(|(name, _)| *name == agent);
    gated.map_or(OTHER_AGENTS, |(_, resource)| resource)
}

const fn on_a_chat(action: &'static str) -> Requirement {
    Requirement::new("chat", action)
        .org(Org::path("org"))
        .owner(Owner::Loaded)
}
