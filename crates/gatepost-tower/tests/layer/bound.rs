//! What is bound ends with its permit, and what need not be bound is not.

use std::collections::VecDeque;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use gatepost::{Feed, Gate, Org, Requirement, Subject};
use gatepost_tower::{BoundBody, BoundLayer, DeniedResponse, Enforcer, RequireLayer};
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::fixture::{POLICY, enforcer, facts, subject};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));

/// A body that is sent frame by frame, and never says so before it is at its end.
struct Sent {
    frames: VecDeque<Frame<Bytes>>,
    is_endless: bool,
    /// Tells by its count whether the body is there.
    _alive: Arc<()>,
}

impl Sent {
    fn new(frames: impl IntoIterator<Item = Frame<Bytes>>, alive: &Arc<()>) -> Self {
        Self {
            frames: frames.into_iter().collect(),
            is_endless: true,
            _alive: alive.clone(),
        }
    }
}

impl From<Vec<u8>> for Sent {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            is_endless: false,
            ..Self::new([Frame::data(bytes.into())], &Arc::default())
        }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.frames.pop_front() {
            None if self.is_endless => Poll::Pending,
            frame => Poll::Ready(frame.map(Ok)),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && !self.is_endless
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(1_000)
    }
}

/// A gate that is open, and the enforcer by it.
fn open() -> (Gate, Feed, Enforcer) {
    let (gate, feed) = Gate::channel();
    feed.publish(facts(POLICY, 1));
    let enforcer = enforcer(gate.clone());
    (gate, feed, enforcer)
}

fn shut(feed: &Feed) {
    let off = POLICY.replacen("switch = \"on\"", "switch = \"off\"", 1);
    assert!(feed.publish(facts(&off, 2)));
}

fn ask(method: &str, body: &'static str) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri("/acme");
    let alice: Subject = subject("alice");
    request.extension(alice).body(body.into()).unwrap()
}

/// The answer of a handler that answers with this.
async fn answer(
    enforcer: &Enforcer,
    requirement: Requirement,
    method: &str,
    response: http::response::Builder,
    body: Sent,
) -> Response<BoundBody<Sent>> {
    let response = std::sync::Mutex::new(Some(response.body(body).unwrap()));
    let response = Arc::new(response);
    let handler = service_fn(move |_: Request<BoundBody<Full<Bytes>>>| {
        let response = response.lock().unwrap().take().unwrap();
        async { Ok::<_, std::convert::Infallible>(response) }
    });
    let service = BoundLayer::new(enforcer, requirement)
        .unwrap()
        .layer(handler);
    service.oneshot(ask(method, "")).await.unwrap()
}

async fn frame(body: &mut BoundBody<Sent>) -> Option<Result<Frame<Bytes>, String>> {
    let frame = body.frame().await?;
    Some(frame.map_err(|error| error.to_string()))
}

#[test]
fn a_bound_requirement_is_not_taken_by_the_layer_that_does_not_bind() {
    let (_, _, enforcer) = open();
    assert!(RequireLayer::new(&enforcer, READ.bound()).is_err());
    assert!(RequireLayer::new(&enforcer, READ).is_ok());
    assert!(BoundLayer::new(&enforcer, READ.bound()).is_ok());
}

#[tokio::test]
async fn an_event_is_the_last_word_of_a_plain_stream_of_events_alone() {
    for (headers, is_said) in [
        (&[("content-type", "text/event-stream")][..], true),
        (
            &[("content-type", "Text/Event-Stream ; charset=utf-8")],
            true,
        ),
        (&[("content-type", "text/event-streams")], false),
        (&[("content-type", "application/json")], false),
        (&[], false),
        (
            &[
                ("content-type", "text/event-stream"),
                ("content-encoding", "gzip"),
            ],
            false,
        ),
    ] {
        let (gate, feed, enforcer) = open();
        let alive = Arc::new(());
        let mut response = Response::builder().header("content-length", "1000");
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let sent = Sent::new([Frame::data("data".into())], &alive);
        let response = answer(&enforcer, READ.bound(), "GET", response, sent).await;
        assert_eq!(response.headers().contains_key("content-length"), !is_said);
        let mut body = response.into_body();
        assert_eq!(body.size_hint().exact().is_none(), is_said);
        let first = frame(&mut body).await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap(), "data");
        assert_eq!(gate.waiting(), 1);
        let cut = tokio::spawn(async move {
            let last = frame(&mut body).await.unwrap();
            (last, body)
        });
        tokio::task::yield_now().await;
        shut(&feed);
        let (last, mut body) = cut.await.unwrap();
        match last {
            Ok(event) if is_said => {
                let event = event.into_data().unwrap();
                assert!(
                    event.starts_with(b"\n\nevent: denied\ndata: {"),
                    "{event:?}"
                );
            }
            Err(error) if !is_said => {
                assert_eq!(error, "the request is not allowed any more: `site_off`");
            }
            other => panic!("{headers:?}: {other:?}"),
        }
        // The body itself is gone at that moment, and nothing comes behind it.
        assert_eq!((Arc::strong_count(&alive), gate.waiting()), (1, 0));
        assert!(body.is_end_stream() && frame(&mut body).await.is_none());
        feed.publish(facts(POLICY, 3));
        assert!(frame(&mut body).await.is_none());
    }
}

