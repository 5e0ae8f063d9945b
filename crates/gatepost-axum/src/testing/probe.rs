//! Asking an app with probes.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use gatepost_enforce::{Met, Watch};
use http::{Method, StatusCode};
use tower::ServiceExt;
use tower_service::Service;

/// What is asked with: every method that axum knows, and one that nobody does.
const METHODS: [&str; 10] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROBE",
];

/// How long an answer is waited for that nothing decides.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of one question.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) came: Came,
}

/// What a request came to.
#[derive(Debug)]
pub(crate) enum Came {
    /// A requirement, or a public route.
    To(Met),
    /// An empty 404 or 405, which may be axum's own.
    ToNothing(StatusCode),
    /// Something that answered without either, or what became of it.
    ToWhatIsUndecided(String),
}

impl Seen {
    /// Method and path.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Asks for every path with every method.
pub(crate) async fn ask<A, B>(app: &A, paths: &BTreeSet<String>) -> Vec<Seen>
where
    A: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    A::Future: Send,
    B: HttpBody + Send + 'static,
{
    let mut seen = Vec::with_capacity(paths.len() * METHODS.len());
    for path in paths {
        for method in METHODS {
            seen.push(Seen {
                came: come(app.clone(), method, path).await,
                path: path.clone(),
                method,
            });
        }
    }
    seen
}

async fn come<A, B>(app: A, method: &str, path: &str) -> Came
where
    A: Service<Request, Response = Response<B>, Error = Infallible> + Send + 'static,
    A::Future: Send,
    B: HttpBody + Send + 'static,
{
    let watch = Watch::probe();
    let request = Method::from_bytes(method.as_bytes())
        .map_err(http::Error::from)
        .and_then(|method| {
            let request = Request::builder().method(method).uri(path);
            request.extension(watch.clone()).body(Body::empty())
        });
    let Ok(request) = request else {
        return Came::ToWhatIsUndecided("cannot be asked".to_owned());
    };
    // What nothing decides does run, and may do what it likes.
    let answered = tokio::spawn(tokio::time::timeout(PATIENCE, app.oneshot(request)));
    let answered = answered.await;
    if let Some(met) = watch.met() {
        return Came::To(met);
    }
    Came::ToWhatIsUndecided(match answered {
        Ok(Ok(Ok(response))) if is_like_axums(&response) => {
            return Came::ToNothing(response.status());
        }
        Ok(Ok(Ok(response))) => answered_undecided(response.status()),
        Ok(Err(_)) => "is decided by nothing, and does not answer".to_owned(),
        Err(_) => "is decided by nothing, and panics".to_owned(),
    })
}

/// What is said of an answer that nothing decided.
pub(crate) fn answered_undecided(status: StatusCode) -> String {
    format!("is decided by nothing, and answers {}", status.as_u16())
}

/// Whether it looks like what axum answers for what a router has not.
fn is_like_axums<B: HttpBody>(response: &Response<B>) -> bool {
    let body = response.body();
    let is_empty = body.is_end_stream() || body.size_hint().exact() == Some(0);
    let is_not_there = matches!(
        response.status(),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    );
    is_not_there && is_empty
}
