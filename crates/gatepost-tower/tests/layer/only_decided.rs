//! The layer around all routes: nothing leaves that neither a requirement nor a public route answered for.

use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use gatepost::{Org, Requirement};
use gatepost_enforce::{Met, Watch};
use gatepost_tower::{
    BoundLayer, DeniedResponse, OnlyDecided, OnlyDecidedLayer, OwnBody, RequireLayer,
};
use http::{Extensions, HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, Full, StreamBody, combinators::UnsyncBoxBody};
use tower::{Layer, Service, ServiceExt};
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing_subscriber::layer::SubscriberExt;

use crate::fixture::{enforcer, gate, subject};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));

/// What a service is asked with here, and what it answers with.
type Asked = Request<Full<Bytes>>;
type Body = Full<Bytes>;

/// An answer that has arrived.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
}

async fn ask<S, B>(service: S, request: Asked) -> Answer
where
    S: Service<Asked, Response = Response<B>, Error = Infallible>,
    B: http_body::Body<Data = Bytes, Error: Debug>,
{
    let (parts, body) = service.oneshot(request).await.unwrap().into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        extensions: parts.extensions,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

fn request(method: &str, path: &str) -> Asked {
    let request = Request::builder().method(method).uri(path);
    request.body(Full::default()).unwrap()
}

/// Something that a handler leaves in its answer, as an upgrade does.
#[derive(Clone)]
struct Upgrade;

/// A service that was put beside every requirement, and answers with a secret in all that an answer has.
fn undecided(
    status: u16,
    body: &'static str,
) -> OnlyDecided<
    impl Service<Asked, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send,
> {
    OnlyDecidedLayer::new().layer(tower::service_fn(move |_: Asked| async move {
        let response = Response::builder()
            .status(status)
            .header("set-cookie", "secret=1")
            .header("location", "/secret")
            .header("allow", "GET,HEAD")
            .header("upgrade", "secret")
            .extension(Upgrade);
        Ok(response.body(Full::from(body)).unwrap())
    }))
}

/// The service that answers `ran`, behind a requirement, and behind one that binds it.
macro_rules! decided {
    ($layer:ident, $requirement:expr) => {{
        let layer = $layer::new(&enforcer(gate()), $requirement).unwrap();
        layer.layer(tower::service_fn(|_| async {
            Ok::<_, Infallible>(Response::new(Body::from("ran")))
        }))
    }};
}

fn as_alice(mut request: Asked) -> Asked {
    request.extensions_mut().insert(subject("alice"));
    request
}

#[tokio::test]
async fn nothing_of_an_answer_leaves_that_nothing_decided() {
    let rows = [
        (200, "secret"),
        (200, ""),
        (204, ""),
        (101, ""),
        (302, ""),
        (304, ""),
        (401, "secret"),
        (403, ""),
        (404, "secret"),
        (405, "secret"),
        (500, "secret"),
        (503, ""),
    ];
    for (status, body) in rows {
        for method in ["GET", "POST", "CONNECT", "X"] {
            let answer = ask(undecided(status, body), request(method, "/secret")).await;
            assert_eq!(answer.status, 500, "{method} {status}");
            let mut names: Vec<_> = answer
                .headers
                .keys()
                .map(http::HeaderName::as_str)
                .collect();
            names.sort_unstable();
            let own = ["cache-control", "content-language", "content-type", "vary"];
            assert_eq!(names, own, "{method} {status}");
            assert_eq!(answer.headers["content-type"], "application/problem+json");
            let said = String::from_utf8(answer.body.to_vec()).unwrap();
            assert!(
                said.contains("\"permit_missing\"") && !said.contains("secret"),
                "{said}"
            );
            assert!(
                answer.extensions.get::<Upgrade>().is_none(),
                "{method} {status}"
            );
            let DeniedResponse(denial) = answer.extensions.get().unwrap();
            assert_eq!(denial.code().as_str(), "permit_missing");
        }
    }
}

#[tokio::test]
async fn a_404_or_405_without_a_body_leaves_as_that_and_no_more() {
    for status in [404, 405] {
        // Of HEAD the router has taken the body away.
        for method in ["GET", "HEAD"] {
            let answer = ask(undecided(status, ""), request(method, "/nowhere")).await;
            assert_eq!(answer.status, status);
            let headers: Vec<_> = answer.headers.iter().collect();
            assert_eq!(
                headers,
                [(&http::header::ALLOW, &"GET,HEAD".parse().unwrap())]
            );
            assert!(answer.body.is_empty() && answer.extensions.is_empty());
        }
    }
}

#[tokio::test]
async fn what_is_no_list_of_methods_does_not_leave_as_one() {
    for allow in ["secret", "GET, secret", "GET;HEAD", "SECRET=1"] {
        let tells = tower::service_fn(move |_: Asked| async move {
            let response = Response::builder().status(405).header("allow", allow);
            Ok::<_, Infallible>(response.body(Body::default()).unwrap())
        });
        let answer = ask(OnlyDecidedLayer::new().layer(tells), request("GET", "/")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.headers.len()),
            (405, 0),
            "{allow}"
        );
    }
}

