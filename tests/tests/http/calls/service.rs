//! The service `gatepost.test.Table`, as `tonic-prost-build` would have generated it, behind its gate.

use std::convert::Infallible;
use std::future::ready;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream;
use gatepost_tonic::{
    Admitted, Denial, Gated, Mode, Org, Owner, Requirement, SourceError, Subject,
};
use http::header::AUTHORIZATION;
use http::request::Parts;
use prost::Message;
use serde::Deserialize;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

use crate::served::{Canary, Chat, Ran, Served, equipped, identity};

pub(super) const NAME: &str = "gatepost.test.Table";

/// The one message of all methods, and of all answers.
#[derive(Clone, PartialEq, Message, Deserialize)]
pub(crate) struct Note {
    #[prost(string, tag = "1")]
    pub(crate) org: String,
    #[prost(string, tag = "2")]
    pub(crate) text: String,
}

impl Note {
    /// As it goes onto the wire.
    pub(crate) fn framed(&self) -> Vec<u8> {
        let message = self.encode_to_vec();
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&[0], &length[..], &message].concat()
    }
}

/// A method of the service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Method {
    pub(super) name: &'static str,
    /// What it answers by: that of its twin, where it has one.
    route: &'static str,
    stands: Stands,
}

/// What stands in front of a method.
#[derive(Clone, Copy, Debug)]
enum Stands {
    Requirement(Requirement),
    /// A requirement that loads an object, and the method takes it.
    Entity(Requirement),
    /// A requirement, and the method answers with a stream.
    Streaming(Requirement),
    Public,
    /// Nobody told the gate of it.
    Forgotten,
}

const READ: Requirement = Requirement::new("note", "read");
const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .owner(Owner::Subject);
const METADATA: Org = Org::header("x-org");
const MESSAGE: Org = Org::body(256, org);
const CHAT_NAMED: Owner = Owner::LoadedByBody { limit: 64 };

fn org(message: &[u8]) -> Result<Option<String>, Denial> {
    let Note { org, .. } = gatepost_tonic::message(message)?;
    Ok((!org.is_empty()).then_some(org))
}

fn mode(message: &[u8]) -> Option<Mode> {
    let Note { text, .. } = gatepost_tonic::message(message).ok()?;
    (text == "wait").then_some(Mode::Foreground)
}

pub(super) const METHODS: &[Method] = &[
    required("ReadNote", "by-header", READ.org(METADATA)),
    required(
        "ReadNoteHidden",
        "by-header-hidden",
        READ.org(METADATA).hidden(),
    ),
    required(
        "UpdateKilled",
        "killed-by-header",
        Requirement::new("killed", "update").org(METADATA),
    ),
    required(
        "ReadNoteByHost",
        "by-host",
        READ.org(Org::host_under("chats.test")),
    ),
    required("ReadNoteByBoth", "by-both", READ.org(METADATA.and(MESSAGE))),
    required("CreateByMessage", "create-by-body", CREATE.org(MESSAGE)),
    required(
        "UpdateKilledByMessage",
        "killed-by-body",
        Requirement::new("killed", "update").org(MESSAGE),
    ),
    required(
        "RunByMessage",
        "run-by-body",
        Requirement::new("agent", "execute")
            .org(MESSAGE)
            .mode_from_body(64, mode),
    ),
    required("CreateMine", "create-mine", CREATE.org(Org::default_org())),
    required(
        "QueueMine",
        "queue-mine",
        Requirement::new("agent", "execute")
            .org(Org::default_org())
            .mode(Mode::Background),
    ),
    required(
        "CreateSiteWide",
        "create-site-wide",
        CREATE.org(Org::none()),
    ),
    required(
        "ReadSiteWide",
        "read-site-wide",
        Requirement::new("chat", "read").org(Org::none()),
    ),
    Method {
        name: "UpdateChat",
        route: "update",
        stands: Stands::Entity(
            Requirement::new("chat", "delete")
                .org(METADATA)
                .owner(CHAT_NAMED)
                .hidden(),
        ),
    },
    Method {
        name: "ReadChatByEntity",
        route: "by-entity",
        stands: Stands::Entity(
            Requirement::new("chat", "read")
                .org(Org::entity())
                .owner(CHAT_NAMED),
        ),
    },
    Method {
        name: "WatchNotes",
        route: "watch",
        stands: Stands::Streaming(READ.org(MESSAGE)),
    },
    Method {
        name: "Health",
        route: "healthz",
        stands: Stands::Public,
    },
    Method {
        name: "Forgotten",
        route: "forgotten",
        stands: Stands::Forgotten,
    },
];

