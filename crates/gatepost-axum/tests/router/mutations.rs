//! Paths bent in every way that routers have fallen for: no handler runs without a decision on what
//! it sees.

use std::collections::BTreeSet;

use axum::Router;
use http::Uri;

use crate::fixture::{Canary, READ, UPDATE, ask, gated};

/// The protected routes; every parameter is an org that mallory may not know.
const ROUTES: &[(&str, &str)] = &[
    ("GET", "/orgs/acme/chats"),
    ("POST", "/orgs/acme/chats"),
    ("GET", "/orgs/acme/chats/1"),
    ("DELETE", "/orgs/acme/chats/1"),
    ("GET", "/api/acme/deep/acme2"),
    ("GET", "/files/acme/a/b"),
];

fn router(canary: &Canary) -> Router {
    gated()
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .post("/orgs/{org}/chats", UPDATE, canary.handler("create"))
        .get("/orgs/{org}/chats/{id}", READ, canary.handler("read"))
        .delete("/orgs/{org}/chats/{id}", UPDATE, canary.handler("delete"))
        .nest(
            "/api/{org}",
            gated().get("/deep/{team}", READ, canary.handler("deep")),
        )
        .get("/files/{org}/{*path}", READ, canary.handler("files"))
        .into_router()
        .unwrap()
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
    assert!(uris.len() >= 40, "only {} ways to bend {path}", uris.len());
    uris
}

#[tokio::test]
async fn no_bent_path_runs_a_handler_for_whom_it_is_refused() {
    let canary = Canary::default();
    let router = router(&canary);
    for (method, path) in ROUTES {
        for uri in uris(path) {
            for who in ["", "mallory"] {
                let answer = ask(&router, method, &uri, who).await;
                assert!(canary.ran().is_empty(), "{method} {uri} by {who}");
                let status = answer.status.as_u16();
                match answer.code() {
                    // The route, in some org that she does not know.
                    Some(code) => {
                        let codes = if who.is_empty() {
                            &["unauthenticated"][..]
                        } else {
                            &["not_a_member", "bad_request"]
                        };
                        assert!(codes.contains(&code), "{uri}: {code}");
                    }
                    // No route, or another method's.
                    None => assert!([404, 405].contains(&status), "{uri}: {status}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn whatever_a_bent_path_runs_was_decided_on_the_org_that_the_handler_sees() {
    let canary = Canary::default();
    let router = router(&canary);
    let mut ran = 0;
    for (method, path) in ROUTES {
        for uri in uris(path) {
            let answer = ask(&router, method, &uri, "alice").await;
            for hit in canary.hits() {
                assert_eq!(hit.method.as_str(), *method, "{uri}");
                assert_eq!(hit.org(), Some(&*hit.params["org"]), "{uri}");
                assert_eq!(hit.params["org"], "acme", "{uri}");
                let permit = hit.permit.expect("a permit");
                let asked = if ["POST", "DELETE"].contains(method) {
                    UPDATE
                } else {
                    READ
                };
                assert!(permit.requirement().is_same(&asked), "{uri}");
                ran += 1;
            }
            assert_eq!(
                canary.hits().len(),
                usize::from(answer.status == 200),
                "{uri}"
            );
            canary.reset();
        }
    }
    // It is not that nothing gets through: a query, an encoded parameter and another host change no route.
    assert!(ran > 100, "{ran}");
}

#[tokio::test]
async fn an_encoded_parameter_is_the_org_that_it_decodes_to_and_an_encoded_word_is_no_route() {
    let canary = Canary::default();
    let router = router(&canary);
    for (path, org) in [
        ("/orgs/%61cme/chats", "acme"),
        ("/orgs/%67%6c%6f%62%65%78/chats", "globex"),
    ] {
        assert_eq!(ask(&router, "GET", path, "alice").await.status, 200);
        assert_eq!(canary.only().org(), Some(org));
        canary.reset();
    }
    for path in [
        "/%6frgs/acme/chats",
        "/orgs/acme/%63hats",
        "/ORGS/acme/chats",
        "/orgs/acme/Chats",
        "/orgs/acme/chats/",
    ] {
        assert_eq!(
            ask(&router, "GET", path, "alice").await.status,
            404,
            "{path}"
        );
    }
    for path in [
        "/orgs/ACME/chats",
        "/orgs/acme%20/chats",
        "/orgs/%2561cme/chats",
        "/orgs/ac%2fme/chats",
    ] {
        assert_eq!(
            ask(&router, "GET", path, "alice").await.code(),
            Some("not_a_member"),
            "{path}"
        );
    }
    canary.assert_silent();
}