/// A body of which nobody knows how long it is.
type Unsized = UnsyncBoxBody<Bytes, Infallible>;

#[derive(Debug)]
struct Streamed(Unsized);

impl From<Vec<u8>> for Streamed {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Full::from(bytes).boxed_unsync())
    }
}

impl http_body::Body for Streamed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        std::pin::Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.0.size_hint()
    }
}

#[tokio::test]
async fn a_404_whose_body_has_no_length_yet_does_not_leave() {
    let streams = tower::service_fn(|_: Asked| async {
        let frames = [Ok(http_body::Frame::data(Bytes::from_static(b"secret")))];
        let body = StreamBody::new(futures_util::stream::iter(frames));
        let response = Response::builder().status(404);
        Ok::<_, Infallible>(response.body(Streamed(body.boxed_unsync())).unwrap())
    });
    let answer = ask(OnlyDecidedLayer::new().layer(streams), request("GET", "/")).await;
    assert_eq!(answer.status, 500);
    let empty = tower::service_fn(|_: Asked| async {
        let response = Response::builder().status(404);
        let body = Empty::<Bytes>::new().boxed_unsync();
        Ok::<_, Infallible>(response.body(Streamed(body)).unwrap())
    });
    let answer = ask(OnlyDecidedLayer::new().layer(empty), request("GET", "/")).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn what_a_requirement_decides_leaves_as_it_is_either_way() {
    let layer = OnlyDecidedLayer::new();
    let plain = || layer.layer(decided!(RequireLayer, READ));
    let bound = || layer.layer(decided!(BoundLayer, READ.bound()));
    for (path, status) in [("/acme", 200), ("/nowhere", 403)] {
        let answer = ask(plain(), as_alice(request("GET", path))).await;
        assert_eq!(answer.status, status);
        let answer = ask(bound(), as_alice(request("GET", path))).await;
        assert_eq!(answer.status, status);
    }
    assert_eq!(ask(plain(), request("GET", "/acme")).await.status, 401);
}

#[tokio::test]
async fn a_watch_that_a_request_was_handed_on_with_counts_for_nothing() {
    let met = Watch::new();
    assert!(!met.meet(Met::Public));
    let mut request = request("GET", "/secret");
    request.extensions_mut().insert(met);
    assert_eq!(ask(undecided(200, "secret"), request).await.status, 500);
}

#[tokio::test]
async fn a_layer_inside_another_tells_it_what_was_met() {
    let layer = OnlyDecidedLayer::new();
    let twice = layer.layer(layer.layer(decided!(RequireLayer, READ)));
    let answer = ask(twice, as_alice(request("GET", "/acme"))).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, &b"ran"[..]));
    let answer = ask(layer.layer(undecided(200, "secret")), request("GET", "/")).await;
    assert_eq!(answer.status, 500);
}

#[tokio::test]
async fn a_probe_is_kept_and_shows_what_it_came_to() {
    let probed = async |watch: &Watch, request: Asked| {
        let layer = OnlyDecidedLayer::new();
        let mut request = request;
        request.extensions_mut().insert(watch.clone());
        ask(layer.layer(decided!(RequireLayer, READ)), request).await
    };
    for path in ["/acme", "/nowhere"] {
        let watch = Watch::probe();
        // Whoever sends it is not asked who he is, and no handler runs.
        let answer = probed(&watch, request("GET", path)).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
        let Some(Met::Required(requirement)) = watch.met() else {
            panic!("{watch:?}");
        };
        assert!(requirement.is_same(&READ));
    }
    let watch = Watch::probe();
    let mut request = request("GET", "/secret");
    request.extensions_mut().insert(watch.clone());
    assert_eq!(ask(undecided(200, "secret"), request).await.status, 500);
    assert!(watch.met().is_none());
}

