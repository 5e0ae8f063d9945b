//! What becomes of a body that a decision depends on.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use tonic::Status;
use tonic::body::Body;
use tower::{Service, ServiceExt};

use crate::fixture::{BY_MESSAGE, BY_METADATA, CHECK, call, framed, gated};

/// A body that counts how often it was asked for more.
struct Counted {
    frames: VecDeque<http_body::Frame<Bytes>>,
    polled: Arc<AtomicUsize>,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        self.polled.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(self.frames.pop_front().map(Ok))
    }
}

/// A service that keeps how far the body had been read when it was called, and the body.
#[derive(Clone)]
struct Keeps(
    Arc<AtomicUsize>,
    Arc<std::sync::Mutex<Option<(usize, Body)>>>,
);

impl tonic::server::NamedService for Keeps {
    const NAME: &'static str = "grpc.health.v1.Health";
}

impl Service<Request<Body>> for Keeps {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let polled = self.0.load(Ordering::Relaxed);
        *self.1.lock().unwrap() = Some((polled, request.into_body()));
        std::future::ready(Ok(Status::ok("").into_http()))
    }
}

async fn sent(
    requirement: &gatepost_tonic::Requirement,
    subject: &str,
) -> (usize, Option<(usize, Body)>) {
    let polled = Arc::new(AtomicUsize::new(0));
    let keeps = Keeps(polled.clone(), Arc::default());
    let service = gated().method("Check", *requirement);
    let service = service.service(keeps.clone()).unwrap();
    let mut trailers = HeaderMap::new();
    trailers.insert("x-end", "yes".parse().unwrap());
    let (one, two) = (framed("acme"), framed("globex"));
    let chunks = [&one[..3], &one[3..], &two[..], b"\0\0"];
    let frames = chunks.map(|chunk| http_body::Frame::data(Bytes::copy_from_slice(chunk)));
    let mut frames = VecDeque::from(frames);
    frames.push_back(http_body::Frame::trailers(trailers));
    let body = Counted {
        frames,
        polled: polled.clone(),
    };
    let request = call(CHECK, subject, "acme", "").map(|_| Body::new(body));
    service.oneshot(request).await.unwrap();
    let reached = keeps.1.lock().unwrap().take();
    (polled.load(Ordering::Relaxed), reached)
}

#[tokio::test]
async fn a_stream_is_read_up_to_its_first_message_and_reaches_the_method_whole() {
    for (requirement, read) in [(BY_MESSAGE, 2), (BY_METADATA, 0)] {
        let (_, reached) = sent(&requirement, "alice").await;
        let (polled, body) = reached.unwrap();
        assert_eq!(polled, read);
        let body = body.collect().await.unwrap();
        assert_eq!(body.trailers().unwrap()["x-end"], "yes");
        let whole = [&framed("acme")[..], &framed("globex"), b"\0\0"].concat();
        assert_eq!(body.to_bytes(), whole);
    }
}

#[tokio::test]
async fn the_body_of_nobody_is_not_read() {
    for requirement in [BY_MESSAGE, BY_METADATA] {
        let (polled, reached) = sent(&requirement, "").await;
        assert_eq!(polled, 0);
        assert!(reached.is_none());
    }
}