#[tokio::test]
async fn what_comes_behind_a_kill_is_not_sent() {
    let (_, feed, enforcer) = open();
    let frames = ["one", "two"].map(|text| Frame::data(Bytes::from(text)));
    let sent = Sent::new(frames, &Arc::default());
    let response = answer(&enforcer, READ.bound(), "GET", Response::builder(), sent).await;
    let mut body = response.into_body();
    assert!(frame(&mut body).await.unwrap().is_ok());
    shut(&feed);
    assert!(frame(&mut body).await.unwrap().is_err());
    assert!(frame(&mut body).await.is_none());
}

#[tokio::test]
async fn what_is_sent_at_once_or_not_at_all_is_not_bound() {
    let empty = || Sent {
        is_endless: false,
        ..Sent::new([], &Arc::default())
    };
    let endless = || Sent::new([], &Arc::default());
    for (method, status, sent) in [
        ("GET", 200, empty()),
        ("HEAD", 200, endless()),
        ("GET", 204, endless()),
        ("GET", 304, endless()),
    ] {
        let (gate, _, enforcer) = open();
        let response = Response::builder().status(status);
        let response = answer(&enforcer, READ.bound(), method, response, sent).await;
        assert_eq!(gate.waiting(), 0, "{method} {status}");
        drop(response);
    }
}

#[tokio::test]
async fn what_is_not_bound_goes_on() {
    let (gate, feed, enforcer) = open();
    let sent = Sent::new([Frame::data("data".into())], &Arc::default());
    let response = answer(&enforcer, READ, "GET", Response::builder(), sent).await;
    assert_eq!(gate.waiting(), 0);
    shut(&feed);
    assert!(frame(&mut response.into_body()).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_body_with_trailers_is_whole_and_free_behind_them() {
    let (gate, feed, enforcer) = open();
    let trailers = HeaderMap::from_iter([(http::header::ETAG, "one".parse().unwrap())]);
    let frames = [
        Frame::data("data".into()),
        Frame::trailers(trailers.clone()),
    ];
    let sent = Sent::new(frames, &Arc::default());
    let response = answer(&enforcer, READ.bound(), "GET", Response::builder(), sent).await;
    let mut body = response.into_body();
    assert!(frame(&mut body).await.unwrap().is_ok());
    let last = frame(&mut body).await.unwrap().unwrap();
    assert_eq!(last.into_trailers().unwrap(), trailers);
    assert_eq!(gate.waiting(), 0);
    shut(&feed);
    assert!(frame(&mut body).await.is_none());
}

#[tokio::test]
async fn a_handler_that_waits_is_dropped_and_the_denial_is_the_answer() {
    for (body, waiting) in [("", 1), ("body", 2)] {
        let (gate, feed, enforcer) = open();
        let alive = Arc::new(());
        let held = alive.clone();
        let handler = service_fn(move |request: Request<BoundBody<Full<Bytes>>>| {
            let held = held.clone();
            async move {
                let _all = (request, held);
                pending::<Result<Response<Full<Bytes>>, std::convert::Infallible>>().await
            }
        });
        let mut service = BoundLayer::new(&enforcer, READ.bound())
            .unwrap()
            .layer(handler);
        let mut answering = service.call(ask("POST", body));
        let first =
            poll_fn(|context| Poll::Ready(Pin::new(&mut answering).poll(context).is_ready()));
        assert!(!first.await);
        // A body that is over already is not waited for.
        assert_eq!((gate.waiting(), Arc::strong_count(&alive)), (waiting, 3));
        shut(&feed);
        let response = answering.await.unwrap();
        assert_eq!((gate.waiting(), Arc::strong_count(&alive)), (0, 2));
        assert_eq!(response.status(), 403);
        let DeniedResponse(denial) = response.extensions().get().unwrap();
        assert_eq!(denial.code(), gatepost::Code::SiteOff);
        let problem = response.into_body().collect().await.unwrap().to_bytes();
        assert!(problem.starts_with(b"{\"type\":\"https://gatepost.dev/codes/site_off\""));
    }
}
