//! The service on tonic, and a client of it that can tell how a call ends.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use gatepost::{Gate, Org, Owner, Requirement};
use gatepost_tonic::{Gated, Severable, TrustedProxy};
use h2::{RecvStream, SendStream};
use http::HeaderMap;
use tokio::net::{TcpListener, TcpStream};
use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;
use tower::{Service, service_fn};

use super::rig::{Notes, Rig};
use super::routes::Stuck;
use crate::calls::Note;
use crate::service::within;

const NAME: &str = "gatepost.test.Bound";
const READ: Requirement = Requirement::new("chat", "read").org(Org::header("x-org"));

const LOADED: Owner = Owner::LoadedByBody { limit: 64 };

/// Serves it on a free port of the loopback address.
pub(super) async fn serve(gate: Gate, notes: Notes) -> SocketAddr {
    let who = TrustedProxy::new("x-user", ["127.0.0.1"]).unwrap();
    let service = Gated::new(gate, who)
        .loader("chat", Stuck(notes.clone()))
        .method("Watch", READ.bound())
        .method("Hidden", READ.bound().hidden())
        .method("Free", READ)
        .method("Flood", READ.bound())
        .method("Wait", READ.bound())
        .method("Stuck", READ.bound().owner(LOADED))
        .method("Upload", READ.bound())
        .method("Detached", READ.bound())
        .service(Methods(notes))
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let serving = Server::builder().add_service(service);
    let incoming = incoming.map_ok(Severable::new);
    tokio::spawn(async { serving.serve_with_incoming(incoming).await.unwrap() });
    address
}

#[derive(Clone)]
struct Methods(Notes);

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
        let notes = self.0.clone();
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<Note, Note>::default());
            let name = request.uri().path().rsplit('/').next().unwrap().to_owned();
            let notes = &notes;
            Ok(match &*name {
                "Wait" => {
                    let wait = service_fn(|_: Request<Note>| async {
                        let _alive = notes.begin();
                        pending::<Result<Response<Note>, Status>>().await
                    });
                    grpc.unary(wait, request).await
                }
                "Upload" => {
                    let upload = service_fn(|request: Request<Streaming<Note>>| async {
                        let _alive = notes.begin();
                        read(notes, request.into_inner()).await;
                        Ok(Response::new(Note::default()))
                    });
                    grpc.client_streaming(upload, request).await
                }
                "Detached" => {
                    let detached = service_fn(|request: Request<Streaming<Note>>| async {
                        let (alive, notes) = (notes.begin(), notes.clone());
                        tokio::spawn(async move {
                            read(&notes, request.into_inner()).await;
                            drop(alive);
                        });
                        Ok(Response::new(Note::default()))
                    });
                    grpc.client_streaming(detached, request).await
                }
                name => {
                    let size = if name == "Flood" { 64 * 1024 } else { 4 };
                    let watch = service_fn(|_: Request<Note>| async {
                        Ok(Response::new(notes_of(notes.clone(), size)))
                    });
                    grpc.server_streaming(watch, request).await
                }
            })
        })
    }
}

/// Small ones come every few milliseconds, large ones as fast as they are taken.
fn notes_of(
    notes: Notes,
    size: usize,
) -> impl Stream<Item = Result<Note, Status>> + Send + 'static {
    let alive = notes.begin();
    let note = Note {
        org: String::new(),
        text: "x".repeat(size),
    };
    stream::repeat(note).then(move |note| {
        let _ = &alive;
        notes.sends();
        async move {
            if size < 64 {
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            Ok(note)
        }
    })
}

async fn read(notes: &Notes, mut messages: Streaming<Note>) {
    loop {
        match messages.message().await {
            Ok(Some(note)) => notes.reads(note.text),
            Ok(None) => return notes.reads("end"),
            Err(status) => return notes.reads(format!("{:?}", status.code())),
        }
    }
}

/// A call that is under way.
pub(super) struct Call {
    pub(super) messages: SendStream<Bytes>,
    answer: h2::client::ResponseFuture,
}

/// How a call ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// Where it ended as gRPC does.
    pub(super) status: Option<Status>,
    pub(super) data: usize,
}

pub(super) fn message(text: &str) -> Bytes {
    let (org, text) = (String::new(), text.to_owned());
    Note { org, text }.framed().into()
}

impl Call {
    pub(super) async fn begin(rig: &Rig, method: &str) -> Self {
        let stream = TcpStream::connect(rig.address).await.unwrap();
        let (requests, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let mut requests = requests.ready().await.unwrap();
        let request = http::Request::post(format!("http://chats/{NAME}/{method}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("x-org", "acme")
            .header("accept-language", "de")
            .header("x-user", "alice");
        let request = request.body(()).unwrap();
        let (answer, mut messages) = requests.send_request(request, false).unwrap();
        messages.send_data(message("first"), false).unwrap();
        Self { messages, answer }
    }

    /// Says that there are no more messages.
    pub(super) async fn one(rig: &Rig, method: &str) -> Self {
        let mut call = Self::begin(rig, method).await;
        call.messages.send_data(Bytes::new(), true).unwrap();
        call
    }

    /// The stream of the answer, once something has come of it.
    pub(super) async fn stream(self) -> RecvStream {
        let answer = within("an answer", self.answer).await.unwrap();
        let mut body = answer.into_body();
        assert!(within("a message", body.data()).await.unwrap().is_ok());
        body
    }

    pub(super) async fn end(self) -> Ended {
        let (head, body) = within("an answer", self.answer).await.unwrap().into_parts();
        Ended::of(&head.headers, body).await
    }
}

impl Ended {
    /// Reads a stream to its end.
    pub(super) async fn of(head: &HeaderMap, body: RecvStream) -> Self {
        within("the end of a call", Self::at_last(head, body)).await
    }

    async fn at_last(head: &HeaderMap, mut body: RecvStream) -> Self {
        let mut data = 0;
        loop {
            match body.data().await {
                Some(Ok(bytes)) => {
                    data += bytes.len();
                    let _ = body.flow_control().release_capacity(bytes.len());
                }
                Some(Err(_)) => return Self { status: None, data },
                None => break,
            }
        }
        let trailers = body.trailers().await.ok().flatten();
        let status = Status::from_header_map(trailers.as_ref().unwrap_or(head));
        Self { status, data }
    }

    /// What the status says, but for the decision.
    #[track_caller]
    pub(super) fn told(&self) -> (tonic::Code, String, Vec<(String, String)>) {
        let status = self.status.as_ref().expect("a status");
        let info = status.get_details_error_info().expect("an `ErrorInfo`");
        let mut members: Vec<_> = info.metadata.into_iter().collect();
        members.retain(|(name, _)| name != "decision");
        members.sort();
        members.push(("reason".to_owned(), info.reason));
        (status.code(), status.message().to_owned(), members)
    }

    /// The code, where it was refused.
    #[track_caller]
    pub(super) fn reason(&self) -> String {
        let (_, _, members) = self.told();
        members.last().unwrap().1.clone()
    }
}
