//! What the tests share: a policy, requests, and the parts that watch what a layer does.

mod answer;
mod canary;
mod counted;
mod policy;
mod shelf;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use gatepost::{Gate, Requirement, Subject, SubjectId};
use gatepost_tower::{Enforcer, Require, RequireLayer, SourceError};
use http::request::Parts;
use http::{Request, Response};
use tower::{Layer, ServiceExt};

pub(crate) use answer::{assert_hidden, assert_refused, refusal_of};
pub(crate) use canary::Canary;
pub(crate) use counted::CountedBody;
pub(crate) use policy::{POLICY, facts, gate};
pub(crate) use shelf::{Book, Shelf};

/// Who asks, as an authentication in front would have left it in the request.
#[allow(clippy::unnecessary_wraps, reason = "the form of a subject source")]
pub(crate) fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    Ok(request.extensions.get::<Subject>().cloned())
}

pub(crate) fn subject(id: &str) -> Subject {
    Subject::new(SubjectId::new(id).unwrap())
}

/// The path parameters of `/{org}/{id}/{kind}`, each if it is there.
#[allow(
    clippy::unnecessary_wraps,
    reason = "the form of a reader of path parameters"
)]
fn params(request: &mut Parts, each: &mut dyn FnMut(&str, &str)) -> Result<(), gatepost::Denial> {
    let segments = request.uri.path().split('/').skip(1);
    let segments = segments.filter(|segment| !segment.is_empty());
    for (name, value) in ["org", "id", "kind"].into_iter().zip(segments) {
        each(name, value);
    }
    Ok(())
}

pub(crate) fn enforcer(gate: Gate) -> Enforcer {
    Enforcer::new(gate, who).path_params(params)
}

/// A request to a path, by a subject or by nobody.
pub(crate) fn ask(path: &str, subject: Option<Subject>, body: CountedBody) -> Request<CountedBody> {
    let mut request = Request::post(path).body(body).unwrap();
    if let Some(subject) = subject {
        request.extensions_mut().insert(subject);
    }
    request
}

/// The canary behind a requirement.
pub(crate) fn guard(
    enforcer: &Enforcer,
    requirement: Requirement,
    canary: &Canary,
) -> Require<Canary> {
    RequireLayer::new(enforcer, requirement)
        .unwrap()
        .layer(canary.clone())
}

/// The answer to one request.
pub(crate) async fn answer(
    enforcer: &Enforcer,
    requirement: Requirement,
    canary: &Canary,
    request: Request<CountedBody>,
) -> Response<Vec<u8>> {
    guard(enforcer, requirement, canary)
        .oneshot(request)
        .await
        .unwrap()
}

/// What a future gives on its first poll.
pub(crate) fn at_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
