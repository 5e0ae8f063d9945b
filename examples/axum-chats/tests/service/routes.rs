//! Every route, with subjects of every sort.

use serde_json::{Value, json};

use crate::harness::{Answer, Service};

/// A request, and what is answered: the status, and the code of the problem or `-`.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    u16,
    &'static str,
);

#[rustfmt::skip]
const ROWS: &[Row] = &[
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
    // What is wrong with the body is axum's to say, and only to those who may.
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
        if *status == 401 {
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_created_lies_where_the_permit_says() {
    let service = Service::start();
    let created = |who: &str, path: &str, body: &str| service.ask(who, "POST", path, body).json();
    let rows = [
        (
            "alice",
            "/orgs/acme/chats",
            r#"{"org": "initech", "owner": "max"}"#,
            "acme",
            "alice",
        ),
        (
            "alice",
            "/chats",
            r#"{"title": "x", "org": "acme"}"#,
            "acme",
            "alice",
        ),
        ("grace", "/me/chats", "{}", "acme", "grace"),
        ("planner-bot for alice", "/me/chats", "{}", "acme", "alice"),
        ("root", "/orgs/acme-labs/chats", "", "acme-labs", "root"),
    ];
    for (who, path, body, org, owner) in rows {
        let chat = created(who, path, body);
        assert_eq!(
            (&chat["org"], &chat["owner"]),
            (&json!(org), &json!(owner)),
            "{who} {path}"
        );
        let title = body.contains("title").then(|| json!("x"));
        assert_eq!(chat.get("title"), title.as_ref());
    }
    let site_wide = created("alice", "/dashboard/chats", "{}");
    assert_eq!(site_wide.get("org"), None);
    let read = service.ask("root", "GET", &path_of(&site_wide, "acme"), "");
    assert_eq!(read.status, 404);
}

fn path_of(chat: &Value, org: &str) -> String {
    format!("/orgs/{org}/chats/{}", chat["id"].as_str().unwrap())
}

#[test]
fn a_list_reaches_as_far_as_the_grant() {
    let service = Service::start();
    service.chat_of("alice", "acme");
    service.chat_of("grace", "acme");
    service.chat_of("alice", "acme-labs");
    let owners = |who: &str| {
        let chats = service.ask(who, "GET", "/orgs/acme/chats", "").json();
        let chats = chats.as_array().unwrap().iter();
        chats
            .map(|chat| chat["owner"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(owners("alice"), ["alice"]);
    assert_eq!(owners("grace"), ["grace"]);
    assert_eq!(owners("max"), ["alice", "grace"]);
    assert_eq!(owners("root"), ["alice", "grace"]);
    assert_eq!(owners("planner-bot for alice"), ["alice"]);
    for nothing in ["sam", "planner-bot for max", "max with chat:read@own"] {
        assert!(owners(nothing).is_empty(), "{nothing}");
    }
}

#[test]
fn updates_are_kept() {
    let service = Service::start();
    let path = format!("/orgs/acme/chats/{}", service.chat_of("alice", "acme"));
    service.ask("alice", "POST", &format!("{path}/promote"), "");
    service.ask(
        "alice",
        "POST",
        &format!("{path}/tool-results"),
        r#"{"exit": 0}"#,
    );
    service.ask("alice", "POST", &format!("{path}/tool-results"), "");
    let chat = service.ask("alice", "GET", &path, "").json();
    assert_eq!(chat["promoted"], true);
    assert_eq!(chat["tool_results"], json!([{"exit": 0}]));
}

#[test]
fn a_missing_chat_and_a_hidden_denial_are_the_same_bytes() {
    let service = Service::start();
    let alices = service.chat_of("alice", "acme");
    let shape = |answer: &Answer| {
        let mut json = answer.json();
        let decision = json["decision"].as_str().unwrap().to_owned();
        json["decision"] = "".into();
        let mut headers = answer.headers.clone();
        headers.remove("date");
        let text = String::from_utf8(answer.bytes.clone()).unwrap();
        (
            answer.status,
            format!("{headers:?}"),
            text.replace(&decision, ""),
        )
    };
    let ask = |who: &str, method: &str, path: &str| shape(&service.ask(who, method, path, ""));
    let missing = ask("max", "GET", "/orgs/acme/chats/missing");
    assert_eq!(missing.0, 404);
    let same = [
        ("grace", "GET", format!("/orgs/acme/chats/{alices}")),
        ("grace", "GET", "/orgs/acme/chats/missing".into()),
        ("gus", "GET", format!("/orgs/acme/chats/{alices}")),
        ("gus", "GET", "/orgs/nowhere/chats/missing".into()),
        (
            "alice with chat:create",
            "GET",
            format!("/orgs/acme/chats/{alices}"),
        ),
        ("alice", "GET", format!("/orgs/acme-labs/chats/{alices}")),
        ("max", "POST", "/orgs/acme/chats/missing/promote".into()),
        (
            "max",
            "POST",
            "/orgs/acme/chats/missing/tool-results".into(),
        ),
        ("max", "DELETE", "/orgs/acme/chats/missing".into()),
    ];
    for (who, method, path) in same {
        assert_eq!(ask(who, method, &path), missing, "{who}: {method} {path}");
    }
}

#[test]
fn head_is_decided_as_get_is() {
    let service = Service::start();
    let alices = service.chat_of("alice", "acme");
    let chat = format!("/orgs/acme/chats/{alices}");
    let rows = [
        ("alice", "/healthz", 200),
        ("-", "/orgs/acme/chats", 401),
        ("alice", "/orgs/acme/chats", 200),
        ("gus", "/orgs/acme/chats", 403),
        ("alice", chat.as_str(), 200),
        ("grace", &chat, 404),
        ("-", &chat, 401),
    ];
    for (who, path, status) in rows {
        let answer = service.ask(who, "HEAD", path, "");
        assert_eq!(answer.status, status, "{who} {path}");
        assert!(answer.bytes.is_empty());
    }
}

#[test]
fn the_permits_mode_is_how_a_run_runs() {
    let service = Service::start();
    let path = "/orgs/acme/agents/planner/runs";
    let ask = |who: &str, body: &[u8]| {
        let token =
            crate::harness::sign(&json!({"sub": who, "exp": crate::harness::in_seconds(60)}));
        service.send("POST", path, &[&format!("Bearer {token}")], body)
    };
    let rows: [(&[u8], &str); 14] = [
        (b"", "foreground"),
        (b"{}", "foreground"),
        (br#"{"detach": false}"#, "foreground"),
        (br#"{"input": "go", "detach": false}"#, "foreground"),
        (br#"{"detach": true}"#, "background"),
        (br#"{"detach": null}"#, "background"),
        (br#"{"detach": "false"}"#, "background"),
        (br#"{"detach": false, "detach": false}"#, "background"),
        (br#"{"detach": false} x"#, "background"),
        (b"[]", "background"),
        (b"null", "background"),
        (b" ", "background"),
        (b"detach=false", "background"),
        (b"{\"input\": \"\xff\"}", "background"),
    ];
    for (body, mode) in rows {
        let shown = String::from_utf8_lossy(body);
        let run = ask("alice", body).json();
        assert_eq!(
            (&run["mode"], &run["agent"]),
            (&json!(mode), &json!("planner")),
            "{shown}"
        );
        let status = if mode == "foreground" { 202 } else { 403 };
        assert_eq!(ask("grace", body).status, status, "{shown}");
    }
    let large = vec![b' '; 64 * 1024 + 1];
    let answer = ask("alice", &large);
    assert_eq!(
        (answer.status, answer.code().as_deref()),
        (413, Some("body_too_large"))
    );
    assert_eq!(
        ask("sam", &large).code().as_deref(),
        Some("site_grant_missing")
    );
}

#[test]
fn a_refusal_says_who_can_change_it() {
    let service = Service::start();
    let refused = |who: &str, path: &str, body: &str| service.ask(who, "POST", path, body).json();
    let detached = r#"{"detach": true}"#;
    let lab = refused("alice", "/orgs/acme-labs/agents/planner/runs", detached);
    assert_eq!(lab["required_role"], "maintainer");
    assert_eq!(lab["remedy"]["who"], "org_admin");
    let site = refused("sam", "/orgs/acme/chats", "{}");
    assert_eq!(site["remedy"]["who"], "site_admin");
    let agent = refused(
        "planner-bot for grace",
        "/orgs/acme/agents/planner/runs",
        detached,
    );
    assert_eq!(
        (&agent["whose"], &agent["required_role"]),
        (&json!("acting_for"), &json!("developer"))
    );
}
