//! Paths bent in every way that routers have fallen for: no handler runs without a decision on what
//! it sees.

use std::collections::BTreeSet;

use actix_web::http::Uri;
use actix_web::web::{ServiceConfig, resource, scope};

use crate::fixture::{Canary, READ, UPDATE, ask, gated, serve};

/// The protected routes; every parameter is an org that mallory may not know.
const ROUTES: &[(&str, &str)] = &[
    ("GET", "/orgs/acme/chats"),
    ("POST", "/orgs/acme/chats"),
    ("GET", "/orgs/acme/chats/1"),
    ("DELETE", "/orgs/acme/chats/1"),
    ("GET", "/api/acme/deep/acme2"),
    ("GET", "/files/acme/a/b"),
];

fn routes(canary: &Canary) -> impl FnOnce(&mut ServiceConfig) {
    let gate = gated();
    let chats = resource("/orgs/{org}/chats")
        .route(gate.get(READ, canary.handler("list")))
        .route(gate.post(UPDATE, canary.handler("create")));
    let chat = resource("/orgs/{org}/chats/{id}")
        .route(gate.get(READ, canary.handler("read")))
        .route(gate.delete(UPDATE, canary.handler("delete")));
    let deep = resource("/deep/{team}").route(gate.get(READ, canary.handler("deep")));
    let files = resource("/files/{org}/{path}*").route(gate.get(READ, canary.handler("files")));
    |app| {
        app.service(chats)
            .service(chat)
            .service(scope("/api/{org}").service(deep))
            .service(files);
    }
}

/// What can be put into a path so that one reader sees another path than the next.
const WEDGES: &[&str] = &[
    "/",
    "//",
    "/./",
    "/../",
    "/.",
    "/..",
    "/%2e/",
    "/%2e%2e/",
    "/%2E%2E/",
    "/.%2e/",
    "%2f",
    "%2F",
    "%5c",
    "\\",
    ";a=b",
    ";",
    "%3b",
    "%20",
    "%09",
    "%00",
    "%0d%0a",
    "%23",
    "%3f",
    "%252f",
    "%c0%af",
    "%ff",
    "%",
    "%zz",
    "..;/",
    ".json",
    "~",
    "*",
    "%2a",
    "{org}",
    "%7borg%7d",
    ":org",
    "@",
    "+",
    "&",
    "=",
    "\u{fffd}",
    "\u{2215}",
];

/// The paths that a protected one is bent into.
fn bent(path: &str) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for wedge in WEDGES {
        paths.insert(format!("{path}{wedge}"));
        paths.insert(format!("{wedge}{path}"));
        paths.insert(format!("{path}?{wedge}"));
        for (position, segment) in segments.iter().enumerate() {
            for put in [
                format!("{segment}{wedge}"),
                format!("{wedge}{segment}"),
                (*wedge).to_owned(),
            ] {
                let mut bent = segments.clone();
                bent[position] = &put;
                paths.insert(format!("/{}", bent.join("/")));
            }
        }
    }
    for position in 0..segments.len() {
        let segment = segments[position];
        let encoded: Vec<_> = segment.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let encoded = encoded.concat();
        let once = format!("%{:02X}{}", segment.as_bytes()[0], &segment[1..]);
        for put in [
            &encoded,
            &once,
            &segment.to_uppercase(),
            &format!("{segment}/{segment}"),
            &String::new(),
        ] {
            let mut bent = segments.clone();
            bent[position] = put;
            paths.insert(format!("/{}", bent.join("/")));
        }
    }
    paths.insert(format!("http://elsewhere{path}"));
    paths.insert(format!("http://elsewhere/public/..{path}"));
    paths.remove(path);
    paths
}

/// Those of the bent paths that are URIs at all; the others never come as far as a router.
fn uris(path: &str) -> Vec<String> {
    let bent = bent(path).into_iter();
    let uris: Vec<_> = bent.filter(|path| path.parse::<Uri>().is_ok()).collect();
    assert!(uris.len() >= 60, "only {} ways to bend {path}", uris.len());
    uris
}

#[actix_web::test]
async fn a04_no_bent_path_runs_a_handler_for_whom_it_is_refused() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    for (method, path) in ROUTES {
        for uri in uris(path) {
            for who in ["", "mallory"] {
                let answer = ask(&app, method, &uri, who).await;
                assert!(canary.ran().is_empty(), "{method} {uri} by {who}");
                let codes = if who.is_empty() {
                    &["unauthenticated", "404", "405"][..]
                } else {
                    &["not_a_member", "bad_request", "404", "405"]
                };
                let said = answer.said();
                assert!(codes.contains(&&*said), "{uri}: {said}");
            }
        }
    }
}

#[actix_web::test]
async fn a04_whatever_a_bent_path_runs_was_decided_on_the_org_that_the_handler_sees() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    let mut ran = 0;
    for (method, path) in ROUTES {
        for uri in uris(path) {
            let answer = ask(&app, method, &uri, "alice").await;
            for hit in canary.hits() {
                assert_eq!(hit.method.as_str(), *method, "{uri}");
                assert_eq!(hit.org(), Some(&*hit.params["org"]), "{uri}");
                assert_eq!(hit.params["org"], "acme", "{uri}");
                let asked = match *method {
                    "POST" | "DELETE" => UPDATE,
                    _ => READ,
                };
                let permit = hit.permit.expect("a permit");
                assert!(permit.requirement().is_same(&asked), "{uri}");
                ran += 1;
            }
            let runs = usize::from(answer.status == 200);
            assert_eq!(canary.hits().len(), runs, "{uri}");
            canary.reset();
        }
    }
    // It is not that nothing gets through: a query, an encoded parameter and another host change no route.
    assert!(ran > 100, "{ran}");
}
