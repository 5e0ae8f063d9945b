//! Path parameters: what the requirement reads is what the handler's `web::Path` says.

use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::middleware::{NormalizePath, TrailingSlash};
use actix_web::test::init_service;
use actix_web::web::{ServiceConfig, resource, scope};
use actix_web::{App, Error};

use crate::fixture::{Canary, READ, ask, gated, request, send, serve};

fn routes(canary: &Canary) -> impl FnOnce(&mut ServiceConfig) {
    let gate = gated();
    let run = |name| gate.get(READ, canary.handler(name));
    let one = resource("/one/{org}").route(run("one"));
    let tail = resource("/tail/{org}*").route(run("tail"));
    let pattern = resource("/pattern/{org:[^/]*}/x").route(run("pattern"));
    let several = resource(["/a/{org}", "/b/{org}/more"]).route(run("several"));
    |app| {
        app.service(one)
            .service(tail)
            .service(pattern)
            .service(several);
    }
}

/// What edna may not be told apart by: she develops in each of these orgs.
#[rustfmt::skip]
const ROWS: &[(&str, Result<&str, &str>)] = &[
    // As it stands in the path; the org, or how it is refused.
    ("a%2Fb",       Ok("a/b")),
    ("a%2fb",       Ok("a/b")),
    ("%61%2F%62",   Ok("a/b")),
    ("a%252Fb",     Ok("a%2Fb")),
    ("a%25%32Fb",   Ok("a%2Fb")),
    ("a%252fb",     Err("not_a_member")),
    ("a%25252Fb",   Err("not_a_member")),
    ("a+b",         Ok("a+b")),
    ("a%2Bb",       Ok("a+b")),
    ("a%2bb",       Ok("a+b")),
    ("a%20b",       Ok("a b")),
    ("a%252Bb",     Err("not_a_member")),
    ("%25",         Ok("%")),
    ("%2525",       Err("not_a_member")),
    ("%EF%BF%BD",   Ok("\u{fffd}")),
    ("%ef%bf%bd",   Ok("\u{fffd}")),
    ("%2e%2e",      Ok("..")),
    (".%2E",        Ok("..")),
    // These decode to U+FFFD where a decoder replaces what is not UTF-8.
    ("%FF",         Err("bad_request")),
    ("%ff",         Err("bad_request")),
    ("%EF%BF",      Err("bad_request")),
    ("%C0%AF",      Err("bad_request")),
    ("%ED%A0%80",   Err("bad_request")),
    // Broken escapes; the third becomes one when it is decoded twice.
    ("%",           Err("bad_request")),
    ("%zz",         Err("bad_request")),
    ("%2%35",       Err("bad_request")),
    ("%%32%35",     Err("bad_request")),
    ("a%2",         Err("bad_request")),
    ("%25%",        Err("bad_request")),
    // No ids.
    ("a%00",        Err("bad_request")),
    ("a%0d%0a",     Err("bad_request")),
    ("a%7F",        Err("bad_request")),
];

#[actix_web::test]
async fn a22_an_org_is_what_its_path_decodes_to_once() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    for (written, org) in ROWS {
        for path in [
            format!("/one/{written}"),
            format!("/tail/{written}"),
            format!("/pattern/{written}/x"),
            format!("/a/{written}"),
            format!("/b/{written}/more"),
        ] {
            let answer = ask(&app, "GET", &path, "edna").await;
            match org {
                Ok(org) => {
                    assert_eq!(answer.status, 200, "{path}: {}", answer.said());
                    let hit = canary.only();
                    assert_eq!((hit.org(), &*hit.params["org"]), (Some(*org), *org));
                }
                Err(code) => assert_eq!(answer.code(), Some(*code), "{path}"),
            }
        }
    }
    canary.assert_silent();
}

#[actix_web::test]
async fn a22_a_path_without_an_org_is_no_route_or_no_id() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    for (path, status) in [
        ("/one/", 404),
        ("/one//", 404),
        ("/pattern//x", 400),
        ("/tail/", 400),
    ] {
        assert_eq!(
            ask(&app, "GET", path, "edna").await.status,
            status,
            "{path}"
        );
    }
    let huge = format!("/one/{}", "a".repeat(256));
    let answer = ask(&app, "GET", &huge, "edna").await;
    assert_eq!(answer.code(), Some("bad_request"));
    canary.assert_silent();
}

