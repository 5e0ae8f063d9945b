//! What the service tells of itself: its routes, its document, and to each subject what it may do.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::harness::{Answer, Service, binary, token_of, until};
use super::table::ROWS;

const CAPABILITIES: &str = "/.well-known/gatepost/capabilities";
/// What the tests of the client take for an answer.
const ANSWERS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../clients/typescript/test/answers"
);

fn run(args: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    binary(&folder).args(args).output().unwrap()
}

fn printed(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn document() -> Value {
    serde_json::from_str(&printed(&["openapi"])).unwrap()
}

/// What `who` may do in an org, as it is answered to whoever knows this already.
fn may(service: &Service, who: &str, org: &str, known: &str) -> Answer {
    let bearer = token_of(who).map(|token| format!("Bearer {token}"));
    let mut headers = vec![("if-none-match", known)];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    service.send_with("GET", &format!("{CAPABILITIES}?org={org}"), &headers, "")
}

#[test]
fn the_document_that_is_served_is_the_one_that_is_printed() {
    let service = Service::start();
    let answer = service.ask("-", "GET", "/openapi.json", "");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json(), document());
    let text = String::from_utf8(answer.bytes).unwrap();
    assert_eq!(text, printed(&["openapi"]).trim_end());
}

/// Method by method what the document says of a path that is asked.
fn operations<'d>(document: &'d Value, path: &str) -> Option<&'d Value> {
    let path = path.split('?').next().unwrap();
    let fits = |template: &str| {
        let count = |path: &str| path.split('/').count();
        let mut both = template.split('/').zip(path.split('/'));
        count(template) == count(path)
            && both.all(|(there, here)| there == here || there.starts_with('{') && !here.is_empty())
    };
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .find(|(template, _)| fits(template))
        .map(|it| it.1)
}

#[test]
fn the_document_tells_of_every_answer_in_the_table() {
    let document = document();
    let mut told = 0;
    for (who, method, path, body, status, code) in ROWS {
        let operations = operations(&document, path);
        let method = if *method == "HEAD" { "GET" } else { method };
        let Some(operation) = operations.and_then(|all| all.get(method.to_lowercase())) else {
            assert!([404, 405].contains(status), "{method} {path}");
            continue;
        };
        let answer = &operation["responses"][status.to_string()];
        assert!(
            answer.is_object(),
            "{who}: {method} {path} {body}: {status}"
        );
        if *code != "-" {
            let schema = &answer["content"]["application/problem+json"]["schema"];
            assert_eq!(schema["$ref"], "#/components/schemas/Problem");
        }
        told += 1;
    }
    assert!(told > ROWS.len() / 2, "{told}");
}

/// Whether the document tells of an answer: its status, and the type of what is in it.
pub(crate) fn is_told(document: &Value, method: &str, path: &str, answer: &Answer) -> bool {
    let method = if method == "HEAD" { "GET" } else { method };
    let operation = operations(document, path).and_then(|all| all.get(method.to_lowercase()));
    let Some(operation) = operation else {
        return [404, 405].contains(&answer.status);
    };
    let Some(told) = operation["responses"].get(answer.status.to_string()) else {
        return false;
    };
    let is = answer.header("content-type");
    is.is_none_or(|is| told["content"].get(is.split(';').next().unwrap()).is_some())
}

#[test]
fn the_document_tells_of_a_body_that_no_handler_can_take() {
    let service = Service::start();
    let document = document();
    let tool_results = format!(
        "/orgs/acme/chats/{}/tool-results",
        service.chat_of("alice", "acme")
    );
    let blank = |size| " ".repeat(size);
    let bodies = [
        ("{\"title\":".to_owned(), 400),
        (blank(crate::BODY_LIMIT), 400),
        (blank(crate::BODY_LIMIT + 1), 413),
    ];
    let paths = [
        "/orgs/acme/chats",
        "/me/chats",
        "/dashboard/chats",
        &tool_results,
    ];
    for path in paths {
        for (body, status) in &bodies {
            let answer = service.ask("alice", "POST", path, body);
            assert_eq!(answer.status, *status, "{path} {}", body.len());
            let is = answer.header("content-type");
            assert_eq!(is, Some("text/plain; charset=utf-8"), "{path}");
            assert!(is_told(&document, "POST", path, &answer), "{path} {status}");
        }
    }
    // What decides reads the body itself: what it cannot take is told as a refusal.
    let large = blank(64 * 1024 + 1);
    for (body, status) in [("{\"org\":", 400), (&*large, 413)] {
        let answer = service.ask("alice", "POST", "/chats", body);
        assert_eq!(answer.status, status);
        assert!(answer.code().is_some(), "{answer:?}");
        assert!(is_told(&document, "POST", "/chats", &answer), "{status}");
    }
}

