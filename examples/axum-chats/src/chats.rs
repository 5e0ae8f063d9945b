//! Chats: what the handlers do once a request was allowed, and where chats are kept.

mod store;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::Result;
use gatepost_axum::{Entity, Permit, Reach};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use self::store::{Chat, Chats};

#[derive(Default, Deserialize)]
pub(crate) struct NewChat {
    title: Option<String>,
}

/// Whose chats are listed follows from how far the grant reaches.
pub(crate) async fn list(permit: Permit, State(chats): State<Chats>) -> Json<Vec<Chat>> {
    let owner = match permit.reach() {
        Reach::Any => None,
        Reach::Own => Some(permit.beneficiary()),
    };
    Json(chats.list(permit.org(), owner))
}

/// The org is the permit's, wherever the request named it, and so is the owner.
pub(crate) async fn create(
    permit: Permit,
    State(chats): State<Chats>,
    body: Bytes,
) -> Result<(StatusCode, Json<Chat>)> {
    let new: NewChat = json_or_default(&body)?;
    let chat = Chat::new(permit.org(), permit.beneficiary(), new.title);
    chats.add(chat.clone());
    Ok((StatusCode::CREATED, Json(chat)))
}

pub(crate) async fn read(chat: Entity<Chat>) -> Json<Chat> {
    Json(Chat::clone(&chat))
}

pub(crate) async fn promote(chat: Entity<Chat>, State(chats): State<Chats>) -> Result<Json<Chat>> {
    let changed = chats.update(&chat, |chat| chat.promoted = true);
    Ok(Json(changed.ok_or(StatusCode::NOT_FOUND)?))
}

pub(crate) async fn add_tool_result(
    chat: Entity<Chat>,
    State(chats): State<Chats>,
    body: Bytes,
) -> Result<Json<Chat>> {
    let result: Option<Value> = json_or_default(&body)?;
    let changed = chats.update(&chat, |chat| chat.tool_results.extend(result));
    Ok(Json(changed.ok_or(StatusCode::NOT_FOUND)?))
}

pub(crate) async fn delete(chat: Entity<Chat>, State(chats): State<Chats>) -> StatusCode {
    chats.remove(&chat);
    StatusCode::NO_CONTENT
}

/// A body that may be left out.
fn json_or_default<T: DeserializeOwned + Default>(body: &Bytes) -> Result<T, JsonRejection> {
    if body.is_empty() {
        return Ok(T::default());
    }
    Json::from_bytes(body).map(|Json(read)| read)
}