#[tokio::test]
async fn a_probe_that_has_met_something_is_not_kept() {
    let probe = Watch::probe();
    assert!(probe.meet(Met::Public));
    let mut request = request("GET", "/secret");
    request.extensions_mut().insert(probe);
    assert_eq!(ask(undecided(200, "secret"), request).await.status, 500);
}

#[tokio::test]
async fn what_is_bound_is_probed_as_well() {
    let watch = Watch::probe();
    let mut request = request("GET", "/acme");
    request.extensions_mut().insert(watch.clone());
    let answer = ask(decided!(BoundLayer, READ.bound()), request).await;
    assert_eq!(answer.status, 204);
    assert!(matches!(watch.met(), Some(Met::Required(met)) if met.is_same(&READ.bound())));
}

#[tokio::test]
async fn a_watch_that_only_looks_on_changes_no_decision() {
    for (who, status) in [(None, 401), (Some("alice"), 200)] {
        let watch = Watch::new();
        let mut request = request("GET", "/acme");
        request.extensions_mut().insert(watch.clone());
        if let Some(who) = who {
            request.extensions_mut().insert(subject(who));
        }
        let answer = ask(decided!(RequireLayer, READ), request).await;
        assert_eq!(answer.status, status);
        assert!(matches!(watch.met(), Some(Met::Required(_))));
    }
}

#[tokio::test]
async fn it_is_said_in_the_services_own_form_and_in_the_readers_language() {
    let own = |_: &gatepost::ProblemDocument<'_>| {
        Some(OwnBody {
            status: Some(200),
            content_type: "text/plain".to_owned(),
            bytes: b"sorry".to_vec(),
        })
    };
    let enforcer = enforcer(gate()).own_body(own);
    let by_enforcer = OnlyDecidedLayer::new().answering_as(&enforcer);
    let forgotten = || {
        tower::service_fn(|_: Asked| async {
            Ok::<_, Infallible>(Response::new(Body::from("secret")))
        })
    };
    for service in [
        by_enforcer.layer(forgotten()),
        OnlyDecidedLayer::new().layer(forgotten()).own_body(own),
    ] {
        let answer = ask(service, request("GET", "/")).await;
        // A body of its own does not make it an answer.
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (500, &b"sorry"[..])
        );
    }
    for (asked, tag) in [(vec!["de"], "de"), (vec!["de", "en"], "en"), (vec![], "en")] {
        let mut request = request("GET", "/");
        for language in asked {
            let name = http::header::ACCEPT_LANGUAGE;
            request
                .headers_mut()
                .append(name, language.parse().unwrap());
        }
        let answer = ask(undecided(200, "secret"), request).await;
        assert_eq!(answer.headers["content-language"], tag);
    }
}

/// The errors that were logged, each with its method and path.
#[derive(Clone, Default)]
struct Errors(Arc<Mutex<Vec<String>>>);

impl Visit for Errors {
    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if let "code" | "method" | "path" = field.name() {
            self.0.lock().unwrap().push(value.to_owned());
        }
    }
}

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Errors {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        assert_eq!(*event.metadata().level(), tracing::Level::ERROR);
        event.record(&mut self.clone());
    }
}

#[tokio::test]
async fn what_does_not_leave_is_an_error_in_the_log_with_method_and_path() {
    let errors = Errors::default();
    let log = tracing_subscriber::Registry::default().with(errors.clone());
    let asked = async {
        ask(undecided(200, "secret"), request("POST", "/forgotten?a=b")).await;
        ask(undecided(404, ""), request("GET", "/nowhere")).await;
    };
    asked.with_subscriber(log).await;
    assert_eq!(
        *errors.0.lock().unwrap(),
        ["permit_missing", "POST", "/forgotten"]
    );
}
