//! The routes of the table's service, said once for every adapter.

mod sources;

use gatepost::{Mode, Org, Owner, Requirement, Resource};

use crate::served::{Route, Takes, Verb, gated, loaded, public};

const IN_ORG: Org = Org::path("org");
const BY_BODY: Org = Org::json_within("org", 256);

const fn chat(action: &'static str) -> Requirement {
    Requirement::new("chat", action)
}

const READ_NOTE: Requirement = Requirement::new("note", "read").org(IN_ORG);
const LIST: Requirement = chat("read").org(IN_ORG).owner(Owner::Subject);
const CREATE: Requirement = chat("create").mode(Mode::Foreground).owner(Owner::Subject);
const RUN: Requirement = Requirement::on(AGENTS, "execute").org(IN_ORG);

const AGENTS: Resource = Resource::ByPath {
    param: "agent",
    map: &[
        ("planner", "planner"),
        ("analyst", "analyst"),
        ("runner", "runner"),
        ("report", "report"),
        ("killed", "killed"),
    ],
    otherwise: "agent",
};

const THINGS: Resource = Resource::ByPath {
    param: "thing",
    map: &[
        ("report", "report"),
        ("killed", "killed"),
        ("silent", "silent"),
        ("ghost", "ghost"),
        ("gatepost-org", "gatepost-org"),
    ],
    otherwise: "note",
};

/// Foreground is what says so in so many words, and what says neither is not known.
fn mode(body: &[u8]) -> Option<Mode> {
    match body {
        b"wait" | br#"{"org":"acme","run":"wait"}"# => Some(Mode::Foreground),
        b"detach" => Some(Mode::Background),
        _ => None,
    }
}

const ROUTES: &[Route] = &[
    public("healthz", Verb::Get, "/healthz"),
    // The org stands in the path.
    gated("list", Verb::Get, "/orgs/{org}/chats", LIST),
    gated(
        "create",
        Verb::Post,
        "/orgs/{org}/chats",
        CREATE.org(IN_ORG),
    ),
    loaded(
        "read",
        Verb::Get,
        "/orgs/{org}/open/{id}",
        chat("read").org(IN_ORG),
    ),
    loaded(
        "update",
        Verb::Post,
        "/orgs/{org}/open/{id}",
        chat("update").org(IN_ORG),
    ),
    loaded(
        "read-hidden",
        Verb::Get,
        "/orgs/{org}/chats/{id}",
        chat("read").org(IN_ORG).hidden(),
    ),
    loaded(
        "delete-hidden",
        Verb::Delete,
        "/orgs/{org}/chats/{id}",
        chat("delete").org(IN_ORG).hidden(),
    ),
    gated(
        "run-hidden",
        Verb::Put,
        "/orgs/{org}/agents/{agent}",
        RUN.mode_from_body(64, mode).hidden(),
    ),
    gated(
        "of",
        Verb::Get,
        "/orgs/{org}/people/{who}/chats",
        chat("read").org(IN_ORG).owner(Owner::Path("who")),
    ),
    gated(
        "read-thing",
        Verb::Get,
        "/orgs/{org}/things/{thing}",
        Requirement::on(THINGS, "read").org(IN_ORG),
    ),
    gated(
        "update-thing",
        Verb::Put,
        "/orgs/{org}/things/{thing}",
        Requirement::on(THINGS, "update").org(IN_ORG),
    ),
    gated(
        "undeclared",
        Verb::Delete,
        "/orgs/{org}/things/{thing}",
        Requirement::on(THINGS, "shred").org(IN_ORG),
    ),
    gated(
        "run",
        Verb::Post,
        "/orgs/{org}/agents/{agent}/runs",
        RUN.mode_from_body(64, mode),
    ),
    gated(
        "wait",
        Verb::Post,
        "/orgs/{org}/agents/{agent}/wait",
        RUN.mode(Mode::Foreground),
    ),
    gated(
        "queue",
        Verb::Post,
        "/orgs/{org}/agents/{agent}/queue",
        RUN.mode(Mode::Background),
    ),
    // It stands in the body, or nowhere, or is not needed.
    gated("create-by-body", Verb::Post, "/chats", CREATE.org(BY_BODY)),
    gated(
        "run-by-body",
        Verb::Post,
        "/runs",
        Requirement::new("agent", "execute")
            .org(BY_BODY)
            .mode_from_body(64, mode),
    ),
    gated(
        "killed-by-body",
        Verb::Post,
        "/killed",
        Requirement::new("killed", "update").org(BY_BODY),
    ),
    gated(
        "create-by-body-or-mine",
        Verb::Post,
        "/any/chats",
        CREATE.org(BY_BODY.or_default()),
    ),
    gated(
        "create-mine",
        Verb::Post,
        "/me/chats",
        CREATE.org(Org::default_org()),
    ),
    gated(
        "queue-mine",
        Verb::Post,
        "/me/runs",
        Requirement::new("agent", "execute")
            .org(Org::default_org())
            .mode(Mode::Background),
    ),
    loaded(
        "read-mine",
        Verb::Get,
        "/me/chats/{id}",
        chat("read").org(Org::default_org()),
    ),
    gated(
        "create-site-wide",
        Verb::Post,
        "/site/chats",
        CREATE.org(Org::none()),
    ),
    gated(
        "read-site-wide",
        Verb::Get,
        "/site/chats",
        chat("read").org(Org::none()),
    ),
    loaded(
        "read-one-site-wide",
        Verb::Get,
        "/site/chats/{id}",
        chat("read").org(Org::none()),
    ),
    gated(
        "run-site-wide",
        Verb::Post,
        "/site/runs",
        Requirement::new("planner", "execute")
            .org(Org::none())
            .mode_from_body(64, mode),
    ),
    gated(
        "silent-site-wide",
        Verb::Get,
        "/site/silent",
        Requirement::new("silent", "read").org(Org::none()),
    ),
    // A handler that was put on the wrong route.
    Route {
        name: "mistaken",
        method: Verb::Get,
        path: "/orgs/{org}/mistaken",
        takes: Takes::AnotherPermit(READ_NOTE),
    },
];

/// Every route.
pub(crate) fn all() -> Vec<Route> {
    [ROUTES, sources::ROUTES].concat()
}
