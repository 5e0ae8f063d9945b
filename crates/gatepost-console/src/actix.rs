//! The console in an actix-web application: the same router, below a path.
//!
//! Each of its routes is decided by its own requirement, so to the gate around the application all of them are
//! public:
//!
//! ```
//! use actix_web::web;
//! use gatepost_console::actix;
//! # fn routes(app: &mut web::ServiceConfig, gated: &gatepost_actix::Gated, console: &axum::Router) {
//! let console = actix::route(console.clone());
//! let why = "each route of the console has a requirement of its own";
//! app.service(gated.public_scope("/console", why).default_service(console));
//! # }
//! # drop(routes);
//! ```
//!
//! The path is that of [`Console::at`](crate::Console::at).

use std::net::SocketAddr;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode as ActixStatus;
use actix_web::http::header::{CONTENT_LENGTH, HeaderName as ActixName, HeaderValue as ActixValue};
use actix_web::web::{self, Bytes, BytesMut};
use actix_web::{HttpRequest, HttpResponse, Route};
use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use futures_util::{StreamExt as _, TryStreamExt as _};
use http::{HeaderName, HeaderValue, Method, Uri};
use tower::util::ServiceExt as _;

use crate::body::LIMIT;

/// A route that answers as the router does, for all methods and paths that come to it.
pub fn route(router: Router) -> Route {
    web::to(move |request: HttpRequest, payload: web::Payload| {
        let router = router.clone();
        async move { answer(router, &request, payload).await }
    })
}

async fn answer(router: Router, request: &HttpRequest, payload: web::Payload) -> HttpResponse {
    let Ok(body) = read(payload).await else {
        return HttpResponse::BadRequest().finish();
    };
    let Some(asked) = asked(request, body) else {
        return HttpResponse::BadRequest().finish();
    };
    match router.oneshot(asked).await {
        Ok(response) => answered(response),
        Err(never) => match never {},
    }
}

/// The body, or so much of it that the console sees that there is too much.
async fn read(mut payload: web::Payload) -> Result<Bytes, actix_web::error::PayloadError> {
    let mut body = BytesMut::new();
    while body.len() <= LIMIT
        && let Some(piece) = payload.next().await
    {
        let piece = piece?;
        let room = LIMIT.saturating_add(1).saturating_sub(body.len());
        body.extend_from_slice(piece.get(..room).unwrap_or(&piece));
    }
    Ok(body.freeze())
}

/// The request, as the router reads it.
fn asked(request: &HttpRequest, body: Bytes) -> Option<Request> {
    let mut asked = Request::new(Body::from(body));
    *asked.method_mut() = Method::from_bytes(request.method().as_str().as_bytes()).ok()?;
    *asked.uri_mut() = request.uri().to_string().parse::<Uri>().ok()?;
    for (name, value) in request.headers() {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        asked.headers_mut().append(name, value);
    }
    if let Some(peer) = request.peer_addr() {
        let extensions = asked.extensions_mut();
        extensions.insert(ConnectInfo::<SocketAddr>(peer));
    }
    Some(asked)
}

/// The response, as actix sends it.
fn answered(response: Response) -> HttpResponse {
    let (parts, body) = response.into_parts();
    let status = ActixStatus::from_u16(parts.status.as_u16());
    let mut answer = HttpResponse::build(status.unwrap_or(ActixStatus::INTERNAL_SERVER_ERROR));
    // Of an answer to `HEAD` the length is that of the body that there would be.
    let told = parts.headers.get(http::header::CONTENT_LENGTH);
    let told = told.and_then(|length| length.to_str().ok()?.parse().ok());
    for (name, value) in &parts.headers {
        let name = ActixName::from_bytes(name.as_str().as_bytes());
        let value = ActixValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value)
            && name != CONTENT_LENGTH
        {
            answer.append_header((name, value));
        }
    }
    let size = told.or_else(|| body.size_hint().exact());
    let pieces = body.into_data_stream().map_err(std::io::Error::other);
    match size {
        Some(size) => answer.body(SizedStream::new(size, pieces)),
        None => answer.streaming(pieces),
    }
}
