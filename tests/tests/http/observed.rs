//! Who is told of decisions: each once, in words that no client chose, and without a say in any answer (A83).

mod journal;

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::Arc;

use actix_web::dev::Service;
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse, web};
use gatepost::{Gate, Org, Requirement};
use gatepost_axum::{Decided, Observer};
use tower::ServiceExt;

use crate::calls;
use crate::served::actix::{authenticate, who};
use crate::served::{Adapter, Canary, Served, Told};
use crate::service::{POLICY, facts};
use crate::table::{Client, Post, Protocol, Row, Table, policy, routes};

/// An observer with a bug.
#[derive(Debug)]
struct Panics;

impl Observer for Panics {
    fn decided(&self, decided: &Decided<'_>) {
        resume_unwind(Box::new(format!("a bug: {decided:?}")));
    }
}

/// A service, and who asks it.
struct Asked {
    client: Client,
    canary: Canary,
}

impl Asked {
    async fn start(adapter: Option<Adapter>, observers: Vec<Arc<dyn Observer>>) -> Self {
        let (gate, feed) = Gate::channel();
        let routes = adapter.map(|_| routes()).unwrap_or_default();
        let mut served = Served::new(gate, routes);
        served.observers = observers;
        let canary = served.canary.clone();
        let client = match adapter {
            Some(adapter) => Client::new(Protocol::H1, served.on(adapter).await),
            None => Client::new(Protocol::H2, calls::serve(served).await),
        };
        assert!(feed.publish(policy()));
        Self { client, canary }
    }
}

fn rows() -> impl Iterator<Item = Row> {
    let rows = Table::load().rows.into_iter();
    rows.filter(|row| row.gate == Post::Manned && row.fits(Protocol::H1))
}

#[tokio::test]
async fn each_decision_is_told_once_in_words_that_no_client_chose() {
    let paths: BTreeSet<_> = routes().iter().map(|route| route.path).collect();
    for adapter in [Adapter::Axum, Adapter::Actix] {
        let told = Told::default();
        let mut asked = Asked::start(Some(adapter), vec![Arc::new(told.clone())]).await;
        let mut many = 0;
        for row in rows() {
            let reply = asked.client.ask(&row, &row.method).await;
            let runs = asked.canary.take();
            let expect = row.expected_of(adapter);
            let is_decided = expect.code.is_some()
                || expect.hidden
                || expect.ran.is_some_and(|ran| ran.subject.is_some());
            let lines = told.take();
            if !is_decided {
                assert!(lines.len() <= 1, "{row}: {lines:#?}");
                continue;
            }
            // A handler on the wrong route is refused behind an allow, and says so itself.
            let [line] = &*lines else {
                panic!("{adapter:?} {row}: {lines:#?}");
            };
            many += 1;
            assert!(line.enforced);
            assert_eq!(line.method, row.method, "{row}");
            let path = line.path.as_deref();
            assert!(
                path.is_some_and(|path| paths.contains(path)),
                "{row} {path:?}"
            );
            let is_mistaken = expect.code.as_deref() == Some("permit_missing");
            let is_missing = line.outcome == "allow" && runs.is_empty();
            if !expect.hidden && !is_mistaken {
                assert_eq!(line.code, expect.code.as_deref(), "{row}");
            }
            assert_eq!(
                line.outcome == "allow",
                !runs.is_empty() || is_missing,
                "{row}"
            );
            let of_nobody = ["bad_request", "policy_unavailable"];
            let is_of_nobody = line.code.is_some_and(|code| of_nobody.contains(&code));
            assert!(line.version == Some(11) || is_of_nobody, "{row}: {line:?}");
            if let Some(code) = reply.and_then(|reply| reply.code())
                && !is_mistaken
            {
                assert_eq!(line.code, Some(&*code), "{row}");
            }
        }
        assert!(many > 300, "{many}");
    }
}

