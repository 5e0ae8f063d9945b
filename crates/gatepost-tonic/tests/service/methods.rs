//! Which method is called at all.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use gatepost_enforce::{Met, Watch};
use gatepost_tonic::{DeniedResponse, Permit};
use gatepost_tower::OnlyDecidedLayer;
use http_body_util::Full;
use tonic::Code;
use tonic_health::pb::FILE_DESCRIPTOR_SET;
use tower::{Layer as _, ServiceExt};
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

use crate::fixture::{
    BY_MESSAGE, BY_METADATA, CHECK, Reached, WATCH, a_permit, ask, call, framed, gated,
};

#[tokio::test]
async fn an_admitted_call_reaches_its_method_unary_and_streaming() {
    let reached = Reached::new();
    let service = gated()
        .method("Check", BY_MESSAGE)
        .method("Watch", BY_METADATA)
        .service(reached.server())
        .unwrap();
    let checked = ask(service.clone(), call(CHECK, "alice", "", framed("acme"))).await;
    assert_eq!((checked.status.code(), checked.body.len()), (Code::Ok, 7));
    let watched = ask(service, call(WATCH, "alice", "acme", framed("it"))).await;
    assert_eq!((watched.status.code(), watched.body.len()), (Code::Ok, 21));
    assert_eq!(reached.calls(), ["acme", "it"]);
}

/// The paths of the calls of which errors were logged.
#[derive(Clone, Default)]
struct Errors(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Errors {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() == Level::ERROR {
            assert_eq!(event.metadata().target(), "gatepost::decision");
            event.record(&mut Path(self));
        }
    }
}

struct Path<'a>(&'a Errors);

impl Visit for Path<'_> {
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "path" {
            self.0.0.lock().unwrap().push(value.to_owned());
        }
    }
}

#[tokio::test]
async fn a_method_of_which_nothing_was_said_is_not_called_and_that_is_an_error() {
    let reached = Reached::doing(|_| Ok(()));
    let errors = Errors::default();
    let service = gated().method("Check", BY_METADATA);
    let service = service.service(reached.server()).unwrap();
    for path in [
        WATCH,
        "/grpc.health.v1.Health/check",
        "/grpc.health.v1.Health/Check/",
        "/",
        "//",
    ] {
        let asked = ask(service.clone(), call(path, "alice", "acme", framed("acme")));
        let answer = asked
            .with_subscriber(Registry::default().with(errors.clone()))
            .await;
        assert_eq!(answer.status.code(), Code::Internal, "{path}");
        assert_eq!(answer.info().reason, "permit_missing", "{path}");
        assert!(answer.extensions.get::<DeniedResponse>().is_some());
        let logged = std::mem::take(&mut *errors.0.lock().unwrap());
        assert_eq!(logged, [path]);
    }
    assert!(reached.calls().is_empty());
}

#[tokio::test]
async fn a_service_that_is_described_has_no_method_but_those() {
    let reached = Reached::new();
    let errors = Errors::default();
    let service = gated()
        .described_by(FILE_DESCRIPTOR_SET)
        .method("Check", BY_METADATA)
        .method("Watch", BY_METADATA)
        .service(reached.server())
        .unwrap();
    let asked = ask(
        service,
        call("/grpc.health.v1.Health/List", "alice", "acme", framed("")),
    );
    let answer = asked
        .with_subscriber(Registry::default().with(errors.clone()))
        .await;
    assert_eq!(answer.status.code(), Code::Unimplemented);
    assert!(errors.0.lock().unwrap().is_empty());
    assert!(reached.calls().is_empty());
}

#[tokio::test]
async fn a_public_method_has_no_permit_whatever_the_call_carries() {
    let reached = Reached::doing(|request| {
        assert!(request.extensions().get::<Permit>().is_none());
        Ok(())
    });
    let service = gated().public("Check", "an example");
    let service = service.service(reached.server()).unwrap();
    let mut request = call(CHECK, "", "", framed("x"));
    request.extensions_mut().insert(a_permit().await);
    assert_eq!(ask(service, request).await.status.code(), Code::Ok);
    assert_eq!(reached.calls(), ["x"]);
}

#[tokio::test]
async fn a_method_that_asks_for_what_it_has_not_is_named_in_the_log() {
    let errors = Errors::default();
    let service = gated().public("Check", "an example");
    let service = service.service(Reached::new().server()).unwrap();
    let asked = ask(service, call(CHECK, "alice", "acme", framed("acme")));
    let answer = asked
        .with_subscriber(Registry::default().with(errors.clone()))
        .await;
    assert_eq!(answer.info().reason, "permit_missing");
    assert_eq!(*errors.0.lock().unwrap(), [CHECK]);
}

#[tokio::test]
async fn whoever_watches_a_call_is_told_what_it_came_to() {
    let reached = Reached::doing(|_| Ok(()));
    let service = gated()
        .method("Check", BY_METADATA)
        .public("Watch", "an example")
        .service(reached.server())
        .unwrap();
    let watched = async |watch: &Watch, path: &str| {
        let mut request = call(path, "", "", framed("acme"));
        request.extensions_mut().insert(watch.clone());
        service.clone().oneshot(request).await.unwrap().status()
    };
    for watch in [Watch::new, Watch::probe] {
        let (check, public, other) = (watch(), watch(), watch());
        let checked = watched(&check, CHECK).await;
        assert!(matches!(check.met(), Some(Met::Required(met)) if met.is_same(&BY_METADATA)));
        let watched_one = watched(&public, WATCH).await;
        assert!(matches!(public.met(), Some(Met::Public)));
        // A probe is answered at once; any other call is decided as it would be.
        let want = if check.is_probe() { 204 } else { 200 };
        assert_eq!((checked.as_u16(), watched_one.as_u16()), (want, want));
        assert_eq!(reached.calls().len(), usize::from(!check.is_probe()));
        reached.calls.lock().unwrap().clear();
        watched(&other, "/grpc.health.v1.Health/List").await;
        // The gate's own answer is nothing that was left undecided, and no route.
        assert_eq!(other.met().is_none(), other.is_probe());
    }
}

#[tokio::test]
async fn what_the_gate_answers_by_itself_leaves_as_a_status_of_grpc() {
    let reached = Reached::new();
    let open = gated().method("Check", BY_METADATA);
    let described = gated()
        .described_by(FILE_DESCRIPTOR_SET)
        .method("Check", BY_METADATA)
        .method("Watch", BY_METADATA);
    for (gated, code) in [(open, Code::Internal), (described, Code::Unimplemented)] {
        let service = gated.service(reached.server()).unwrap();
        // As an app serves it that has other routes beside it.
        let service = service.map_response(|answer| answer.map(|_| Full::<Bytes>::default()));
        let service = OnlyDecidedLayer::new().layer(service);
        let asked = call("/grpc.health.v1.Health/List", "alice", "acme", framed(""));
        let answer = service.oneshot(asked).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(
            answer.headers()["grpc-status"],
            (code as i32).to_string().as_str()
        );
    }
    assert!(reached.calls().is_empty());
}
