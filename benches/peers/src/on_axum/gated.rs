//! gatepost-axum, as its README shows it.

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, VARY};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse;
use gatepost_axum::{Gated, SourceError, Subject};
use tower_service::Service;

use super::{ask, carried, create, router};
use crate::contest::{Contestant, Failure, now};
use crate::scene::{CREATE_CHAT, REFUSAL, REFUSAL_TYPE, ROUTE, SHORT, Scene};

pub(super) fn contestant(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    super::contestant(name, scene, app(scene)?, carried(scene.subject()?))
}

/// A whole refused request, beside a handler that refuses with as much.
pub(super) fn refused(name: &'static str) -> Result<Contestant, Failure> {
    let scene = SHORT.denied();
    let carry = carried(scene.subject()?);
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = scene.path().parse()?;
    carry(&mut request);
    let refusal = now(app(scene)?.call(request))??;
    let length = HttpBody::size_hint(refusal.body()).exact();
    if length != u64::try_from(REFUSAL.len()).ok() {
        return Err(format!("a refusal has {length:?} bytes, not {}", REFUSAL.len()).into());
    }
    Ok(Contestant {
        name,
        status: 403,
        bare_status: 403,
        bare: ask(router(refuse), scene, carry.clone())?,
        layered: ask(app(scene)?, scene, carry)?,
    })
}

async fn refuse() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, REFUSAL_TYPE),
        (CACHE_CONTROL, "no-store"),
        (VARY, "*"),
        (CONTENT_LANGUAGE, "en"),
    ];
    (StatusCode::FORBIDDEN, headers, REFUSAL)
}

fn app(scene: Scene) -> Result<Router, Failure> {
    let gated = Gated::new(scene.gate()?, who);
    Ok(gated.post(ROUTE, CREATE_CHAT, create).into_router()?)
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is Gatepost's")]
fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    Ok(request.extensions.get::<Subject>().cloned())
}
