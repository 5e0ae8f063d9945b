//! What the tests share: a policy, a generated service that tells what it was called with, and a call.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use gatepost_tonic::{
    Admitted, Denial, EntityKey, EntityLoader, Gate, Gated, Loaded, Org, OrgId, Owner, Permit,
    PolicyText, Requirement, SourceError, Subject, SubjectId,
};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::BoxStream;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_types::{ErrorInfo, StatusExt};
use tower::{Service, ServiceExt};

pub(crate) const BY_MESSAGE: Requirement =
    Requirement::new("chat", "read").org(Org::body(32, service));
pub(crate) const BY_METADATA: Requirement =
    Requirement::new("chat", "read").org(Org::header("x-org"));
pub(crate) const SITE_WIDE: Requirement = Requirement::new("chat", "read").org(Org::none());
/// Of a chat that the message names.
pub(crate) const UPDATE: Requirement = Requirement::new("chat", "update")
    .org(Org::header("x-org"))
    .owner(Owner::LoadedByBody { limit: 32 })
    .hidden();

pub(crate) const CHECK: &str = "/grpc.health.v1.Health/Check";
pub(crate) const WATCH: &str = "/grpc.health.v1.Health/Watch";

/// Alice reads and updates in acme, and otto there what is his own; the site is open to both.
const POLICY: &str = r#"
version = 1
[resources]
agent = ["execute"]
agent-planner = ["execute"]
chat = ["read", "update"]
run = ["read"]
[site.gates.chat]
switch = "on"
access = "everyone"
[site.roles.everything]
grants = ["chat:*"]
[org_roles.author]
level = 10
grants = ["chat:*@own"]
[org_roles.developer]
level = 30
grants = ["chat:*"]
[orgs.acme.members.alice]
roles = ["developer"]
[orgs.acme.members.otto]
roles = ["author"]
[orgs.globex]
[subjects.alice]
site_roles = ["everything"]
"#;

pub(crate) fn gate() -> Gate {
    Gate::fixed(PolicyText::toml(POLICY).compile(1).unwrap())
}

pub(crate) fn gated() -> Gated {
    Gated::new(gate(), who).loader("chat", Chats)
}

#[allow(clippy::unnecessary_wraps, reason = "the shape of a `FindSubject`")]
pub(crate) fn who(request: &http::request::Parts) -> Result<Option<Subject>, SourceError> {
    let named = request.headers.get("x-subject");
    let id = named.map(|name| SubjectId::new(name.to_str().unwrap()).unwrap());
    Ok(id.map(Subject::new))
}

pub(crate) fn service(message: &[u8]) -> Result<Option<String>, Denial> {
    let request: HealthCheckRequest = gatepost_tonic::message(message)?;
    Ok((!request.service.is_empty()).then_some(request.service))
}

/// Acme has one chat, `otto's`.
struct Chats;

#[async_trait]
impl EntityLoader for Chats {
    type Entity = String;

    async fn load(&self, key: EntityKey<'_>) -> Result<Option<Loaded<String>>, SourceError> {
        let named = service(key.body()).map_err(|_| SourceError::bad_request("no chat"))?;
        let acme = OrgId::new("acme").unwrap();
        Ok(named
            .filter(|name| name == "otto's")
            .map(|name| Loaded::in_org(acme, name).owned_by(SubjectId::new("otto").unwrap())))
    }
}

type Does = fn(&tonic::Request<HealthCheckRequest>) -> Result<(), Status>;

/// Remembers the calls that reached it.
#[derive(Clone)]
pub(crate) struct Reached {
    pub(crate) calls: Arc<Mutex<Vec<String>>>,
    does: Does,
}

impl Reached {
    pub(crate) fn new() -> Self {
        Self::doing(|request| request.permit().map(drop))
    }

    pub(crate) fn doing(does: Does) -> Self {
        Self {
            calls: Arc::default(),
            does,
        }
    }

    pub(crate) fn server(&self) -> HealthServer<Self> {
        HealthServer::new(self.clone())
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    fn called(&self, request: &tonic::Request<HealthCheckRequest>) -> Result<(), Status> {
        let message = &request.get_ref().service;
        self.calls.lock().unwrap().push(message.clone());
        (self.does)(request)
    }
}

#[tonic::async_trait]
impl Health for Reached {
    type WatchStream = BoxStream<HealthCheckResponse>;

    async fn check(
        &self,
        request: tonic::Request<HealthCheckRequest>,
    ) -> Result<tonic::Response<HealthCheckResponse>, Status> {
        self.called(&request)?;
        Ok(tonic::Response::new(HealthCheckResponse { status: 1 }))
    }

    async fn watch(
        &self,
        request: tonic::Request<HealthCheckRequest>,
    ) -> Result<tonic::Response<Self::WatchStream>, Status> {
        self.called(&request)?;
        let answers = [1, 2, 3].map(|status| Ok(HealthCheckResponse { status }));
        Ok(tonic::Response::new(Box::pin(
            tonic::codegen::tokio_stream::iter(answers),
        )))
    }
}

/// A framed message that names this in its field `service`.
pub(crate) fn framed(service: &str) -> Vec<u8> {
    let length = u8::try_from(service.len()).unwrap();
    let mut framed = vec![0, 0, 0, 0, length + 2, 0x0a, length];
    framed.extend_from_slice(service.as_bytes());
    framed
}

pub(crate) fn call(path: &str, subject: &str, org: &str, body: impl Into<Bytes>) -> Request<Body> {
    let mut request = Request::post(path).header("content-type", "application/grpc");
    for (name, value) in [("x-subject", subject), ("x-org", org)] {
        if !value.is_empty() {
            request = request.header(name, value);
        }
    }
    let body = Full::new(body.into()).map_err(|never: Infallible| match never {});
    request.body(Body::new(body)).unwrap()
}

/// An answer, all of it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) extensions: http::Extensions,
    pub(crate) body: Bytes,
    pub(crate) status: Status,
}

impl Answer {
    pub(crate) fn info(&self) -> ErrorInfo {
        self.status.get_details_error_info().unwrap()
    }
}

pub(crate) async fn ask<S>(service: S, request: Request<Body>) -> Answer
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/grpc");
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap();
    let said = Status::from_header_map(&head.headers);
    let said = said.or_else(|| Status::from_header_map(body.trailers()?));
    Answer {
        status: said.unwrap(),
        headers: head.headers,
        extensions: head.extensions,
        body: body.to_bytes(),
    }
}

/// Somebody's permit, to be taken where it does not belong.
pub(crate) async fn a_permit() -> Permit {
    let kept: Arc<Mutex<Option<Permit>>> = Arc::default();
    let seen = kept.clone();
    let keep = Keep(move |permit| *seen.lock().unwrap() = Some(permit));
    let service = gated().method("Check", BY_METADATA).service(keep).unwrap();
    ask(service, call(CHECK, "alice", "acme", framed("x"))).await;
    kept.lock().unwrap().take().unwrap()
}

#[derive(Clone)]
struct Keep<F>(F);

impl<F> tonic::server::NamedService for Keep<F> {
    const NAME: &'static str = "grpc.health.v1.Health";
}

impl<F: FnMut(Permit)> Service<Request<Body>> for Keep<F> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        (self.0)(request.extensions().get::<Permit>().unwrap().clone());
        std::future::ready(Ok(Status::ok("").into_http()))
    }
}
