mod elsewhere;

use std::panic::Location;
use std::sync::Arc;

use futures_util::FutureExt;
use gatepost::{
    Gate, Kind, LoadedMemberships, LoadingMemberships, MembershipSource, Mode, Org, Owner,
    PolicyText, Requirement, Resource, SubjectId,
};
use serde_json::{Value, json};

use super::*;
use crate::testing::Head;

const POLICY: &str = r#"
version = 1
[resources]
chat = ["create", "read", "update"]
agent = ["execute"]
agent-planner = ["execute"]
[site.gates.chat]
switch = "opt-in"
access = "everyone"
[site.gates.agent]
switch = "on"
access = "everyone"
background = { floor = "developer" }
[org_roles.guest]
level = 10
grants = ["chat:*@own", "agent:execute"]
[org_roles.developer]
level = 30
include = ["guest"]
grants = ["chat:update"]
[orgs.acme.gates.chat]
switch = "on"
[orgs.acme.members.alice]
roles = ["guest"]
[orgs.acme.members.bot]
roles = ["developer"]
[orgs.globex.members.alice]
roles = ["developer"]
[subjects.bot]
kind = "agent"
[subjects.sue]
status = "suspended"
"#;

const CHAT: Requirement = Requirement::new("chat", "create").org(Org::path("org"));
const CREATE: Requirement = CHAT.mode(Mode::Foreground).owner(Owner::Subject);
const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const UPDATE: Requirement = Requirement::new("chat", "update").org(Org::path("org"));
const RUN: Requirement = Requirement::on(
    Resource::ByPath {
        param: "agent",
        map: &[("planner", "agent-planner")],
        otherwise: "agent",
    },
    "execute",
)
.mode_from_body(8, |_| None)
.org(Org::path("org"));

fn capabilities(gate: Gate, routes: &[Result<Requirement, &str>]) -> Capabilities {
    let routes = routes.iter().map(|requirement| Registered {
        method: "POST".to_owned(),
        path: "/x".to_owned(),
        requirement: requirement.map_err(str::to_owned),
        source: Location::caller(),
    });
    Capabilities::new(vec![(Enforcer::new(gate), routes.collect())])
}

fn gate() -> Gate {
    Gate::fixed(PolicyText::toml(POLICY).compile(1).unwrap())
}

fn subject(id: &str) -> Subject {
    Subject::new(SubjectId::new(id).unwrap())
}

fn head(query: &'static str) -> Head {
    Head {
        query: Some(query),
        ..Head::default()
    }
}

/// Nothing has to be awaited that is not there at once.
fn ask(of: &Capabilities, subject: Option<Subject>, head: &Head) -> Result<Answer, Denial> {
    of.answer(vec![subject], head).now_or_never().unwrap()
}

