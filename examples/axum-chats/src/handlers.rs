//! What the handlers do once a request was allowed, and what clients are told of them.
//!
//! Of a refusal nothing is said here: that follows from what the route requires.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{ErrorResponse, IntoResponse, Result};
use chats::{Chat, Chats, NewChat, NewChatInOrg, NewRun, NotRead, NotRun, Run, Runs, Told};
use gatepost_axum::{Entity, Gate, Permit, Rejection};
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
pub(crate) async fn list(permit: Permit, State(chats): State<Chats>) -> Json<Vec<Chat>> {
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
    State(chats): State<Chats>,
    body: Bytes,
) -> Result<(StatusCode, Json<Chat>)> {
    let new: NewChat = json_or_default(&body)?;
    Ok((StatusCode::CREATED, Json(chats.create(&permit, new))))
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
    chats: State<Chats>,
    body: Bytes,
) -> Result<(StatusCode, Json<Chat>)> {
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
    chats: State<Chats>,
    body: Bytes,
) -> Result<(StatusCode, Json<Chat>)> {
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
    chats: State<Chats>,
    body: Bytes,
) -> Result<(StatusCode, Json<Chat>)> {
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
pub(crate) async fn stream(chat: Entity<Chat>, State(chats): State<Chats>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, Body::from_stream(chats.events(&chat)))
}

/// Promotes a chat.
#[utoipa::path(
    post,
    path = "/orgs/{org}/chats/{id}/promote",
    responses((status = 200, description = "The chat", body = Chat)),
)]
pub(crate) async fn promote(chat: Entity<Chat>, State(chats): State<Chats>) -> Result<Json<Chat>> {
    let promoted = chats.promote(&chat);
    Ok(Json(promoted.ok_or(StatusCode::NOT_FOUND)?))
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
    State(chats): State<Chats>,
    body: Bytes,
) -> Result<Json<Chat>> {
    let result: Option<Value> = json_or_default(&body)?;
    let changed = chats.add_tool_result(&chat, result);
    Ok(Json(changed.ok_or(StatusCode::NOT_FOUND)?))
}

/// Deletes a chat.
#[utoipa::path(
    delete,
    path = "/orgs/{org}/chats/{id}",
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(chat: Entity<Chat>, State(chats): State<Chats>) -> StatusCode {
    chats.delete(&chat);
    StatusCode::NO_CONTENT
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
    Path((_, agent)): Path<(String, String)>,
    State(runs): State<Runs>,
    body: Bytes,
) -> Result<(StatusCode, Json<Run>)> {
    let run = Run::start(&permit, agent, &body, &runs).await;
    Ok((StatusCode::ACCEPTED, Json(run.map_err(not_run)?)))
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
pub(crate) async fn health(
    State(gate): State<Gate>,
) -> std::result::Result<&'static str, (StatusCode, &'static str)> {
    chats::health(&gate).map_err(|why| (StatusCode::SERVICE_UNAVAILABLE, why))
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    responses((status = 200, description = "The document", body = Value)),
)]
pub(crate) async fn document(State(told): State<Arc<Told>>) -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "application/json")];
    (headers, told.document.clone())
}

fn not_run(why: NotRun) -> ErrorResponse {
    match why {
        NotRun::Denied(denial) => Rejection::from(denial).into(),
        why => {
            tracing::error!(?why, "a run could not be queued");
            StatusCode::INTERNAL_SERVER_ERROR.into()
        }
    }
}

/// A body that may be left out.
fn json_or_default<T: DeserializeOwned + Default>(body: &Bytes) -> Result<T, JsonRejection> {
    if body.is_empty() {
        return Ok(T::default());
    }
    Json::from_bytes(body).map(|Json(read)| read)
}
