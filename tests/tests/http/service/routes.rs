//! The routes of the service under attack.

use gatepost::{Mode, Org, Owner, Requirement};

use crate::served::{Route, Verb, gated, public};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const READ_LOADED: Requirement = READ.owner(Owner::Loaded);
const UPDATE: Requirement = Requirement::new("chat", "update").org(Org::path("org"));
const UPDATE_BY_BODY: Requirement =
    Requirement::new("chat", "update").org(Org::json_within("org", 256));
const KILLED: Requirement = Requirement::new("killed", "read")
    .org(Org::path("org"))
    .owner(Owner::Loaded);
const KILLED_BY_BODY: Requirement = Requirement::new("killed", "read").org(Org::json("org"));
const RUN: Requirement = Requirement::new("agent", "execute")
    .org(Org::path("org"))
    .mode_from_body(64, mode);

/// Foreground is what says so in so many words.
fn mode(body: &[u8]) -> Option<Mode> {
    match body {
        b"wait" => Some(Mode::Foreground),
        b"detach" => Some(Mode::Background),
        _ => None,
    }
}

pub(crate) const ROUTES: &[Route] = &[
    gated("list", Verb::Get, "/orgs/{org}/chats", READ),
    gated("update", Verb::Post, "/orgs/{org}/chats", UPDATE),
    gated(
        "read-hidden",
        Verb::Get,
        "/orgs/{org}/chats/{id}",
        READ_LOADED.hidden(),
    ),
    gated("read", Verb::Get, "/orgs/{org}/shown/{id}", READ_LOADED),
    gated("update-by-body", Verb::Post, "/chats", UPDATE_BY_BODY),
    gated("run", Verb::Post, "/orgs/{org}/runs", RUN),
    gated("killed", Verb::Post, "/orgs/{org}/killed/{id}", KILLED),
    gated("killed-by-body", Verb::Post, "/killed", KILLED_BY_BODY),
    gated("tunnel", Verb::Connect, "/orgs/{org}/tunnel", READ),
    public("healthz", Verb::Get, "/healthz"),
];
