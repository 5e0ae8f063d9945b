//! What is read of orgs.

use axum::Json;
use axum::extract::State;

use super::refusals::Reading;
use super::schema::Nothing;
use crate::ask::{Asked, InPath};
use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::{AfterQuery, DenialsQuery, HistoryQuery, OrgsQuery, Scope};
use crate::precondition::Versioned;
use crate::views::{
    ChangeView, DenialsView, HistoryView, MatrixView, MembersView, OrgView, OrgsView,
};

/// Orgs by id, with what is effective in each
#[utoipa::path(get, path = "/api/v1/orgs", tag = "orgs", operation_id = "orgs",
    params(OrgsQuery),
    responses((status = 200, description = "The orgs.", body = OrgsView, headers(("ETag" = String, description = "The version."))), Reading))]
pub(super) async fn orgs(
    State(kept): State<Kept>,
    Asked(query): Asked<OrgsQuery>,
) -> Result<Versioned<OrgsView>, Fault> {
    let view = kept.orgs(&query).await?;
    Ok(Versioned(view.version, view))
}

/// An org: what it says, what is effective in it, its own roles
#[utoipa::path(get, path = "/api/v1/orgs/{org}", tag = "orgs", operation_id = "org",
    responses((status = 200, description = "The org.", body = OrgView, headers(("ETag" = String, description = "The version."))), Reading))]
pub(super) async fn org(
    State(kept): State<Kept>,
    _: Asked<Nothing>,
    InPath(org): InPath<String>,
) -> Result<Versioned<OrgView>, Fault> {
    let view = kept.org(&org).await?;
    Ok(Versioned(view.version, view))
}

/// Members that stand in exactly this org, by id
#[utoipa::path(get, path = "/api/v1/orgs/{org}/members", tag = "orgs", operation_id = "members",
    params(AfterQuery),
    responses((status = 200, description = "The members.", body = MembersView, headers(("ETag" = String, description = "The version."))), Reading))]
pub(super) async fn members(
    State(kept): State<Kept>,
    InPath(org): InPath<String>,
    Asked(query): Asked<AfterQuery>,
) -> Result<Versioned<MembersView>, Fault> {
    let view = kept.members(&org, &query).await?;
    Ok(Versioned(view.version, view))
}

/// Roles, actions and modes of an org as it stands
#[utoipa::path(get, path = "/api/v1/orgs/{org}/matrix", tag = "orgs", operation_id = "matrix",
    responses((status = 200, description = "The matrix.", body = MatrixView, headers(("ETag" = String, description = "The version."))), Reading))]
pub(super) async fn matrix(
    State(kept): State<Kept>,
    _: Asked<Nothing>,
    InPath(org): InPath<String>,
) -> Result<Versioned<MatrixView>, Fault> {
    let view = kept.matrix(&org).await?;
    Ok(Versioned(view.version, view))
}

/// The audit log of an org, the newest first
#[utoipa::path(get, path = "/api/v1/orgs/{org}/changes", tag = "changes", operation_id = "org_changes",
    params(HistoryQuery),
    responses((status = 200, description = "The changes.", body = HistoryView), Reading))]
pub(super) async fn changes(
    State(kept): State<Kept>,
    asker: Asker,
    InPath(org): InPath<String>,
    Asked(query): Asked<HistoryQuery>,
) -> Result<Json<HistoryView>, Fault> {
    kept.history(&asker, Scope::Org(&org), &query)
        .await
        .map(Json)
}

/// One change of an org
#[utoipa::path(get, path = "/api/v1/orgs/{org}/changes/{version}", tag = "changes", operation_id = "org_change",
    params(("version" = u64, Path, description = "The version that the change made.")),
    responses((status = 200, description = "The change.", body = ChangeView), Reading))]
pub(super) async fn change(
    State(kept): State<Kept>,
    _: Asked<Nothing>,
    asker: Asker,
    InPath((org, version)): InPath<(String, u64)>,
) -> Result<Json<ChangeView>, Fault> {
    kept.change(&asker, Scope::Org(&org), version)
        .await
        .map(Json)
}

/// Sampled denials in an org, the newest first
#[utoipa::path(get, path = "/api/v1/orgs/{org}/denials", tag = "denials", operation_id = "org_denials",
    params(DenialsQuery),
    responses((status = 200, description = "The denials.", body = DenialsView), Reading))]
pub(super) async fn denials(
    State(kept): State<Kept>,
    asker: Asker,
    InPath(org): InPath<String>,
    Asked(query): Asked<DenialsQuery>,
) -> Result<Json<DenialsView>, Fault> {
    kept.denials(&asker, Scope::Org(&org), &query)
        .await
        .map(Json)
}
