//! The servers on axum, each on one thread.

use ::http::Extensions;
use axum::Router;
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use axum_casbin::{CasbinAxumLayer, CasbinVals};
use gatepost_axum::{Gated, SourceError, Subject};

use super::contestants::{BARE_AXUM, DENIED_AXUM, GATED_AXUM, LOGIN_AXUM, REFUSES_AXUM};
use super::identity::Identity;
use super::{login, server};
use crate::casbin::{adapter, model};
use crate::contest::Failure;
use crate::scene::{CREATE_CHAT, ROUTE, SHORT, Scene};

pub(super) fn serve(name: &str, answer: Option<&server::Answer>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let app = app(name, answer).await?;
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        server::tell(listener.local_addr()?.port())?;
        // Else the answers to many requests that came at once wait 40 ms, until the client says that it has the
        // first of them.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        axum::serve(listener, app).await?;
        Ok(())
    })
}

async fn app(name: &str, answer: Option<&server::Answer>) -> Result<Router, Failure> {
    Ok(match name {
        BARE_AXUM => router(create),
        GATED_AXUM => gated(SHORT)?,
        DENIED_AXUM => gated(SHORT.denied())?,
        LOGIN_AXUM => login::app(SHORT),
        REFUSES_AXUM => router(refuse(answer.ok_or("what to answer?")?)?).layer(Identity(subject)),
        "axum, axum-casbin" => {
            let layer = CasbinAxumLayer::new(model().await?, adapter(SHORT)).await?;
            Router::new()
                .route(ROUTE, post(create).layer(layer))
                .layer(Identity(|subject: &str, kept: &mut Extensions| {
                    let (subject, domain) = (subject.to_owned(), Some(SHORT.org.to_owned()));
                    kept.insert(CasbinVals { subject, domain });
                }))
        }
        _ => router(create).layer(Identity(subject)),
    })
}

pub(super) async fn create() -> StatusCode {
    StatusCode::CREATED
}

fn router<T: 'static>(handler: impl Handler<T, ()>) -> Router {
    Router::new().route(ROUTE, post(handler))
}

fn gated(scene: Scene) -> Result<Router, Failure> {
    let router = Gated::new(scene.gate()?, who)
        .post(ROUTE, CREATE_CHAT, create)
        .into_router()?;
    Ok(router.layer(Identity(subject)))
}

fn subject(text: &str, kept: &mut Extensions) {
    if let Ok(id) = gatepost::SubjectId::new(text) {
        kept.insert(Subject::new(id));
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is Gatepost's")]
fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    Ok(request.extensions.get::<Subject>().cloned())
}

/// A handler that answers what Gatepost does, out of parts that it has ready.
fn refuse(answer: &server::Answer) -> Result<impl Handler<((),), ()>, Failure> {
    let body = bytes::Bytes::from(answer.body.clone());
    let mut headers = ::http::HeaderMap::new();
    for (name, value) in &answer.headers {
        headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    Ok(async move || (StatusCode::FORBIDDEN, headers, body))
}
