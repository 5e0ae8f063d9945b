//! What the handlers do once a request was allowed.

use actix_web::http::StatusCode;
use actix_web::http::header::CacheControl;
use actix_web::http::header::CacheDirective::NoStore;
use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{HttpResponse, Responder, Result, error};
use chats::{Chat, Chats, NewChat, NotRun, Run, Runs};
use gatepost_actix::{Entity, Gate, Permit, Rejection};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) async fn list(permit: Permit, chats: Data<Chats>) -> Json<Vec<Chat>> {
    Json(chats.list(&permit))
}

pub(crate) async fn create(
    permit: Permit,
    chats: Data<Chats>,
    body: Bytes,
) -> Result<impl Responder> {
    let new: NewChat = json_or_default(&body)?;
    Ok((Json(chats.create(&permit, new)), StatusCode::CREATED))
}

pub(crate) async fn read(chat: Entity<Chat>) -> Json<Chat> {
    Json(Chat::clone(&chat))
}

/// What happens in a chat. The requirement binds it: it ends when the chat may not be read any more.
pub(crate) async fn stream(chat: Entity<Chat>, chats: Data<Chats>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(CacheControl(vec![NoStore]))
        .streaming(chats.events(&chat))
}

pub(crate) async fn promote(chat: Entity<Chat>, chats: Data<Chats>) -> Result<Json<Chat>> {
    let promoted = chats.promote(&chat);
    promoted.map(Json).ok_or_else(|| error::ErrorNotFound(""))
}

pub(crate) async fn add_tool_result(
    chat: Entity<Chat>,
    chats: Data<Chats>,
    body: Bytes,
) -> Result<Json<Chat>> {
    let result: Option<Value> = json_or_default(&body)?;
    let changed = chats.add_tool_result(&chat, result);
    changed.map(Json).ok_or_else(|| error::ErrorNotFound(""))
}

pub(crate) async fn delete(chat: Entity<Chat>, chats: Data<Chats>) -> HttpResponse {
    chats.delete(&chat);
    HttpResponse::NoContent().finish()
}

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

pub(crate) async fn health(gate: Data<Gate>) -> (&'static str, StatusCode) {
    match chats::health(&gate) {
        Ok(well) => (well, StatusCode::OK),
        Err(why) => (why, StatusCode::SERVICE_UNAVAILABLE),
    }
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
