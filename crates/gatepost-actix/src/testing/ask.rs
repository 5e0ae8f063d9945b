//! One request to an application that shows what decides it.

use std::collections::BTreeMap;

use actix_http::Request;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use actix_web::{Error, HttpMessage};
use gatepost_enforce::{Met, Watch};

use crate::introspect::{self, Node};
use crate::watched::Around;

/// The methods that are asked; the last is none.
pub(super) const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY",
    "GATEPOST",
];

/// What came back.
pub(super) struct Asked {
    pub(super) met: Option<Met>,
    /// Whether it was met around routes, and not at one.
    pub(super) is_around: bool,
    /// Whether it is what the framework says of what is not there.
    pub(super) is_absent: bool,
    /// Whether the whole of the path was taken by what was found for it, as a resource does.
    pub(super) is_taken: bool,
    pub(super) status: StatusCode,
}

/// With what headers a path is asked: with none, and with those that guards ask for, each of their values once.
pub(super) fn headers(node: &Node) -> Vec<Vec<(String, String)>> {
    let mut values: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for (name, value) in &node.headers {
        let of_name = values.entry(name.to_ascii_lowercase()).or_default();
        if !of_name.contains(&value) {
            of_name.push(value);
        }
    }
    let most = values.values().map(Vec::len).max().unwrap_or_default();
    let set = |at: usize| {
        let set = values.iter().filter_map(|(name, values)| {
            let value = values.get(at).or(values.last())?;
            Some((name.clone(), (*value).clone()))
        });
        set.collect()
    };
    std::iter::once(Vec::new())
        .chain((0..most).map(set))
        .collect()
}

pub(super) async fn ask<S, B>(
    app: &S,
    method: &str,
    path: &str,
    headers: &[(String, String)],
) -> Asked
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let watch = Watch::probe();
    let answered = app.call(request(method, path, headers, &watch)).await;
    let met = watch.met();
    match answered {
        Ok(answer) => Asked {
            met,
            is_around: answer.response().extensions().get::<Around>().is_some(),
            is_absent: is_absent(&answer),
            is_taken: answer.request().match_info().unprocessed().is_empty(),
            status: answer.status(),
        },
        Err(error) => Asked {
            met,
            is_around: false,
            is_absent: false,
            is_taken: false,
            status: error.as_response_error().status_code(),
        },
    }
}

fn is_absent<B: MessageBody>(answer: &ServiceResponse<B>) -> bool {
    let is_status = matches!(
        answer.status(),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    );
    let size = answer.response().body().size();
    is_status && matches!(size, BodySize::None | BodySize::Sized(0))
}

fn request(method: &str, path: &str, headers: &[(String, String)], watch: &Watch) -> Request {
    let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
    let mut request = TestRequest::with_uri(path).method(method);
    for (name, value) in headers {
        request = request.insert_header((&**name, &**value));
    }
    let request = request.to_request();
    request.extensions_mut().insert(watch.clone());
    request
}

/// What there is in the application.
pub(super) async fn nodes<S, B>(app: &S) -> Option<Vec<Node>>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
{
    let asked = request("GET", "/gatepost-is-not-here", &[], &Watch::probe());
    introspect::nodes(app.call(asked).await.ok()?.request())
}
