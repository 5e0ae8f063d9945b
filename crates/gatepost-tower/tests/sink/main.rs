//! A sink that panics. Alone in its process: which events are listened to is remembered for all threads together.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test states its assumptions by failing on them"
)]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use gatepost::{Gate, Org, PolicyText, Requirement, Subject, SubjectId};
use gatepost_tower::{Enforcer, RequireLayer, SourceError};
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Full;
use tower::{Layer as _, ServiceExt, service_fn};
use tracing::Subscriber;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

const POLICY: &str = r#"
version = 1
[resources]
chat = ["read"]
[site.gates.chat]
switch = "on"
access = "everyone"
"#;

struct Broken;

impl<S: Subscriber> Layer<S> for Broken {
    fn on_event(&self, _: &tracing::Event<'_>, _: Context<'_, S>) {
        panic!("no sink to write to");
    }
}

#[allow(clippy::unnecessary_wraps, reason = "the form of a subject source")]
fn who(_: &Parts) -> Result<Option<Subject>, SourceError> {
    Ok(Some(Subject::new(SubjectId::new("alice").unwrap())))
}

#[tokio::test]
async fn a83_a_sink_that_panics_is_an_error_of_that_request_and_of_no_other() {
    let gate = Gate::fixed(PolicyText::toml(POLICY).compile(1).unwrap());
    let enforcer = Enforcer::new(gate, who);
    let ran = Arc::new(AtomicUsize::new(0));
    // One that is admitted, and one that is refused.
    for (action, status) in [("read", 200), ("update", 403)] {
        let requirement = Requirement::new("chat", action).org(Org::none());
        let ran_here = ran.clone();
        let service = RequireLayer::new(&enforcer, requirement)
            .unwrap()
            .layer(service_fn(move |_: Request<Full<Bytes>>| {
                ran_here.fetch_add(1, Ordering::SeqCst);
                async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) }
            }));
        let before = ran.load(Ordering::SeqCst);
        let sent = service.clone().oneshot(Request::default());
        let response = sent.with_subscriber(Registry::default().with(Broken)).await;
        assert_eq!(response.unwrap().status(), 503, "{action}");
        assert_eq!(ran.load(Ordering::SeqCst), before);
        let after = service.oneshot(Request::default()).await;
        assert_eq!(after.unwrap().status(), status, "{action}");
    }
    assert_eq!(ran.load(Ordering::SeqCst), 1);
}
