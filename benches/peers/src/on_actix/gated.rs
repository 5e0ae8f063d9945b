//! gatepost-actix, as its README shows it.

use actix_web::test::init_service;
use actix_web::{App, HttpMessage, HttpRequest};
use gatepost_actix::{Gated, SourceError, Subject};

use super::create;
use crate::contest::{Contestant, Failure, now};
use crate::scene::{CREATE_CHAT, ROUTE, Scene};

pub(super) fn contestant(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    let gate = Gated::new(scene.gate()?, who);
    let gated = gate.resource(ROUTE).post(CREATE_CHAT, create);
    let app = now(init_service(App::new().service(gated)))?;
    super::contestant(name, scene, app, scene.subject()?)
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is Gatepost's")]
fn who(request: &HttpRequest) -> Result<Option<Subject>, SourceError> {
    Ok(request.extensions().get::<Subject>().cloned())
}