const fn required(name: &'static str, route: &'static str, requirement: Requirement) -> Method {
    Method {
        name,
        route,
        stands: Stands::Requirement(requirement),
    }
}

/// Serves it on a free port of the loopback address.
pub(crate) async fn serve(served: Served) -> SocketAddr {
    let gated = Gated::new(served.gate.clone(), who).loader("chat", served.chats);
    let gated = equipped!(gated, served);
    let reports = served.reports;
    let gated = METHODS
        .iter()
        .fold(gated, |gated, method| match method.stands {
            Stands::Requirement(requirement)
            | Stands::Entity(requirement)
            | Stands::Streaming(requirement) => gated.method(method.name, reports.of(requirement)),
            Stands::Public => gated.public(method.name, "a probe has no identity"),
            Stands::Forgotten => gated,
        });
    let service = gated
        .service(Methods(served.canary, reports.passes))
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let serving = Server::builder().add_service(service);
    tokio::spawn(async { serving.serve_with_incoming(incoming).await.unwrap() });
    address
}

fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    let given = request.headers.get_all(AUTHORIZATION).iter();
    identity::read(given.map(http::HeaderValue::as_bytes)).subject()
}

/// What the methods do: note that they ran, under a permit or a passage.
#[derive(Clone)]
struct Methods(Canary, bool);

impl NamedService for Methods {
    const NAME: &'static str = NAME;
}

impl Service<http::Request<Body>> for Methods {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let Self(canary, passes) = self.clone();
        Box::pin(async move {
            let name = request.uri().path().rsplit('/').next().unwrap_or_default();
            let Some(method) = METHODS.iter().find(|method| method.name == name) else {
                return Ok(Status::unimplemented("").into_http());
            };
            let run = move |request| method.run(&canary, passes, request);
            let mut grpc = Grpc::new(ProstCodec::<Note, Note>::default());
            Ok(if matches!(method.stands, Stands::Streaming(_)) {
                let run = service_fn(move |request| {
                    let stream = |note: Note| Response::new(stream::iter([Ok(note)]));
                    ready(run(request).map(stream))
                });
                grpc.server_streaming(run, request).await
            } else {
                let run = service_fn(move |request| ready(run(request).map(Response::new)));
                grpc.unary(run, request).await
            })
        })
    }
}

impl Method {
    pub(super) fn requirement(&self) -> Option<Requirement> {
        match self.stands {
            Stands::Requirement(requirement)
            | Stands::Entity(requirement)
            | Stands::Streaming(requirement) => Some(requirement),
            Stands::Public | Stands::Forgotten => None,
        }
    }

    fn run(&self, canary: &Canary, passes: bool, request: Request<Note>) -> Result<Note, Status> {
        let under = |entity: Option<&str>| -> Result<Ran, Status> {
            Ok(if passes {
                Ran::passed(self.route, &request.passage()?, entity)
            } else {
                Ran::under(self.route, &request.permit()?, entity)
            })
        };
        let ran = match self.stands {
            Stands::Public | Stands::Forgotten => Ran::public(self.route),
            Stands::Requirement(_) | Stands::Streaming(_) => under(None)?,
            Stands::Entity(_) => under(Some(request.entity::<Chat>()?.0))?,
        };
        let running = canary.begin(ran, None);
        let answer = canary.end(running, request.into_inner().encode_to_vec());
        Ok(Note {
            org: String::new(),
            text: String::from_utf8(answer).unwrap(),
        })
    }
}
