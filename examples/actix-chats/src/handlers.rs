//! What the handlers do once a request was allowed, and what clients are told of them.
//!
//! Of a refusal nothing is said here: that follows from what the route requires.

use actix_web::http::StatusCode;
use actix_web::http::header::CacheDirective::NoStore;
use actix_web::http::header::{CacheControl, ContentType};
use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{HttpResponse, Responder, Result, error};
use chats::{Chat, Chats, NewChat, NewChatInOrg, NewRun, NotRead, NotRun, Run, Runs, Told};
use gatepost_actix::{Entity, Gate, Permit, Rejection};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::OpenApi;

/// What clients are told. A handler that is missing here, and one that has no route, is an error at start-up.
#[derive(OpenApi)]
#[openapi(paths(
    list,
    create,
    create_by_body,
    create_mine,
    create_site_wide,
    read,
    stream,
    promote,
    add_tool_result,
    delete,
    run_agent,
    health,
    document,
))]
pub(crate) struct Api;

/// The chats of an org, or the subject's own, as far as it may read them.
#[utoipa::path(
    get,
    path = "/orgs/{org}/chats",
    responses((status = 200, description = "The chats", body = Vec<Chat>)),
)]
pub(crate) async fn list(permit: Permit, chats: Data<Chats>) -> Json<Vec<Chat>> {
    Json(chats.list(&permit))
}

/// Creates a chat in an org.
#[utoipa::path(
    post,
    path = "/orgs/{org}/chats",
    request_body = Option<NewChat>,
    responses(
        (status = 201, description = "The chat", body = Chat),
        NotRead,
        (status = 422, description = "The body says something else", body = String),
    ),
)]
pub(crate) async fn create(
    permit: Permit,
    chats: Data<Chats>,
    body: Bytes,
) -> Result<impl Responder> {
    let new: NewChat = json_or_default(&body)?;
    Ok((Json(chats.create(&permit, new)), StatusCode::CREATED))
}

/// Creates a chat in the org that the body names.
#[utoipa::path(
    post,
    path = "/chats",
    request_body = NewChatInOrg,
    responses(
        (status = 201, description = "The chat", body = Chat),
        (status = 422, description = "The body says something else", body = String),
    ),
)]
pub(crate) async fn create_by_body(
    permit: Permit,
    chats: Data<Chats>,
    body: Bytes,
) -> Result<impl Responder> {
    create(permit, chats, body).await
}

/// Creates a chat in the subject's default org.
#[utoipa::path(
    post,
    path = "/me/chats",
    request_body = Option<NewChat>,
    responses(
        (status = 201, description = "The chat", body = Chat),
        NotRead,
        (status = 422, description = "The body says something else", body = String),
    ),
)]
pub(crate) async fn create_mine(
    permit: Permit,
    chats: Data<Chats>,
    body: Bytes,
) -> Result<impl Responder> {
    create(permit, chats, body).await
}

/// Creates a chat in no org.
#[utoipa::path(
    post,
    path = "/dashboard/chats",
    request_body = Option<NewChat>,
    responses(
        (status = 201, description = "The chat", body = Chat),
        NotRead,
        (status = 422, description = "The body says something else", body = String),
    ),
)]
pub(crate) async fn create_site_wide(
    permit: Permit,
    chats: Data<Chats>,
    body: Bytes,
) -> Result<impl Responder> {
    create(permit, chats, body).await
}

/// A chat.
#[utoipa::path(
    get,
    path = "/orgs/{org}/chats/{id}",
    responses((status = 200, description = "The chat", body = Chat)),
)]
pub(crate) async fn read(chat: Entity<Chat>) -> Json<Chat> {
    Json(Chat::clone(&chat))
}

/// What happens in a chat, as server-sent events.
///
/// The requirement binds it: it ends when the chat may not be read any more.
#[utoipa::path(
    get,
    path = "/orgs/{org}/chats/{id}/stream",
    responses((status = 200, description = "Events", content_type = "text/event-stream", body = String)),
)]
pub(crate) async fn stream(chat: Entity<Chat>, chats: Data<Chats>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(CacheControl(vec![NoStore]))
        .streaming(chats.events(&chat))
}

/// Promotes a chat.
#[utoipa::path(
    post,
    path = "/orgs/{org}/chats/{id}/promote",
    responses((status = 200, description = "The chat", body = Chat)),
)]
pub(crate) async fn promote(chat: Entity<Chat>, chats: Data<Chats>) -> Result<Json<Chat>> {
    let promoted = chats.promote(&chat);
    promoted.map(Json).ok_or_else(|| error::ErrorNotFound(""))
}

/// Adds what a tool said.
#[utoipa::path(
    post,
    path = "/orgs/{org}/chats/{id}/tool-results",
    request_body = Option<Value>,
    responses((status = 200, description = "The chat", body = Chat), NotRead),
)]
pub(crate) async fn add_tool_result(
    chat: Entity<Chat>,
    chats: Data<Chats>,
    body: Bytes,
) -> Result<Json<Chat>> {
    let result: Option<Value> = json_or_default(&body)?;
    let changed = chats.add_tool_result(&chat, result);
    changed.map(Json).ok_or_else(|| error::ErrorNotFound(""))
}

/// Deletes a chat.
#[utoipa::path(
    delete,
    path = "/orgs/{org}/chats/{id}",
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(chat: Entity<Chat>, chats: Data<Chats>) -> HttpResponse {
    chats.delete(&chat);
    HttpResponse::NoContent().finish()
}

/// Runs an agent: while the caller waits, or whenever a worker takes it.
#[utoipa::path(
    post,
    path = "/orgs/{org}/agents/{agent}/runs",
    request_body = Option<NewRun>,
    responses((status = 202, description = "The run", body = Run)),
)]
pub(crate) async fn run_agent(
    permit: Permit,
    path: Path<(String, String)>,
    runs: Data<Runs>,
    body: Bytes,
) -> Result<impl Responder> {
    let (_, agent) = path.into_inner();
    let run = Run::start(&permit, agent, &body, &runs).await;
    Ok((Json(run.map_err(not_run)?), StatusCode::ACCEPTED))
}

fn not_run(why: NotRun) -> actix_web::Error {
    match why {
        NotRun::Denied(denial) => Rejection::from(denial).into(),
        why => {
            tracing::error!(?why, "a run could not be queued");
            error::ErrorInternalServerError("")
        }
    }
}

/// Whether the service decides.
#[utoipa::path(
    get,
    path = "/healthz",
    responses(
        (status = 200, description = "It does", body = String),
        (status = 503, description = "It does not, and why", body = String),
    ),
)]
pub(crate) async fn health(gate: Data<Gate>) -> (&'static str, StatusCode) {
    match chats::health(&gate) {
        Ok(well) => (well, StatusCode::OK),
        Err(why) => (why, StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    responses((status = 200, description = "The document", body = Value)),
)]
pub(crate) async fn document(told: Data<Told>) -> impl Responder {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(told.document.clone())
}

/// A body that may be left out.
fn json_or_default<T: DeserializeOwned + Default>(body: &Bytes) -> Result<T> {
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|refused| {
        if refused.is_data() {
            error::ErrorUnprocessableEntity(refused)
        } else {
            error::ErrorBadRequest(refused)
        }
    })
}
