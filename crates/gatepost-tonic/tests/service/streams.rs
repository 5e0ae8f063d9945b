//! A stream in both directions, over a real socket.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use gatepost_tonic::{Admitted, FindSubject, Gated, RequestHead, SourceError, Subject, SubjectId};
use http::request::Parts;
use http::{Response, Uri};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::codegen::tokio_stream::{self, Stream, StreamExt};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Code, Request, Status, Streaming};
use tonic_health::pb::HealthCheckRequest;
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;
use tower::Service;

use crate::fixture::{BY_MESSAGE, gate};

type Codec = ProstCodec<HealthCheckRequest, HealthCheckRequest>;

/// Sends back each message as it comes.
#[derive(Clone)]
struct Echo;

impl tonic::server::NamedService for Echo {
    const NAME: &'static str = "test.Echo";
}

impl Service<http::Request<Body>> for Echo {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async {
            let mut grpc = tonic::server::Grpc::new(Codec::default());
            Ok(grpc.streaming(Echo, request).await)
        })
    }
}

impl tonic::server::StreamingService<HealthCheckRequest> for Echo {
    type Response = HealthCheckRequest;
    type ResponseStream = Streaming<HealthCheckRequest>;
    type Future =
        Pin<Box<dyn Future<Output = Result<tonic::Response<Self::ResponseStream>, Status>> + Send>>;

    fn call(&mut self, request: Request<Streaming<HealthCheckRequest>>) -> Self::Future {
        Box::pin(async {
            assert_eq!(request.permit()?.org().unwrap().as_str(), "acme");
            Ok(tonic::Response::new(request.into_inner()))
        })
    }
}

/// Leaves the subject for the gate; it goes around the gated service, and so runs before.
#[allow(clippy::unnecessary_wraps, reason = "the shape of an interceptor")]
fn authenticate(mut request: Request<()>) -> Result<Request<()>, Status> {
    if let Some(name) = request.metadata().get("x-subject") {
        let id = SubjectId::new(name.to_str().unwrap()).unwrap();
        request.extensions_mut().insert(Subject::new(id));
    }
    Ok(request)
}

/// Believes what was authenticated on a connection from this machine.
struct Authenticated;

impl FindSubject<Parts> for Authenticated {
    fn find(
        &self,
        request: &Parts,
        head: &dyn RequestHead,
    ) -> Result<Option<Subject>, SourceError> {
        let is_local = head.peer().is_some_and(|peer| peer.is_loopback());
        let subject = request.extensions.get::<Subject>().cloned();
        Ok(subject.filter(|_| is_local))
    }
}

async fn serve() -> Uri {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let echo = Gated::new(gate(), Authenticated)
        .method("Talk", BY_MESSAGE)
        .service(Echo)
        .unwrap();
    let server = Server::builder().add_service(InterceptedService::new(echo, authenticate));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    format!("http://{address}").parse().unwrap()
}

async fn talk(
    subject: &'static str,
    messages: impl Stream<Item = &'static str> + Send + 'static,
) -> Result<Streaming<HealthCheckRequest>, Status> {
    let channel = Channel::builder(serve().await).connect().await.unwrap();
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.unwrap();
    let messages = messages.map(|service| HealthCheckRequest {
        service: service.to_owned(),
    });
    let mut request = Request::new(messages);
    let metadata = request.metadata_mut();
    metadata.insert("x-subject", subject.parse().unwrap());
    let path = "/test.Echo/Talk".parse().unwrap();
    let answered = client.streaming(request, path, Codec::default()).await?;
    Ok(answered.into_inner())
}

#[tokio::test]
async fn the_first_message_of_a_conversation_decides_and_the_rest_goes_on() {
    let (send, later) = tokio::sync::mpsc::unbounded_channel();
    let messages = tokio_stream::iter(std::iter::once("acme"));
    // What comes behind the first is sent once that has been answered.
    let later = UnboundedReceiverStream::new(later);
    let mut answers = talk("alice", messages.chain(later)).await.unwrap();
    for message in ["acme", "globex", "initech"] {
        let answer = answers.message().await.unwrap().unwrap();
        assert_eq!(answer.service, message);
        match message {
            "acme" => send.send("globex").unwrap(),
            "globex" => send.send("initech").unwrap(),
            _ => {}
        }
    }
    drop(send);
    assert_eq!(answers.message().await.unwrap(), None);
}

#[tokio::test]
async fn a_conversation_that_is_refused_does_not_begin() {
    let never_ends = tokio_stream::iter(["acme"]).chain(tokio_stream::pending());
    let refused = talk("mallory", never_ends).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let info = refused.get_details_error_info().unwrap();
    assert_eq!(info.reason, "not_a_member");
}
