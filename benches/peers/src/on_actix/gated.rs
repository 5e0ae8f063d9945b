//! gatepost-actix, as its README shows it.

use actix_http::Request;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, VARY};
use actix_web::test::init_service;
use actix_web::{App, Error, HttpMessage, HttpRequest, HttpResponse, web};
use gatepost_actix::{Gated, SourceError, Subject};

use super::{ask, create};
use crate::contest::{Contestant, Failure, now};
use crate::scene::{CREATE_CHAT, REFUSAL, REFUSAL_TYPE, ROUTE, SHORT, Scene};

pub(super) fn contestant(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    super::contestant(name, scene, app(scene)?, scene.subject()?)
}

/// A whole refused request, beside a handler that refuses with as much.
pub(super) fn refused(name: &'static str) -> Result<Contestant, Failure> {
    let scene = SHORT.denied();
    let mut request = Request::new();
    request.head_mut().method = Method::POST;
    request.head_mut().uri = scene.path().parse()?;
    request.extensions_mut().insert(scene.subject()?);
    let refusal = now(app(scene)?.call(request))??;
    let length = refusal.response().body().size();
    if length != BodySize::Sized(REFUSAL.len().try_into()?) {
        return Err(format!("a refusal has {length:?} bytes, not {}", REFUSAL.len()).into());
    }
    let refusing = web::resource(ROUTE).route(web::post().to(refuse));
    let bare = now(init_service(App::new().service(refusing)))?;
    Ok(Contestant {
        name,
        status: 403,
        bare_status: 403,
        bare: ask(bare, scene, scene.subject()?)?,
        layered: ask(app(scene)?, scene, scene.subject()?)?,
    })
}

async fn refuse() -> HttpResponse {
    let mut response = HttpResponse::Forbidden();
    response.insert_header((CONTENT_TYPE, REFUSAL_TYPE));
    response.insert_header((CACHE_CONTROL, "no-store"));
    response.insert_header((VARY, "*"));
    response.insert_header((CONTENT_LANGUAGE, "en"));
    response.body(REFUSAL)
}

fn app(
    scene: Scene,
) -> Result<impl Service<Request, Response = ServiceResponse, Error = Error>, Failure> {
    let gate = Gated::new(scene.gate()?, who);
    let gated = gate.resource(ROUTE).post(CREATE_CHAT, create);
    now(init_service(App::new().service(gated)))
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is Gatepost's")]
fn who(request: &HttpRequest) -> Result<Option<Subject>, SourceError> {
    Ok(request.extensions().get::<Subject>().cloned())
}
