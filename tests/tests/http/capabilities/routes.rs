//! Routes of every form, and the requests that their rows speak of.

use gatepost::{Mode, Org, OrgRule, OrgSource, Owner, Requirement, Resource};
use serde_json::{Value, json};

use super::CAPABILITIES;

/// A route.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) requirement: Requirement,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) asker: String,
    pub(crate) x_org: Option<String>,
    pub(crate) body: Vec<u8>,
}

const IN_ORG: Org = Org::path("org");
const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .owner(Owner::Subject);
const READ: Requirement = Requirement::new("chat", "read");
const DOC: Requirement = Requirement::new("doc", "read");
const RUN: Requirement = Requirement::new("agent", "execute");
const BY_PATH: Resource = Resource::ByPath {
    param: "thing",
    map: &[("a-chat", "chat"), ("a-doc", "doc")],
    otherwise: "chat",
};

const fn route(method: &'static str, path: &'static str, requirement: Requirement) -> Route {
    Route {
        method,
        path,
        requirement,
    }
}

pub(crate) const ROUTES: &[Route] = &[
    route("POST", "/orgs/{org}/chats", CREATE.org(IN_ORG)),
    route("GET", "/orgs/{org}/chats", READ.org(IN_ORG)),
    route("GET", "/orgs/{org}/docs", DOC.org(IN_ORG).hidden()),
    route(
        "GET",
        "/orgs/{org}/chats/{owner}",
        READ.org(IN_ORG).owner(Owner::Loaded),
    ),
    route(
        "GET",
        "/orgs/{org}/docs/{owner}",
        DOC.org(IN_ORG).owner(Owner::Loaded).hidden(),
    ),
    route(
        "GET",
        "/orgs/{org}/people/{owner}",
        READ.org(IN_ORG).owner(Owner::Path("owner")),
    ),
    route(
        "GET",
        "/orgs/{org}/things/{thing}",
        Requirement::on(BY_PATH, "read").org(IN_ORG),
    ),
    route(
        "POST",
        "/orgs/{org}/queue",
        RUN.org(IN_ORG).mode(Mode::Background),
    ),
    route(
        "POST",
        "/orgs/{org}/runs",
        RUN.org(IN_ORG).mode_from_body(256, mode),
    ),
    route(
        "POST",
        "/headed/{owner}",
        RUN.org(Org::header("x-org"))
            .mode(Mode::Foreground)
            .owner(Owner::Path("owner")),
    ),
    route("POST", "/asked", CREATE.org(Org::query("org"))),
    route("POST", "/sent", CREATE.org(Org::json("org"))),
    route(
        "POST",
        "/agreed/{org}",
        CREATE.org(IN_ORG.and(Org::header("x-org"))),
    ),
    route(
        "GET",
        "/objects/{owner}/{org}",
        DOC.org(Org::entity()).owner(Owner::Loaded),
    ),
    route("POST", "/mine", CREATE.org(Org::default_org())),
    route(
        "GET",
        "/mine/{owner}",
        DOC.org(Org::default_org()).owner(Owner::Loaded),
    ),
    route(
        "POST",
        "/default/or",
        RUN.org(Org::header("x-org").or_default())
            .mode(Mode::Background)
            .bound(),
    ),
    route(
        "POST",
        "/named/{org}",
        CREATE.org(Org::path("org").or_default()),
    ),
    route(
        "GET",
        "/kept/{owner}/{org}",
        DOC.org(Org::entity().or_default()).owner(Owner::Loaded),
    ),
    route("POST", "/site", CREATE.org(Org::none())),
    route(
        "GET",
        "/site/{owner}",
        DOC.org(Org::none()).owner(Owner::Loaded).hidden(),
    ),
];

/// How many rows an answer has: a route each, with as many more as there are modes and resources, and the
/// public ones: the answer's own, and one beside it.
pub(crate) fn rows() -> usize {
    ROUTES.len() + 2 + 1 + 2
}

fn mode(body: &[u8]) -> Option<Mode> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Mode::parse(body["mode"].as_str()?)
}

impl Route {
    /// Whether a request that names no org cannot be made, or is refused for that.
    pub(crate) fn needs_org(&self) -> bool {
        let org = self.requirement.org_rule();
        let is_named = self.path.contains("{org}");
        is_named || (org.has_source() && org.rule() == OrgRule::Required)
    }

    fn names_org_in(&self, place: OrgSource) -> bool {
        self.requirement
            .org_rule()
            .sources()
            .any(|source| source == place)
    }
}

impl Ask {
    pub(crate) fn capabilities(asker: &str, org: Option<&str>) -> Self {
        let query = org.map(|org| format!("?org={org}"));
        Self {
            method: "GET",
            target: format!("{CAPABILITIES}{}", query.unwrap_or_default()),
            asker: asker.to_owned(),
            x_org: None,
            body: Vec::new(),
        }
    }

    /// The request that a row speaks of, about an object of this owner.
    pub(crate) fn of(
        route: &Route,
        row: &Value,
        asker: &str,
        org: Option<&str>,
        owner: &str,
    ) -> Self {
        // Denied by the site, it is so in whatever org.
        let named = org.unwrap_or("o0");
        let thing = row["when"]["thing"].as_str().unwrap_or("anything");
        let mut target = route.path.replace("{org}", named).replace("{owner}", owner);
        target = target.replace("{thing}", thing);
        if route.names_org_in(OrgSource::Query("org")) {
            target.push_str("?org=");
            target.push_str(named);
        }
        let is_named = org.is_some() || route.needs_org();
        let x_org = is_named && route.names_org_in(OrgSource::Header("x-org"));
        Self {
            method: route.method,
            target,
            asker: asker.to_owned(),
            x_org: x_org.then(|| named.to_owned()),
            body: json!({"org": named, "mode": row["mode"]})
                .to_string()
                .into_bytes(),
        }
    }
}