fn told(routes: &[Result<Requirement, &str>], who: Subject, query: &'static str) -> Value {
    let answer = ask(&capabilities(gate(), routes), Some(who), &head(query)).unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

/// The rows without what all of them have.
fn rows(requirement: Requirement, who: &str, query: &'static str) -> Value {
    let mut told = told(&[Ok(requirement)], subject(who), query);
    for row in told["routes"].as_array_mut().unwrap() {
        let row = row.as_object_mut().unwrap();
        for key in ["method", "path", "action"] {
            assert!(row.remove(key).is_some());
        }
    }
    told["routes"].take()
}

#[test]
fn a_row_says_what_a_request_would_come_to() {
    let allowed = json!([{"resource": "chat", "mode": "foreground", "outcome": "allow"}]);
    assert_eq!(rows(CREATE, "alice", "org=acme"), allowed);
    let refused = rows(CREATE, "alice", "org=globex");
    let expected = json!([{
        "resource": "chat", "mode": "foreground", "outcome": "deny", "code": "org_off", "tier": "org",
        "title": "Switched off in this organization",
        "detail": "An admin of the organization can turn `chat` on.",
        "remedy": {"who": "org_admin", "action": "switch on `chat`"}
    }]);
    assert_eq!(refused, expected);
}

#[test]
fn whose_object_it_is_is_told_apart_where_the_answer_depends_on_it() {
    for owner in [
        Owner::Loaded,
        Owner::Path("who"),
        Owner::LoadedByBody { limit: 8 },
    ] {
        let row = rows(READ.owner(owner), "alice", "org=acme")[0].take();
        assert_eq!(
            (&row["outcome"], &row["on"]),
            (&json!("depends"), &json!(["owner"]))
        );
        assert_eq!(row["own"], json!({"outcome": "allow"}));
        assert_eq!(row["other"]["code"], "org_grant_missing");
    }
    // For a developer it does not depend on it, and where all is off neither.
    let update = UPDATE.owner(Owner::Loaded);
    assert_eq!(rows(update, "alice", "org=globex")[0]["code"], "org_off");
    let bot = told(
        &[Ok(update)],
        subject("bot").acting_for(SubjectId::new("alice").unwrap()),
        "org=acme",
    );
    assert_eq!(bot["acting_for"], "alice");
    assert_eq!(bot["routes"][0]["own"], json!({"outcome": "allow"}));
    assert_eq!(bot["routes"][0]["other"]["whose"], "acting_for");
    assert_eq!(
        rows(READ, "alice", "org=acme")[0]["code"],
        "org_grant_missing"
    );
}

#[test]
fn a_hidden_requirement_tells_no_code_on_either_side() {
    let hidden = READ.owner(Owner::Loaded).hidden();
    let expected = json!([{
        "resource": "chat", "outcome": "depends", "on": ["owner"],
        "own": {"outcome": "allow"}, "other": {"outcome": "deny"}
    }]);
    assert_eq!(rows(hidden, "alice", "org=acme"), expected);
    let denied = json!([{"resource": "chat", "outcome": "deny"}]);
    assert_eq!(rows(hidden, "alice", "org=globex"), denied);
    assert_eq!(rows(hidden, "alice", "org=nowhere"), denied);
}

#[test]
fn each_mode_and_each_resource_is_a_row() {
    let rows = rows(RUN, "alice", "org=acme");
    let rows: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |key: &str| row.get(key).map(|it| it.to_string().replace('"', ""));
            ["when", "resource", "mode", "outcome", "code"]
                .map(text)
                .map(Option::unwrap_or_default)
                .join(" ")
        })
        .collect();
    let expected = [
        "{agent:planner} agent-planner foreground deny site_off",
        "{agent:planner} agent-planner background deny site_off",
        " agent foreground allow ",
        " agent background deny mode_floor",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_higher_role_is_named_where_it_is_that() {
    let rows = rows(RUN, "alice", "org=acme");
    assert_eq!(rows[3]["required_role"], "developer");
}

#[test]
fn an_org_that_is_not_named_is_what_it_depends_on_unless_there_is_a_default() {
    let depends =
        json!([{"resource": "chat", "outcome": "depends", "on": ["org"], "mode": "foreground"}]);
    assert_eq!(rows(CREATE, "alice", ""), depends);
    // Nothing of an org matters to whom the site refuses.
    assert_eq!(rows(RUN, "sue", "")[0]["code"], "subject_suspended");
    let default = CREATE.org(Org::header("x-org").or_default());
    assert_eq!(rows(default, "alice", "")[0]["code"], "no_default_org");
    assert_eq!(rows(default, "alice", "org=acme")[0]["outcome"], "allow");
    // What has no source is asked in its own org, whatever is named.
    let pinned = CREATE.org(Org::default_org());
    assert_eq!(
        rows(pinned, "alice", "org=acme")[0]["code"],
        "no_default_org"
    );
    let site = Requirement::new("chat", "read").org(Org::none());
    assert_eq!(
        rows(site, "alice", "org=acme"),
        json!([{"resource": "chat", "outcome": "allow"}])
    );
    // Each request names one in the path or by its object, and no default says anything of that.
    for named in [
        Org::path("org"),
        Org::entity(),
        Org::header("x-org").and(Org::path("org")),
    ] {
        let named = rows(CREATE.org(named.or_default()), "alice", "");
        assert_eq!(named[0]["on"], json!(["org"]));
    }
    let by_object = READ.org(Org::entity()).owner(Owner::Loaded);
    assert_eq!(rows(by_object, "alice", "")[0]["on"], json!(["org"]));
    assert_eq!(
        rows(by_object, "alice", "org=acme")[0]["on"],
        json!(["owner"])
    );
}

#[test]
fn public_routes_are_told_as_that() {
    let told = told(&[Err("probes"), Ok(CREATE)], subject("alice"), "org=acme");
    let public = json!({"method": "POST", "path": "/x", "public": true, "outcome": "allow"});
    assert_eq!(told["routes"][0], public);
    assert_eq!(told["routes"][1]["outcome"], "allow");
    assert_eq!(
        (&told["subject"], &told["org"]),
        (&json!("alice"), &json!("acme"))
    );
    let alone = ask(
        &capabilities(gate(), &[Err("probes")]),
        Some(subject("alice")),
        &head(""),
    );
    assert!(
        String::from_utf8(alone.unwrap().body)
            .unwrap()
            .contains("\"public\":true")
    );
}

#[test]
fn one_who_may_not_know_an_org_is_told_the_same_of_it_and_of_none() {
    let routes = [Ok(CREATE), Ok(RUN), Ok(READ.owner(Owner::Loaded))];
    let mut known = told(&routes, subject("zoe"), "org=acme");
    let mut unknown = told(&routes, subject("zoe"), "org=nowhere");
    assert_eq!(known["org"].take(), "acme");
    assert_eq!(unknown["org"].take(), "nowhere");
    assert_eq!(known, unknown);
    assert_eq!(known["routes"][0]["code"], "not_a_member");
}

#[test]
fn who_cannot_be_answered_is_refused() {
    let of = capabilities(gate(), &[Ok(CREATE)]);
    let code = |who, query| ask(&of, who, &head(query)).unwrap_err().code();
    assert_eq!(code(None, "org=acme"), Code::Unauthenticated);
    for query in ["org=acme&org=acme", "org=", "org=%00", "org=%ff", "org=%zz"] {
        assert_eq!(
            code(Some(subject("alice")), query),
            Code::BadRequest,
            "{query}"
        );
    }
    let (gate, _feed) = Gate::channel();
    let of = capabilities(gate, &[Ok(CREATE)]);
    let denial = ask(&of, Some(subject("alice")), &head("org=acme")).unwrap_err();
    assert_eq!(denial.code(), Code::PolicyUnavailable);
}

#[test]
fn a_document_that_is_known_is_not_sent_again() {
    let of = capabilities(gate(), &[Ok(CREATE), Err("probes")]);
    let ask = |who: &str, headers: &[(&'static str, &[u8])]| {
        let mut head = Head::with(headers);
        head.query = Some("org=acme");
        ask(&of, Some(subject(who)), &head).unwrap()
    };
    let header = |answer: &Answer, name: &str| {
        let found = (answer.headers.iter()).find(|(field, _)| field.name() == name);
        found.map(|(_, value)| value.to_string())
    };
    let first = ask("alice", &[]);
    assert_eq!(
        header(&first, "cache-control").unwrap(),
        "private, no-cache"
    );
    assert_eq!(header(&first, "content-type").unwrap(), "application/json");
    assert_eq!(header(&first, "content-language").unwrap(), "en");
    let tag = header(&first, "etag").unwrap();
    for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
        let again = ask("alice", &[("if-none-match", known.as_bytes())]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{known}");
        assert_eq!(header(&again, "etag").as_ref(), Some(&tag));
        assert_eq!(
            header(&again, "cache-control").unwrap(),
            "private, no-cache"
        );
        assert_eq!(header(&again, "content-type"), None);
    }
    // What is another's, or in other words, is another document.
    let known: (&str, &[u8]) = ("if-none-match", tag.as_bytes());
    assert_eq!(ask("zoe", &[known]).status, 200);
    assert_eq!(
        ask("alice", &[known, ("accept-language", b"de")]).status,
        304
    );
    assert_ne!(
        header(&ask("zoe", &[("accept-language", b"de")]), "etag"),
        header(&ask("zoe", &[]), "etag")
    );
    for unknown in ["", "\"\"", &tag[1..tag.len() - 1], "W/\"x\""] {
        assert_eq!(
            ask("alice", &[("if-none-match", unknown.as_bytes())]).status,
            200
        );
    }
    assert_eq!(ask("alice", &[known, known]).status, 200);
}

#[test]
fn an_agent_is_asked_as_one() {
    let bot = subject("bot").kind(Kind::Agent);
    let told = told(&[Ok(CREATE)], bot, "org=acme");
    assert_eq!(told["routes"][0]["code"], "delegator_missing");
}
