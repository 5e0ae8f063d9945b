//! What the handlers do once a request was allowed.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{ErrorResponse, IntoResponse, Result};
use chats::{Chat, Chats, NewChat, NotRun, Run, Runs};
use gatepost_axum::{Entity, Permit, Rejection};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) async fn list(permit: Permit, State(chats): State<Chats>) -> Json<Vec<Chat>> {
    Json(chats.list(&permit))
}

pub(crate) async fn create(
    permit: Permit,
    State(chats): State<Chats>,
    body: Bytes,
) -> Result<(StatusCode, Json<Chat>)> {
    let new: NewChat = json_or_default(&body)?;
    Ok((StatusCode::CREATED, Json(chats.create(&permit, new))))
}

pub(crate) async fn read(chat: Entity<Chat>) -> Json<Chat> {
    Json(Chat::clone(&chat))
}

/// What happens in a chat. The requirement binds it: it ends when the chat may not be read any more.
pub(crate) async fn stream(chat: Entity<Chat>, State(chats): State<Chats>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, Body::from_stream(chats.events(&chat)))
}

pub(crate) async fn promote(chat: Entity<Chat>, State(chats): State<Chats>) -> Result<Json<Chat>> {
    let promoted = chats.promote(&chat);
    Ok(Json(promoted.ok_or(StatusCode::NOT_FOUND)?))
}

pub(crate) async fn add_tool_result(
    chat: Entity<Chat>,
    State(chats): State<Chats>,
    body: Bytes,
) -> Result<Json<Chat>> {
    let result: Option<Value> = json_or_default(&body)?;
    let changed = chats.add_tool_result(&chat, result);
    Ok(Json(changed.ok_or(StatusCode::NOT_FOUND)?))
}

pub(crate) async fn delete(chat: Entity<Chat>, State(chats): State<Chats>) -> StatusCode {
    chats.delete(&chat);
    StatusCode::NO_CONTENT
}

pub(crate) async fn run_agent(
    permit: Permit,
    Path((_, agent)): Path<(String, String)>,
    State(runs): State<Runs>,
    body: Bytes,
) -> Result<(StatusCode, Json<Run>)> {
    let run = Run::start(&permit, agent, &body, &runs).await;
    Ok((StatusCode::ACCEPTED, Json(run.map_err(not_run)?)))
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