#[tokio::test]
async fn a83_an_observer_that_panics_changes_no_answer_and_the_next_one_is_told() {
    for adapter in [Some(Adapter::Axum), Some(Adapter::Actix), None] {
        let told = Told::default();
        let observers: Vec<Arc<dyn Observer>> = vec![Arc::new(Panics), Arc::new(told.clone())];
        let mut unseen = Asked::start(adapter, Vec::new()).await;
        let mut seen = Asked::start(adapter, observers).await;
        let rows: Vec<Row> = match adapter {
            Some(_) => rows().step_by(3).collect(),
            None => calls::all(),
        };
        let mut many = 0;
        for row in rows {
            let answers = [
                unseen.client.ask(&row, &row.method).await,
                seen.client.ask(&row, &row.method).await,
            ];
            let [one, other] = answers.map(|reply| {
                reply.map(|reply| match adapter {
                    Some(_) => format!("{:?}", reply.normalised()),
                    None => format!(
                        "{} {:?} {:?}",
                        reply.status,
                        reply.body,
                        calls::told(&reply)
                    ),
                })
            });
            assert_eq!(one, other, "{adapter:?} {row}");
            let (one, other) = (unseen.canary.take(), seen.canary.take());
            assert_eq!(one, other, "{adapter:?} {row}");
            let lines = told.take();
            assert!(lines.len() <= 1, "{adapter:?} {row}");
            many += lines.len();
        }
        assert!(many > 60, "{many}");
    }
}

#[tokio::test]
async fn a83_a_panic_before_there_is_a_subject_is_told_once_as_an_error() {
    let told = Told::default();
    let gate = Gate::fixed(facts(POLICY));
    let read = Requirement::new("chat", "read").org(Org::path("org"));
    let who = |_: &http::request::Parts| resume_unwind(Box::new("a bug of the service"));
    let gated = gatepost_axum::Gated::new(gate, who).observe(Arc::new(told.clone()));
    let gated = gated.get("/orgs/{org}/chats", read, async || "ran");
    let request = http::Request::get("/orgs/acme/chats").body(axum::body::Body::empty());
    let router = gated.into_router().unwrap();
    let reply = router.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(reply.status(), 503);
    let line = told.only();
    assert_eq!(
        (line.outcome, line.code),
        ("error", Some("policy_unavailable"))
    );
    assert_eq!(line.path.as_deref(), Some("/orgs/{org}/chats"));
}

/// Around a scope each method comes to the requirement, and each path, be there a handler for it or none.
#[tokio::test]
async fn a_method_or_path_that_a_client_made_up_is_told_to_nobody() {
    let told = Told::default();
    let gated = gatepost_actix::Gated::new(Gate::fixed(facts(POLICY)), who);
    let gated = gated.observe(Arc::new(told.clone()));
    let read = Requirement::new("chat", "read").org(Org::path("org"));
    let routes = gated.routes(move |app, gate| {
        let scope = gate.scope("/orgs/{org}", read);
        app.service(scope.route("/chats", web::to(HttpResponse::Ok)));
    });
    let app = App::new().configure(&*routes.unwrap());
    let app = app.wrap_fn(|request, service| {
        authenticate(&request);
        service.call(request)
    });
    let app = init_service(app).await;
    for (method, expected) in [
        ("GET", "GET"),
        ("PATCH", "PATCH"),
        ("BREW", "OTHER"),
        ("get", "OTHER"),
        ("X-0123456789", "OTHER"),
        ("PROPFIND", "OTHER"),
    ] {
        for path in ["/orgs/acme/chats", "/orgs/acme/0f3a/secret"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let request = TestRequest::with_uri(path).method(method);
            let request = request.insert_header(("authorization", "Bearer alice"));
            // Whether there is a handler is not what this is about.
            let _ = app.call(request.to_request()).await;
            let line = told.only();
            assert_eq!((line.method, line.outcome), (expected, "allow"), "{path}");
            let pattern = line.path.unwrap_or_default();
            assert!(
                !pattern.contains("acme") && !pattern.contains("0f3a"),
                "{pattern}"
            );
        }
    }
}
