//! What a request behind a requirement asks of the allocator, beside a bare one.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use allocation_counter::measure;
use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::FutureExt;
use gatepost_axum::{Gate, Gated, Mode, Org, Owner, PolicyText, Requirement};
use http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use http::{Request, StatusCode};
use tower::ServiceExt;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

use crate::fixture::who;

const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"))
    .owner(Owner::Subject);
const ROUTE: &str = "/orgs/{org}/chats";

/// Of whoever asks, `alice` is let in; each other one is refused by another check.
const POLICY: &str = r#"
version = 1
resources.chat = ["create"]
site.gates.chat = { switch = "opt-out", foreground.floor = "guest" }
site.roles.user.grants = ["chat:*"]
site.roles.banned.grants = ["!chat:*"]
org_roles.guest = { level = 10, grants = [] }
org_roles.developer = { level = 30, grants = ["chat:create"] }
org_roles.low = { level = 1, grants = ["chat:create"] }
org_roles.barred = { level = 30, grants = ["!chat:create"] }
orgs.acme.members.alice.roles = ["developer"]
orgs.acme.members.gina.roles = ["guest"]
orgs.acme.members.lou.roles = ["low"]
orgs.acme.members.bart.roles = ["barred"]
orgs.dark = { gates.chat.switch = "off", members.alice.roles = ["developer"] }
orgs.gone = { status = "suspended", members.alice.roles = ["developer"] }
subjects.alice.site_roles = ["user"]
subjects.gina.site_roles = ["user"]
subjects.lou.site_roles = ["user"]
subjects.bart.site_roles = ["user"]
subjects.mallory.site_roles = ["user"]
subjects.bob.site_roles = ["user", "banned"]
subjects.sue.status = "suspended"
"#;

/// Who is refused where, and with which code.
const REFUSED: [(&str, &str, &str); 10] = [
    ("", "acme", "unauthenticated"),
    ("sue", "acme", "subject_suspended"),
    ("nick", "acme", "site_grant_missing"),
    ("bob", "acme", "site_denied"),
    ("mallory", "acme", "not_a_member"),
    ("alice", "gone", "org_suspended"),
    ("alice", "dark", "org_off"),
    ("bart", "acme", "org_denied"),
    ("gina", "acme", "org_grant_missing"),
    ("lou", "acme", "mode_floor"),
];

fn gated(requirement: Requirement) -> Router {
    let gate = Gate::fixed(PolicyText::toml(POLICY).compile(1).unwrap());
    let gated = Gated::new(gate, who).post(ROUTE, requirement, async || StatusCode::CREATED);
    gated.into_router().unwrap()
}

/// A handler that refuses with a body of its own, as long as a refusal.
async fn refuse() -> Response {
    let body = vec![b'x'; 400].into_boxed_slice();
    let headers = [(CONTENT_TYPE, "application/problem+json")];
    (StatusCode::FORBIDDEN, headers, Vec::from(body)).into_response()
}

fn bare() -> Router {
    Router::new().route(ROUTE, post(refuse))
}

fn request(who: &str, org: &str) -> Request<Body> {
    let path = format!("/orgs/{org}/chats");
    let mut request = crate::fixture::request("POST", &path, who);
    let browser = "de-AT, de;q=0.9, en;q=0.5".parse().unwrap();
    request.headers_mut().insert(ACCEPT_LANGUAGE, browser);
    request
}

/// Allocations of one request behind others of its kind, and what it was answered.
fn asked(router: &Router, who: &str, org: &str) -> (u64, Response) {
    let mut answered = None;
    let mut count = 0;
    for _ in 0..3 {
        let (router, request) = (router.clone(), request(who, org));
        let info = measure(|| answered = router.oneshot(request).now_or_never());
        count = info.count_total;
    }
    (count, answered.unwrap().unwrap())
}

/// More than the bare handler makes: the denial, and what shows it to layers around the route.
const MOST: u64 = 3;

fn assert_bounded(most: u64) {
    for requirement in [CREATE, CREATE.hidden()] {
        let (router, bare) = (gated(requirement), bare());
        for (who, org, code) in REFUSED {
            let (bare, _) = asked(&bare, who, org);
            let (gated, response) = asked(&router, who, org);
            assert!(gated <= bare + most, "{code}: {gated} beside {bare}");
            let shown = response.extensions().get::<gatepost_axum::DeniedResponse>();
            assert_eq!(shown.unwrap().0.code().as_str(), code);
        }
    }
}

#[test]
fn a_refused_request_allocates_a_few_times_more_than_a_handler_that_refuses() {
    assert_bounded(MOST);
}

#[test]
fn an_admitted_request_allocates_for_its_permit_and_no_more() {
    let admitted = gated(CREATE);
    let open = Router::new().route(ROUTE, post(async || StatusCode::CREATED));
    let (bare, _) = asked(&open, "alice", "acme");
    let (gated, response) = asked(&admitted, "alice", "acme");
    assert_eq!(response.status(), StatusCode::CREATED);
    // Beside the permit, room for it among the extensions where there is none yet.
    assert!(gated <= bare + 3, "{gated} beside {bare}");
}

/// Listens to nothing, or to everything without keeping any of it.
struct Sink {
    listens: bool,
    events: AtomicUsize,
}

struct Skim;

impl Visit for Skim {
    fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
        use fmt::Write;

        struct Nowhere;
        impl Write for Nowhere {
            fn write_str(&mut self, _: &str) -> fmt::Result {
                Ok(())
            }
        }
        write!(Nowhere, "{value:?}").unwrap();
    }
}

impl Subscriber for Sink {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        self.listens
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut Skim);
        self.events.fetch_add(1, Ordering::Relaxed);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn what_nobody_listens_to_allocates_nothing_and_what_is_listened_to_neither() {
    for listens in [false, true] {
        let events = AtomicUsize::new(0);
        let sink = std::sync::Arc::new(Sink { listens, events });
        tracing::subscriber::with_default(sink.clone(), || assert_bounded(MOST));
        assert_eq!(sink.events.load(Ordering::Relaxed) > 0, listens);
    }
}

#[test]
fn a_span_that_declares_no_field_of_a_decision_is_not_looked_up() {
    let spans = tracing_subscriber::registry().with(LevelFilter::OFF);
    tracing::subscriber::with_default(spans, || assert_bounded(MOST));
}
