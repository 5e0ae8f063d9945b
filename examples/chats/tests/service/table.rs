//! Every route, with subjects of every sort.

use super::harness::Service;
use super::told::{document, is_told};

/// A request, and what is answered: the status, and the code of the problem or `-`.
pub(crate) type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    u16,
    &'static str,
);

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    // Who, method, path, body; status, code.
    ("-",                        "GET",    "/healthz",                               "", 200, "-"),
    ("zoe",                      "GET",    "/healthz",                               "", 200, "-"),
    ("-",                        "POST",   "/healthz",                               "", 405, "-"),

    ("-",                        "GET",    "/orgs/acme/chats",                       "", 401, "unauthenticated"),
    ("alice",                    "GET",    "/orgs/acme/chats",                       "", 200, "-"),
    ("grace",                    "GET",    "/orgs/acme/chats",                       "", 200, "-"),
    ("sam",                      "GET",    "/orgs/acme/chats",                       "", 200, "-"),
    ("root",                     "GET",    "/orgs/acme/chats",                       "", 200, "-"),
    ("alice",                    "GET",    "/orgs/acme-labs/chats",                  "", 200, "-"),
    ("alice",                    "GET",    "/orgs/initech/chats",                    "", 200, "-"),
    ("alice",                    "GET",    "/orgs/globex/chats",                     "", 403, "not_a_member"),
    ("alice",                    "GET",    "/orgs/nowhere/chats",                    "", 403, "not_a_member"),
    ("alice",                    "GET",    "/orgs/Acme/chats",                       "", 403, "not_a_member"),
    ("alice",                    "GET",    "/orgs/%61cme/chats",                     "", 200, "-"),
    ("alice",                    "GET",    "/orgs/acme%00/chats",                    "", 400, "bad_request"),
    ("root",                     "GET",    "/orgs/nowhere/chats",                    "", 403, "not_a_member"),
    ("gus",                      "GET",    "/orgs/acme/chats",                       "", 403, "not_a_member"),
    ("zoe",                      "GET",    "/orgs/acme/chats",                       "", 403, "not_a_member"),
    ("planner-bot",              "GET",    "/orgs/acme/chats",                       "", 403, "delegator_missing"),
    ("planner-bot for alice",    "GET",    "/orgs/acme/chats",                       "", 200, "-"),
    ("planner-bot for gus",      "GET",    "/orgs/acme/chats",                       "", 403, "not_a_member"),
    ("planner-bot for planner-bot", "GET", "/orgs/acme/chats",                       "", 403, "delegator_missing"),
    ("alice with chat:read",     "GET",    "/orgs/acme/chats",                       "", 200, "-"),
    ("alice with chat:read@own", "GET",    "/orgs/acme/chats",                       "", 200, "-"),
    ("alice with chat:create",   "GET",    "/orgs/acme/chats",                       "", 403, "scope_missing"),
    ("alice with \"\"",          "GET",    "/orgs/acme/chats",                       "", 403, "scope_missing"),
    ("alice",                    "PUT",    "/orgs/acme/chats",                       "", 405, "-"),
    ("alice",                    "GET",    "/orgs/acme/chats/",                      "", 404, "-"),
    ("alice",                    "GET",    "/orgs",                                  "", 404, "-"),

    ("-",                        "POST",   "/orgs/acme/chats",                       "{}", 401, "unauthenticated"),
    ("alice",                    "POST",   "/orgs/acme/chats",                       "{}", 201, "-"),
    ("alice",                    "POST",   "/orgs/acme/chats",                       "", 201, "-"),
    ("grace",                    "POST",   "/orgs/acme/chats",                       "{\"title\": \"hi\"}", 201, "-"),
    ("grace",                    "POST",   "/orgs/acme-labs/chats",                  "{}", 201, "-"),
    ("root",                     "POST",   "/orgs/acme/chats",                       "{}", 201, "-"),
    ("sam",                      "POST",   "/orgs/acme/chats",                       "{}", 403, "site_grant_missing"),
    ("zoe",                      "POST",   "/orgs/acme/chats",                       "{}", 403, "site_grant_missing"),
    ("gus",                      "POST",   "/orgs/acme/chats",                       "{}", 403, "not_a_member"),
    ("gus",                      "POST",   "/orgs/globex/chats",                     "{}", 403, "org_off"),
    ("alice",                    "POST",   "/orgs/initech/chats",                    "{}", 403, "org_off"),
    ("root",                     "POST",   "/orgs/initech/chats",                    "{}", 403, "org_off"),
    ("planner-bot for alice",    "POST",   "/orgs/acme/chats",                       "{}", 201, "-"),
    ("planner-bot for sam",      "POST",   "/orgs/acme/chats",                       "{}", 403, "site_grant_missing"),
    ("alice with chat:read",     "POST",   "/orgs/acme/chats",                       "{}", 403, "scope_missing"),
    ("alice with chat:read chat:create", "POST", "/orgs/acme/chats",                 "{}", 201, "-"),
    // What is wrong with the body is the framework's to say, and only to those who may.
    ("alice",                    "POST",   "/orgs/acme/chats",                       "{", 400, "-"),
    ("alice",                    "POST",   "/orgs/acme/chats",                       "{\"title\": 7}", 422, "-"),
    ("sam",                      "POST",   "/orgs/acme/chats",                       "{", 403, "site_grant_missing"),

    ("-",                        "POST",   "/chats",                                 "{\"org\": \"acme\"}", 401, "unauthenticated"),
    ("alice",                    "POST",   "/chats",                                 "{\"org\": \"acme\"}", 201, "-"),
    ("alice",                    "POST",   "/chats",                                 "{\"org\": \"initech\"}", 403, "org_off"),
    ("alice",                    "POST",   "/chats",                                 "{\"org\": \"globex\"}", 403, "not_a_member"),
    ("alice",                    "POST",   "/chats",                                 "{}", 400, "org_required"),
    ("alice",                    "POST",   "/chats",                                 "", 400, "org_required"),
    ("alice",                    "POST",   "/chats",                                 "{\"org\": null}", 400, "org_required"),
    ("alice",                    "POST",   "/chats",                                 "{\"org\": \"\"}", 400, "bad_request"),
    ("alice",                    "POST",   "/chats",                                 "{\"org\": \"acme\", \"org\": \"acme\"}", 400, "bad_request"),
    ("alice",                    "POST",   "/chats",                                 "[\"acme\"]", 400, "bad_request"),
    ("alice",                    "POST",   "/chats",                                 "org=acme", 400, "bad_request"),
    ("sam",                      "POST",   "/chats",                                 "org=acme", 403, "site_grant_missing"),

    ("-",                        "POST",   "/me/chats",                              "{}", 401, "unauthenticated"),
    ("alice",                    "POST",   "/me/chats",                              "{}", 201, "-"),
    ("grace",                    "POST",   "/me/chats",                              "{}", 201, "-"),
    ("planner-bot for alice",    "POST",   "/me/chats",                              "{}", 201, "-"),
    ("gus",                      "POST",   "/me/chats",                              "{}", 403, "no_default_org"),
    ("root",                     "POST",   "/me/chats",                              "{}", 403, "no_default_org"),
    ("sam",                      "POST",   "/me/chats",                              "{}", 403, "site_grant_missing"),

    ("-",                        "POST",   "/dashboard/chats",                       "{}", 401, "unauthenticated"),
    ("alice",                    "POST",   "/dashboard/chats",                       "{}", 201, "-"),
    ("gus",                      "POST",   "/dashboard/chats",                       "{}", 201, "-"),
    ("root",                     "POST",   "/dashboard/chats",                       "{}", 201, "-"),
    ("sam",                      "POST",   "/dashboard/chats",                       "{}", 403, "site_grant_missing"),
    ("zoe",                      "POST",   "/dashboard/chats",                       "{}", 403, "site_grant_missing"),

    ("-",                        "GET",    "/orgs/acme/chats/ALICES",                "", 401, "unauthenticated"),
    ("alice",                    "GET",    "/orgs/acme/chats/ALICES",                "", 200, "-"),
    ("max",                      "GET",    "/orgs/acme/chats/ALICES",                "", 200, "-"),
    ("root",                     "GET",    "/orgs/acme/chats/ALICES",                "", 200, "-"),
    ("planner-bot for alice",    "GET",    "/orgs/acme/chats/ALICES",                "", 200, "-"),
    ("planner-bot for grace",    "GET",    "/orgs/acme/chats/ALICES",                "", 404, "-"),
    ("alice",                    "GET",    "/orgs/acme/chats/MAXS",                  "", 404, "-"),
    ("grace",                    "GET",    "/orgs/acme/chats/ALICES",                "", 404, "-"),
    ("gus",                      "GET",    "/orgs/acme/chats/ALICES",                "", 404, "-"),
    ("alice with agent:execute", "GET",    "/orgs/acme/chats/ALICES",                "", 404, "-"),
    ("max",                      "GET",    "/orgs/acme/chats/missing",               "", 404, "-"),
    // A chat is not found through another org, not even a chat of one's own.
    ("alice",                    "GET",    "/orgs/acme-labs/chats/ALICES",           "", 404, "-"),
    ("root",                     "GET",    "/orgs/globex/chats/ALICES",              "", 404, "-"),
    ("alice",                    "PATCH",  "/orgs/acme/chats/ALICES",                "", 405, "-"),

    ("-",                        "GET",    "/orgs/acme/chats/ALICES/stream",         "", 401, "unauthenticated"),
    ("alice",                    "GET",    "/orgs/acme/chats/ALICES/stream",         "", 200, "-"),
    ("max",                      "GET",    "/orgs/acme/chats/ALICES/stream",         "", 200, "-"),
    ("planner-bot for alice",    "GET",    "/orgs/acme/chats/ALICES/stream",         "", 200, "-"),
    ("planner-bot for grace",    "GET",    "/orgs/acme/chats/ALICES/stream",         "", 404, "-"),
    ("alice",                    "GET",    "/orgs/acme/chats/MAXS/stream",           "", 404, "-"),
    ("gus",                      "GET",    "/orgs/acme/chats/ALICES/stream",         "", 404, "-"),
    ("max",                      "GET",    "/orgs/acme/chats/missing/stream",        "", 404, "-"),
    ("alice",                    "GET",    "/orgs/acme-labs/chats/ALICES/stream",    "", 404, "-"),
    ("alice",                    "HEAD",   "/orgs/acme/chats/ALICES/stream",         "", 200, "-"),
    ("alice",                    "POST",   "/orgs/acme/chats/ALICES/stream",         "", 405, "-"),

    ("-",                        "POST",   "/orgs/acme/chats/ALICES/promote",        "", 401, "unauthenticated"),
    ("alice",                    "POST",   "/orgs/acme/chats/ALICES/promote",        "", 200, "-"),
    ("max",                      "POST",   "/orgs/acme/chats/ALICES/promote",        "", 200, "-"),
    ("grace",                    "POST",   "/orgs/acme/chats/ALICES/promote",        "", 403, "org_grant_missing"),
    ("sam",                      "POST",   "/orgs/acme/chats/ALICES/promote",        "", 403, "site_grant_missing"),
    ("alice",                    "POST",   "/orgs/acme/chats/missing/promote",       "", 403, "org_grant_missing"),
    ("max",                      "POST",   "/orgs/acme/chats/missing/promote",       "", 404, "-"),
    ("root",                     "POST",   "/orgs/initech/chats/ALICES/promote",     "", 403, "org_off"),

    ("-",                        "POST",   "/orgs/acme/chats/ALICES/tool-results",   "{}", 401, "unauthenticated"),
    ("alice",                    "POST",   "/orgs/acme/chats/ALICES/tool-results",   "{\"ok\": true}", 200, "-"),
    ("planner-bot for alice",    "POST",   "/orgs/acme/chats/ALICES/tool-results",   "[1, 2]", 200, "-"),
    ("planner-bot for max",      "POST",   "/orgs/acme/chats/MAXS/tool-results",     "{}", 200, "-"),
    // max could; the agent, a developer, could not.
    ("planner-bot for max",      "POST",   "/orgs/acme/chats/ALICES/tool-results",   "{}", 403, "org_grant_missing"),
    ("grace",                    "POST",   "/orgs/acme/chats/ALICES/tool-results",   "{}", 403, "org_grant_missing"),
    ("gus",                      "POST",   "/orgs/acme/chats/ALICES/tool-results",   "{}", 403, "not_a_member"),
    ("max",                      "POST",   "/orgs/acme/chats/missing/tool-results",  "{}", 404, "-"),
    ("alice",                    "POST",   "/orgs/acme/chats/ALICES/tool-results",   "{", 400, "-"),

    ("-",                        "DELETE", "/orgs/acme/chats/ALICES",                "", 401, "unauthenticated"),
    ("grace",                    "DELETE", "/orgs/acme/chats/ALICES",                "", 403, "org_grant_missing"),
    ("sam",                      "DELETE", "/orgs/acme/chats/ALICES",                "", 403, "org_grant_missing"),
    ("gus",                      "DELETE", "/orgs/acme/chats/ALICES",                "", 403, "not_a_member"),
    ("alice",                    "DELETE", "/orgs/acme/chats/ALICES",                "", 204, "-"),
    ("alice",                    "DELETE", "/orgs/acme/chats/ALICES",                "", 403, "org_grant_missing"),
    ("max",                      "DELETE", "/orgs/acme/chats/ALICES",                "", 404, "-"),
    ("root",                     "DELETE", "/orgs/acme/chats/MAXS",                  "", 204, "-"),

    ("-",                        "POST",   "/orgs/acme/agents/planner/runs",         "", 401, "unauthenticated"),
    ("grace",                    "POST",   "/orgs/acme/agents/planner/runs",         "", 202, "-"),
    ("grace",                    "POST",   "/orgs/acme/agents/planner/runs",         "{\"detach\": true}", 403, "mode_floor"),
    ("alice",                    "POST",   "/orgs/acme/agents/planner/runs",         "{\"detach\": true}", 202, "-"),
    ("alice",                    "POST",   "/orgs/acme-labs/agents/planner/runs",    "", 202, "-"),
    ("alice",                    "POST",   "/orgs/acme-labs/agents/planner/runs",    "{\"detach\": true}", 403, "mode_floor"),
    ("max",                      "POST",   "/orgs/acme-labs/agents/planner/runs",    "{\"detach\": true}", 202, "-"),
    ("gus",                      "POST",   "/orgs/initech/agents/planner/runs",      "", 202, "-"),
    ("sam",                      "POST",   "/orgs/acme/agents/planner/runs",         "", 403, "site_grant_missing"),
    ("root",                     "POST",   "/orgs/globex/agents/planner/runs",       "{\"detach\": true}", 202, "-"),
    ("planner-bot for grace",    "POST",   "/orgs/acme/agents/planner/runs",         "{\"detach\": true}", 403, "mode_floor"),
    ("grace",                    "POST",   "/orgs/acme/agents/security-analyst/runs", "", 403, "org_grant_missing"),
    ("alice",                    "POST",   "/orgs/acme/agents/security-analyst/runs", "", 202, "-"),
    ("alice",                    "POST",   "/orgs/acme/agents/security-analyst/runs", "{\"detach\": true}", 403, "mode_floor"),
    ("max",                      "POST",   "/orgs/acme/agents/security-analyst/runs", "{\"detach\": true}", 202, "-"),
    ("gus",                      "POST",   "/orgs/globex/agents/security-analyst/runs", "", 403, "org_off"),
    ("gus",                      "POST",   "/orgs/globex/agents/my-own/runs",        "", 202, "-"),
    ("gus",                      "POST",   "/orgs/initech/agents/my-own/runs",       "", 403, "org_off"),
    // Not the planner: its name is another, and it has no gate of its own.
    ("gus",                      "POST",   "/orgs/initech/agents/Planner/runs",      "", 403, "org_off"),
    ("gus",                      "POST",   "/orgs/initech/agents/agent-planner/runs", "", 403, "org_off"),
    ("gus",                      "POST",   "/orgs/initech/agents/%70lanner/runs",    "", 202, "-"),
];

#[test]
fn every_route_answers_as_the_table_says() {
    let service = Service::start();
    let alices = service.chat_of("alice", "acme");
    let maxs = service.chat_of("max", "acme");
    let document = document();
    let mut wrong = Vec::new();
    for (who, method, path, body, status, code) in ROWS {
        let filled = path.replace("ALICES", &alices).replace("MAXS", &maxs);
        let answer = service.ask(who, method, &filled, body);
        let said = answer.code();
        if answer.status != *status || said.as_deref().unwrap_or("-") != *code {
            wrong.push(format!(
                "{who}: {method} {path} {body}: {answer:?}, not {status} {code}"
            ));
        }
        if !is_told(&document, method, path, &answer) {
            wrong.push(format!(
                "{who}: {method} {path} {body}: the document does not tell of {answer:?}"
            ));
        }
        if *status == 401 {
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
