//! Changes.

use axum::Json;
use axum::extract::State;

use super::refusals::{Asking, Writing};
use super::schema::{UndoBody, WriteBody, WriteQuery, Written};
use crate::ask::{Asked, InPath};
use crate::asker::Asker;
use crate::body::Sent;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::{BasedOn, Scope, UndoWrite, Write};
use crate::precondition::IfMatch;

/// Changes the site
///
/// Takes the commands that are no org's own say.
#[utoipa::path(post, path = "/api/v1/site/changes", tag = "changes", operation_id = "change_site",
    params(WriteQuery, ("If-Match" = String, Header, description = "The version that was looked at, in quotes; `*` is whatever is there.")),
    request_body = WriteBody,
    responses((status = 200, description = "What was changed, or with `dry_run` would be.", body = Written), Asking, Writing))]
pub(super) async fn site(
    State(kept): State<Kept>,
    asker: Asker,
    Asked(query): Asked<WriteQuery>,
    IfMatch(based_on): IfMatch,
    Sent(body): Sent<WriteBody>,
) -> Result<Json<Written>, Fault> {
    write(&kept, &asker, Scope::Site, query, based_on, body).await
}

/// Changes an org
///
/// Takes `org_switch`, `org_floor`, `member_add`, `member_remove` and `role_define`, of this org.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/changes", tag = "changes", operation_id = "change_org",
    params(WriteQuery, ("If-Match" = String, Header, description = "The version that was looked at, in quotes; `*` is whatever is there.")),
    request_body = WriteBody,
    responses((status = 200, description = "What was changed, or with `dry_run` would be.", body = Written), Asking, Writing))]
pub(super) async fn org(
    State(kept): State<Kept>,
    asker: Asker,
    InPath(org): InPath<String>,
    Asked(query): Asked<WriteQuery>,
    IfMatch(based_on): IfMatch,
    Sent(body): Sent<WriteBody>,
) -> Result<Json<Written>, Fault> {
    write(&kept, &asker, Scope::Org(&org), query, based_on, body).await
}

async fn write(
    kept: &Kept,
    asker: &Asker,
    scope: Scope<'_>,
    query: WriteQuery,
    based_on: BasedOn,
    body: WriteBody,
) -> Result<Json<Written>, Fault> {
    let write = Write {
        command: body.command,
        reason: body.reason,
        based_on,
    };
    let written = if query.dry_run == Some(true) {
        Written::DryRun(Box::new(kept.preview(asker, scope, write).await?))
    } else {
        Written::Changed(kept.write(asker, scope, write).await?)
    };
    Ok(Json(written))
}

/// Undoes a change, as a new change
#[utoipa::path(post, path = "/api/v1/site/changes/{version}/undo", tag = "changes", operation_id = "undo_site_change",
    params(WriteQuery, ("version" = u64, Path, description = "The version that the change made."), ("If-Match" = String, Header, description = "The version that was looked at, in quotes; `*` is whatever is there.")),
    request_body = UndoBody,
    responses((status = 200, description = "What was changed, or with `dry_run` would be.", body = Written), Asking, Writing))]
pub(super) async fn undo_of_site(
    State(kept): State<Kept>,
    asker: Asker,
    InPath(version): InPath<u64>,
    Asked(query): Asked<WriteQuery>,
    IfMatch(based_on): IfMatch,
    Sent(body): Sent<UndoBody>,
) -> Result<Json<Written>, Fault> {
    let undo = UndoWrite {
        version,
        reason: body.reason,
        based_on,
    };
    undone(&kept, &asker, Scope::Site, query, undo).await
}

/// Undoes a change of an org, as a new change
#[utoipa::path(post, path = "/api/v1/orgs/{org}/changes/{version}/undo", tag = "changes", operation_id = "undo_org_change",
    params(WriteQuery, ("version" = u64, Path, description = "The version that the change made."), ("If-Match" = String, Header, description = "The version that was looked at, in quotes; `*` is whatever is there.")),
    request_body = UndoBody,
    responses((status = 200, description = "What was changed, or with `dry_run` would be.", body = Written), Asking, Writing))]
pub(super) async fn undo_of_org(
    State(kept): State<Kept>,
    asker: Asker,
    InPath((org, version)): InPath<(String, u64)>,
    Asked(query): Asked<WriteQuery>,
    IfMatch(based_on): IfMatch,
    Sent(body): Sent<UndoBody>,
) -> Result<Json<Written>, Fault> {
    let undo = UndoWrite {
        version,
        reason: body.reason,
        based_on,
    };
    undone(&kept, &asker, Scope::Org(&org), query, undo).await
}

async fn undone(
    kept: &Kept,
    asker: &Asker,
    scope: Scope<'_>,
    query: WriteQuery,
    undo: UndoWrite,
) -> Result<Json<Written>, Fault> {
    let written = if query.dry_run == Some(true) {
        Written::DryRun(Box::new(kept.preview_undo(asker, scope, undo).await?))
    } else {
        Written::Changed(kept.undo(asker, scope, undo).await?)
    };
    Ok(Json(written))
}
