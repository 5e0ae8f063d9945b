//! What a subject is told of itself and, where it may audit, of others.

use axum::Json;
use axum::extract::State;
use gatepost::{RequestDocument, RequestFields};

use super::refusals::{Asking, Reading};
use super::schema::{Nothing, RequestSchema};
use crate::ask::{Asked, InPath};
use crate::asker::Asker;
use crate::body::Sent;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::Scope;
use crate::precondition::Versioned;
use crate::views::{MeView, WhyView};

/// Why a request is answered as it is: the fifteen checks
///
/// Of the one who asks, always. Of another without an org, for those who may read and audit the site; of another
/// in an org, for those who may audit that org, where the other is a member of it or of an org above.
#[utoipa::path(post, path = "/api/v1/why", tag = "why", operation_id = "why",
    request_body = RequestSchema,
    responses((status = 200, description = "The checks.", body = WhyView, headers(("ETag" = String, description = "The version."))), Asking))]
pub(super) async fn anywhere(
    State(kept): State<Kept>,
    _: Asked<Nothing>,
    asker: Asker,
    Sent(request): Sent<RequestFields>,
) -> Result<Versioned<WhyView>, Fault> {
    let why = kept
        .why(&asker, Scope::Site, &read(&asker, request)?)
        .await?;
    Ok(Versioned(why.version, why))
}

/// Why a request in an org is answered as it is: the fifteen checks
#[utoipa::path(post, path = "/api/v1/orgs/{org}/why", tag = "why", operation_id = "why_in_org",
    request_body = RequestSchema,
    responses((status = 200, description = "The checks.", body = WhyView, headers(("ETag" = String, description = "The version."))), Asking))]
pub(super) async fn in_org(
    State(kept): State<Kept>,
    _: Asked<Nothing>,
    asker: Asker,
    InPath(org): InPath<String>,
    Sent(request): Sent<RequestFields>,
) -> Result<Versioned<WhyView>, Fault> {
    let why = kept
        .why(&asker, Scope::Org(&org), &read(&asker, request)?)
        .await?;
    Ok(Versioned(why.version, why))
}

/// Who asks, and where the console has something for it
#[utoipa::path(get, path = "/api/v1/me", tag = "why", operation_id = "me",
    responses((status = 200, description = "Who asks.", body = MeView), Reading))]
pub(super) async fn me(
    State(kept): State<Kept>,
    _: Asked<Nothing>,
    asker: Asker,
) -> Result<Json<MeView>, Fault> {
    kept.me(&asker).await.map(Json)
}

/// The request; without a subject it is one of whoever asks, with all else that it says.
fn read(asker: &Asker, mut fields: RequestFields) -> Result<RequestDocument, Fault> {
    fields.subject.get_or_insert_with(|| asker.id().to_string());
    let request = RequestDocument::from_fields(fields);
    request.map_err(|why| Fault::bad_request(format!("the body: {why}")))
}