#[test]
fn routes_are_printed_and_compared() {
    assert!(printed(&["routes"]).contains("chat:create#foreground"));
    assert!(printed(&["routes", "--format", "markdown"]).contains("| `chat:create#foreground` |"));
    let kept = printed(&["routes", "--format", "json"]);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("routes.json");
    fs::write(&file, &kept).unwrap();
    let compared = ["routes", "--check", file.to_str().unwrap()];
    assert_eq!(printed(&compared), "");

    // The route was behind a requirement when it was reviewed, and is public now.
    let mut bent: Value = serde_json::from_str(&kept).unwrap();
    let routes = bent["routes"].as_array_mut().unwrap();
    let [create, health] = ["/orgs/{org}/chats", "/healthz"].map(|path| {
        let found = routes.iter().position(|route| route["path"] == path);
        found.unwrap()
    });
    routes[health]["requires"] = routes[create]["requires"].clone();
    routes[health].as_object_mut().unwrap().remove("public");
    fs::write(&file, bent.to_string()).unwrap();
    let output = run(&compared);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("/healthz: chat:read → public") && said.contains("(laxer)"),
        "{said}"
    );
}

#[test]
fn a_subject_is_told_what_it_may_do_and_told_again_when_that_changes() {
    let service = Service::start();
    let answer = may(&service, "alice", "acme", "");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    let etag = answer.header("etag").unwrap().to_owned();

    let known = may(&service, "alice", "acme", &etag);
    assert_eq!((known.status, known.bytes.len()), (304, 0));
    assert_eq!(known.header("etag"), Some(&*etag));
    assert_eq!(known.header("cache-control"), Some("private, no-cache"));
    for (who, org) in [("alice", "initech"), ("grace", "acme")] {
        assert_eq!(may(&service, who, org, &etag).status, 200, "{who} {org}");
    }

    let outcome = |answer: &Answer| {
        let routes = answer.json()["routes"].clone();
        let creates = |row: &&Value| row["method"] == "POST" && row["path"] == "/orgs/{org}/chats";
        let row = routes.as_array().unwrap().iter().find(creates).cloned();
        row.map(|row| (row["outcome"].clone(), row["code"].clone()))
    };
    assert_eq!(outcome(&answer), Some((json!("allow"), Value::Null)));
    let shipped = fs::read_to_string(service.policy()).unwrap();
    service.write_policy(&shipped.replacen("switch = \"opt-in\"", "switch = \"off\"", 1));
    until("it is told anew", || {
        may(&service, "alice", "acme", &etag).status == 200
    });
    let told = outcome(&may(&service, "alice", "acme", &etag));
    assert_eq!(told, Some((json!("deny"), json!("site_off"))));
}

#[test]
fn nobody_is_told_what_somebody_may_do() {
    let service = Service::start();
    let answer = may(&service, "-", "acme", "*");
    assert_eq!(
        (answer.status, answer.code().as_deref()),
        (401, Some("unauthenticated"))
    );
    let answer = may(&service, "alice", "ac%00me", "");
    assert_eq!(
        (answer.status, answer.code().as_deref()),
        (400, Some("bad_request"))
    );
}

#[test]
fn what_is_told_is_what_the_document_says_and_what_the_client_is_tested_with() {
    let service = Service::start();
    let mut schema = document();
    schema["$ref"] = "#/components/schemas/Capabilities".into();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for (who, org) in [
        ("alice", "initech"),
        ("grace", "acme"),
        ("planner-bot for grace", "acme"),
    ] {
        let answer = may(&service, who, org, "").json();
        assert!(schema.validate(&answer).is_ok(), "{answer}");
        let name = who.split(' ').next().unwrap();
        let file = Path::new(ANSWERS).join(format!("{}-{name}.ts", crate::NAME));
        let text = format!(
            "// What {} answers `{who}` in {org}. Its tests write it, with GATEPOST_ACCEPT=1.\n\
             import type {{ Capabilities }} from \"../../gatepost.js\";\n\n\
             export const answer: Capabilities = {answer:#};\n",
            crate::NAME
        );
        if std::env::var("GATEPOST_ACCEPT").is_ok_and(|accept| accept == "1") {
            fs::write(&file, &text).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(
            kept,
            text,
            "{}: GATEPOST_ACCEPT=1 writes it",
            file.display()
        );
    }
}
