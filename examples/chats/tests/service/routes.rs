//! What the routes do for those who may, and what they say to those who may not.

use serde_json::{Value, json};

use super::harness::{Answer, Service, in_seconds, sign};

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
        // Their order is a server's own, and in actix another one each time.
        let headers = answer.headers.iter();
        let lines = headers.map(|(name, value)| format!("{name}: {value:?}"));
        let mut lines: Vec<_> = lines.filter(|line| !line.starts_with("date: ")).collect();
        lines.sort_unstable();
        let text = String::from_utf8(answer.bytes.clone()).unwrap();
        (answer.status, lines, text.replace(&decision, ""))
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
        ("grace", "GET", format!("/orgs/acme/chats/{alices}/stream")),
        ("max", "GET", "/orgs/acme/chats/missing/stream".into()),
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
        let token = sign(&json!({"sub": who, "exp": in_seconds(60)}));
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
