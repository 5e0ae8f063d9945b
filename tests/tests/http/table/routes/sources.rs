//! Routes whose org stands in a header, the query, the host name, a body of any form, the object itself,
//! or in several places that must agree.

use gatepost::{Denial, Mode, Org, Requirement};

use super::{BY_BODY, CREATE, IN_ORG, chat};
use crate::served::{Route, Verb, gated, loaded};

const READ: Requirement = Requirement::new("note", "read");
const HEADER: Org = Org::header("x-org");
const QUERY: Org = Org::query("org");
const HOST: Org = Org::host_under("chats.test");
const FIRST_LINE: Org = Org::body(64, first_line);

/// The org is the first line of a text; an empty one names none.
fn first_line(body: &[u8]) -> Result<Option<String>, Denial> {
    let text = std::str::from_utf8(body);
    let text = text.map_err(|_| Denial::bad_request("the body is not UTF-8"))?;
    let line = text.lines().next().unwrap_or_default();
    Ok((!line.is_empty()).then(|| line.to_owned()))
}

fn mode(body: &[u8]) -> Option<Mode> {
    body.ends_with(b"\nwait").then_some(Mode::Foreground)
}

pub(super) const ROUTES: &[Route] = &[
    gated("by-header", Verb::Get, "/by-header", READ.org(HEADER)),
    gated(
        "by-header-hidden",
        Verb::Delete,
        "/by-header",
        READ.org(HEADER).hidden(),
    ),
    gated(
        "killed-by-header",
        Verb::Put,
        "/by-header",
        Requirement::new("killed", "update").org(HEADER),
    ),
    gated("by-query", Verb::Get, "/by-query", READ.org(QUERY)),
    gated(
        "create-by-query",
        Verb::Post,
        "/by-query",
        CREATE.org(QUERY),
    ),
    gated("by-host", Verb::Get, "/by-host", READ.org(HOST)),
    gated("by-text", Verb::Post, "/by-text", READ.org(FIRST_LINE)),
    gated(
        "run-by-text",
        Verb::Post,
        "/by-text/runs",
        Requirement::new("agent", "execute")
            .org(FIRST_LINE)
            .mode_from_body(64, mode),
    ),
    loaded(
        "by-entity",
        Verb::Get,
        "/by-entity/{id}",
        chat("read").org(Org::entity()),
    ),
    loaded(
        "by-entity-hidden",
        Verb::Delete,
        "/by-entity/{id}",
        chat("delete").org(Org::entity()).hidden(),
    ),
    gated(
        "path-and-header",
        Verb::Get,
        "/checked/{org}",
        READ.org(IN_ORG.and(HEADER)),
    ),
    gated(
        "path-and-body",
        Verb::Post,
        "/checked/{org}",
        CREATE.org(IN_ORG.and(BY_BODY)),
    ),
    gated(
        "header-and-query",
        Verb::Get,
        "/two",
        READ.org(HEADER.and(QUERY)),
    ),
    gated(
        "header-query-host",
        Verb::Get,
        "/three",
        READ.org(HEADER.and(QUERY).and(HOST)),
    ),
    gated(
        "all-four",
        Verb::Post,
        "/four/{org}",
        READ.org(IN_ORG.and(HEADER).and(QUERY).and(BY_BODY)),
    ),
    gated(
        "two-or-mine",
        Verb::Get,
        "/two-or-mine",
        READ.org(HEADER.and(QUERY).or_default()),
    ),
];
