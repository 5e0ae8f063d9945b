//! What a request behind a requirement asks of the allocator, beside a bare one.

use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use actix_web::http::{Method, StatusCode};
use actix_web::test::init_service;
use actix_web::{App, Error, HttpMessage, HttpRequest, HttpResponse, web};
use allocation_counter::measure;
use futures_util::FutureExt;
use gatepost_actix::{
    DeniedResponse, Gate, Gated, Mode, Org, Owner, PolicyText, Requirement, SourceError, Subject,
    SubjectId,
};

const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"))
    .owner(Owner::Subject);
const ROUTE: &str = "/orgs/{org}/chats";

const POLICY: &str = r#"
version = 1
resources.chat = ["create"]
site.gates.chat = { switch = "opt-out", foreground.floor = "guest" }
site.roles.user.grants = ["chat:*"]
org_roles.guest = { level = 10, grants = [] }
org_roles.developer = { level = 30, grants = ["chat:create"] }
org_roles.low = { level = 1, grants = ["chat:create"] }
orgs.acme.members.alice.roles = ["developer"]
orgs.acme.members.gina.roles = ["guest"]
orgs.acme.members.lou.roles = ["low"]
orgs.dark = { gates.chat.switch = "off", members.alice.roles = ["developer"] }
subjects.alice.site_roles = ["user"]
subjects.gina.site_roles = ["user"]
subjects.lou.site_roles = ["user"]
subjects.mallory.site_roles = ["user"]
subjects.sue.status = "suspended"
"#;

/// Who is refused where, and with which code.
const REFUSED: [(&str, &str, &str); 7] = [
    ("", "acme", "unauthenticated"),
    ("sue", "acme", "subject_suspended"),
    ("nick", "acme", "site_grant_missing"),
    ("mallory", "acme", "not_a_member"),
    ("alice", "dark", "org_off"),
    ("gina", "acme", "org_grant_missing"),
    ("lou", "acme", "mode_floor"),
];

#[allow(clippy::unnecessary_wraps, reason = "the form of a subject source")]
fn who(request: &HttpRequest) -> Result<Option<Subject>, SourceError> {
    Ok(request.extensions().get::<Subject>().cloned())
}

async fn create() -> HttpResponse {
    HttpResponse::new(StatusCode::CREATED)
}

/// A handler that refuses with a body of its own, as long as a refusal.
async fn refuse() -> HttpResponse {
    let body = vec![b'x'; 400];
    (HttpResponse::Forbidden().insert_header((CONTENT_TYPE, "application/problem+json"))).body(body)
}

fn gated() -> Gated {
    let gate = Gate::fixed(PolicyText::toml(POLICY).compile(1).unwrap());
    Gated::new(gate, who)
}

fn request(who: &str, org: &str) -> Request {
    let mut request = Request::new();
    request.head_mut().method = Method::POST;
    request.head_mut().uri = format!("/orgs/{org}/chats").parse().unwrap();
    let browser = "de-AT, de;q=0.9, en;q=0.5".parse().unwrap();
    request.headers_mut().insert(ACCEPT_LANGUAGE, browser);
    if !who.is_empty() {
        let subject = Subject::new(SubjectId::new(who).unwrap());
        request.extensions_mut().insert(subject);
    }
    request
}

/// Allocations of one request behind others of its kind, and what it was answered.
fn asked<B: MessageBody>(
    app: &impl Service<Request, Response = ServiceResponse<B>, Error = Error>,
    who: &str,
    org: &str,
) -> (u64, ServiceResponse<B>) {
    let mut answered = None;
    let mut count = 0;
    for _ in 0..3 {
        drop(answered.take());
        let request = request(who, org);
        let info = measure(|| answered = app.call(request).now_or_never());
        count = info.count_total;
    }
    (count, answered.unwrap().unwrap())
}

#[actix_web::test]
async fn a_refused_request_allocates_a_few_times_more_than_a_handler_that_refuses() {
    let bare = web::resource(ROUTE).route(web::post().to(refuse));
    let bare = init_service(App::new().service(bare)).await;
    for requirement in [CREATE, CREATE.hidden()] {
        let resource = gated().resource(ROUTE).post(requirement, create);
        let app = init_service(App::new().service(resource)).await;
        for (who, org, code) in REFUSED {
            let (bare, _) = asked(&bare, who, org);
            let (gated, response) = asked(&app, who, org);
            // The denial, and what shows it to middleware around the route.
            assert!(gated <= bare + 3, "{code}: {gated} beside {bare}");
            let extensions = response.response().extensions();
            let shown = extensions.get::<DeniedResponse>().unwrap();
            assert_eq!(shown.0.code().as_str(), code);
        }
    }
}

#[actix_web::test]
async fn an_admitted_request_allocates_once_for_its_permit() {
    let bare = web::resource(ROUTE).route(web::post().to(create));
    let bare = init_service(App::new().service(bare)).await;
    let resource = gated().resource(ROUTE).post(CREATE, create);
    let app = init_service(App::new().service(resource)).await;
    let (bare, _) = asked(&bare, "alice", "acme");
    let (gated, response) = asked(&app, "alice", "acme");
    assert_eq!(response.status(), StatusCode::CREATED);
    assert!(gated <= bare + 1, "{gated} beside {bare}");
}