#[test]
fn a21_a_path_that_names_an_org_twice_is_refused() {
    let refused = gated().routes(|app, gate| {
        let inner = gate.resource("/{org}").get(READ, || async { "twice" });
        app.service(scope("/twice/{org}").service(inner));
    });
    let why = refused.err().unwrap().to_string();
    assert!(why.contains("/twice/{org}/{org}"), "{why}");
}

#[actix_web::test]
async fn a_tail_is_decided_whole() {
    let canary = Canary::default();
    let app = serve(routes(&canary)).await;
    assert_eq!(ask(&app, "GET", "/tail/a/b", "edna").await.status, 200);
    let hit = canary.only();
    assert_eq!((hit.org(), &*hit.params["org"]), (Some("a/b"), "a/b"));
    for path in ["/tail/a/b/", "/tail//a/b", "/tail/acme/b", "/tail/a/b/c"] {
        let answer = ask(&app, "GET", path, "edna").await;
        assert_eq!(answer.code(), Some("not_a_member"), "{path}");
    }
    canary.assert_silent();
}

/// Runs bent paths past routes that middleware normalises the paths of.
async fn walk<S, B>(app: &S, canary: &Canary, inside: bool)
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let mut ran = 0;
    for path in [
        "/orgs/acme/chats",
        "/orgs/acme/chats/",
        "/orgs/acme//chats",
        "/orgs/%61cme//chats//",
        "//orgs//acme//chats",
        "/orgs//acme/chats",
        "/orgs/acme/.//chats",
        "/orgs/acme/..//chats",
        "/orgs/%2F//chats",
        "/orgs/acme%2F%2F/chats",
    ] {
        for who in ["", "mallory"] {
            let answer = ask(app, "GET", path, who).await;
            assert_ne!(answer.status, 200, "{path}");
            canary.assert_silent();
        }
        let answer = ask(app, "GET", path, "alice").await;
        if answer.status == 200 {
            let hit = canary.only();
            assert_eq!((hit.org(), &*hit.params["org"]), (Some("acme"), "acme"));
            ran += 1;
        }
    }
    assert!(ran >= if inside { 2 } else { 4 }, "{ran}");
}

#[actix_web::test]
async fn a_path_that_middleware_normalises_is_decided_as_the_handler_gets_it() {
    let canary = Canary::default();
    for inside in [false, true] {
        for slash in [
            TrailingSlash::Trim,
            TrailingSlash::Always,
            TrailingSlash::MergeOnly,
        ] {
            let end = if matches!(slash, TrailingSlash::Always) {
                "/"
            } else {
                ""
            };
            let inner = scope("/orgs/{org}").service(
                resource(format!("/chats{end}")).route(gated().get(READ, canary.handler("list"))),
            );
            let normalise = || NormalizePath::new(slash);
            if inside {
                let app = init_service(App::new().service(inner.wrap(normalise()))).await;
                walk(&app, &canary, true).await;
            } else {
                let app = init_service(App::new().wrap(normalise()).service(inner)).await;
                walk(&app, &canary, false).await;
            }
        }
    }
}

#[actix_web::test]
async fn a_path_that_middleware_puts_in_the_requests_place_is_the_one_that_is_read() {
    let canary = Canary::default();
    let app = App::new()
        .configure(routes(&canary))
        .wrap_fn(|mut request, next| {
            let routed = request.headers().get("x-routed").unwrap();
            let routed = routed.to_str().unwrap().parse().unwrap();
            request.match_info_mut().get_mut().update(&routed);
            next.call(request)
        });
    let app = init_service(app).await;
    for (asked, routed, said) in [
        ("/one/%25", "/one/%EF%BF%BD", "200"),
        ("/one/%25", "/one/%ff", "bad_request"),
        ("/one/%ff", "/one/%25", "200"),
    ] {
        let asked = request("GET", asked, "edna").insert_header(("x-routed", routed));
        assert_eq!(send(&app, asked).await.said(), said, "{routed}");
    }
    let orgs = canary.hits();
    let orgs: Vec<_> = orgs
        .iter()
        .map(|hit| (hit.org(), &*hit.params["org"]))
        .collect();
    assert_eq!(orgs, [(Some("\u{fffd}"), "\u{fffd}"), (Some("%"), "%")]);
}
