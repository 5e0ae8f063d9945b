//! gatepost-axum, as its README shows it.

use axum::http::request::Parts;
use gatepost_axum::{Gated, SourceError, Subject};

use super::{carried, create};
use crate::contest::{Contestant, Failure};
use crate::scene::{CREATE_CHAT, ROUTE, Scene};

pub(super) fn contestant(name: &'static str, scene: Scene) -> Result<Contestant, Failure> {
    let app = Gated::new(scene.gate()?, who)
        .post(ROUTE, CREATE_CHAT, create)
        .into_router()?;
    super::contestant(name, scene, app, carried(scene.subject()?))
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is Gatepost's")]
fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    Ok(request.extensions.get::<Subject>().cloned())
}
