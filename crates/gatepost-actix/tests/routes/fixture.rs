//! What the tests share: a policy, objects, handlers that tell that they ran, and the whole of an answer.

mod answer;
mod canary;
mod objects;
mod server;

use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::ServiceConfig;
use actix_web::{App, Error, HttpRequest};
use gatepost::Feed;
use gatepost_actix::{
    Gate, Gated, Mode, Org, Owner, PolicyText, Requirement, SourceError, Subject, SubjectId,
};

pub(crate) use answer::{Answer, assert_refused};
pub(crate) use canary::{Canary, Hit};
pub(crate) use objects::{Chat, Chats};
pub(crate) use server::{Reply, Server, Wire, head, until};

pub(crate) const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
pub(crate) const UPDATE: Requirement = Requirement::new("chat", "update").org(Org::path("org"));
pub(crate) const KILLED: Requirement = Requirement::new("killed", "read").org(Org::path("org"));
pub(crate) const SITE_WIDE: Requirement = Requirement::new("chat", "read").org(Org::none());
pub(crate) const READ_OWN: Requirement = READ.owner(Owner::Subject);
pub(crate) const READ_LOADED: Requirement = READ.owner(Owner::Loaded);
/// Reads a body of no more than 64 bytes.
pub(crate) const BY_BODY: Requirement =
    Requirement::new("chat", "update").org(Org::json_within("org", 64));
pub(crate) const RUN: Requirement = Requirement::new("agent", "execute")
    .org(Org::path("org"))
    .mode_from_body(64, mode);

/// Foreground is what says so in so many words.
fn mode(body: &[u8]) -> Option<Mode> {
    assert!(body != b"panic", "the mode function panics");
    (body == b"wait").then_some(Mode::Foreground)
}

/// Alice reads and updates in acme and only reads in globex; gina only reads in acme; otto reads in acme
/// what is his own; root reaches into every org; mallory is nobody anywhere. Some orgs have ids that are
/// easily taken for another, and edna is in those.
pub(crate) const POLICY: &str = r#"
version = 1
[resources]
chat = ["read", "update"]
killed = ["read"]
agent = ["execute"]
[site.gates.chat]
switch = "on"
access = "everyone"
[site.gates.killed]
switch = "off"
[site.gates.agent]
switch = "on"
access = "everyone"
background = { floor = "developer" }
[site.roles.admin]
grants = ["*:*"]
all_orgs = true
[org_roles.guest]
level = 10
grants = ["chat:read", "agent:execute"]
[org_roles.author]
level = 10
grants = ["chat:*@own"]
[org_roles.developer]
level = 30
grants = ["chat:*", "agent:*"]
[orgs.acme.members]
alice = { roles = ["developer"] }
gina = { roles = ["guest"] }
otto = { roles = ["author"] }
cased = { roles = ["Developer", "no-such-role"] }
[orgs.globex.members]
alice = { roles = ["guest"] }
[orgs."a/b".members]
edna = { roles = ["developer"] }
[orgs."a%2Fb".members]
edna = { roles = ["developer"] }
[orgs."a+b".members]
edna = { roles = ["developer"] }
[orgs."a b".members]
edna = { roles = ["developer"] }
[orgs."%".members]
edna = { roles = ["developer"] }
[orgs."\uFFFD".members]
edna = { roles = ["developer"] }
[orgs."..".members]
edna = { roles = ["developer"] }
[subjects.root]
site_roles = ["admin"]
"#;

pub(crate) fn facts() -> gatepost::Snapshot {
    PolicyText::toml(POLICY).compile(4711).unwrap()
}

/// The policy in the given round of switching it off and on: each is newer than the one before.
pub(crate) fn open_facts(round: u64) -> gatepost::Snapshot {
    facts().at_version(5000 + 2 * round)
}

/// The policy of the same round, with its gate for chats switched off.
pub(crate) fn killed_facts(round: u64) -> gatepost::Snapshot {
    let killed = POLICY.replacen("switch = \"on\"", "switch = \"off\"", 1);
    PolicyText::toml(&killed).compile(5001 + 2 * round).unwrap()
}

/// The identity of the tests: whoever bears a name is believed, and nothing else in a request is.
pub(crate) fn who(request: &HttpRequest) -> Result<Option<Subject>, SourceError> {
    let mut given = request.headers().get_all(AUTHORIZATION);
    let (first, second) = (given.next(), given.next());
    match (first.map(|value| value.to_str()), second) {
        (None, _) => Ok(None),
        (Some(Ok("panic")), _) => panic!("the subject source panics"),
        (Some(Ok("store down")), _) => Err(SourceError::unavailable("the sessions are away")),
        (Some(Ok(name)), None) => Ok(SubjectId::new(name).ok().map(Subject::new)),
        _ => Err(SourceError::bad_request("two identities")),
    }
}

pub(crate) fn gated() -> Gated {
    Gated::new(Gate::fixed(facts()), who)
}

/// Gated routes whose policy can be changed.
pub(crate) fn changing() -> (Gated, Feed) {
    let (gate, feed) = Gate::channel();
    feed.publish(facts());
    (Gated::new(gate, who), feed)
}

/// A request by a subject, or by nobody where the id is empty.
pub(crate) fn request(method: &str, path: &str, who: &str) -> TestRequest {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = TestRequest::with_uri(path).method(method);
    if who.is_empty() {
        request
    } else {
        request.insert_header((AUTHORIZATION, who))
    }
}

/// An application of nothing but these routes.
pub(crate) async fn serve(
    routes: impl FnOnce(&mut ServiceConfig),
) -> impl Service<Request, Response = ServiceResponse, Error = Error> {
    init_service(App::new().configure(routes)).await
}

/// The answer to one request.
pub(crate) async fn send<S, B>(app: &S, request: TestRequest) -> Answer
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    Answer::of(app.call(request.to_request()).await.unwrap()).await
}

/// [`send`] for a request without anything special.
pub(crate) async fn ask<S, B>(app: &S, method: &str, path: &str, who: &str) -> Answer
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    send(app, request(method, path, who)).await
}
