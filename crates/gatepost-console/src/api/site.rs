//! What is read of the site.

use axum::Json;
use axum::extract::State;

use super::refusals::Reading;
use super::schema::{Nothing, VersionQuery};
use crate::ask::{Asked, InPath};
use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::{DenialsQuery, HistoryQuery, Scope};
use crate::precondition::Versioned;
use crate::views::{
    ChangeView, DenialsView, HistoryView, ReplicasView, RoutesView, SiteView, SubjectView,
};

/// What the site says: resources with their gates, site roles, org roles
#[utoipa::path(get, path = "/api/v1/site", tag = "site", operation_id = "site",
    responses((status = 200, description = "What the site says.", body = SiteView, headers(("ETag" = String, description = "The version."))), Reading))]
pub(super) async fn site(
    State(kept): State<Kept>,
    _: Asked<Nothing>,
) -> Result<Versioned<SiteView>, Fault> {
    let view = kept.site().await?;
    Ok(Versioned(view.version, view))
}

/// The audit log of the site and of every org, the newest first
///
/// Takes `gatepost-audit:read` on the site as well.
#[utoipa::path(get, path = "/api/v1/site/changes", tag = "changes", operation_id = "site_changes",
    params(HistoryQuery),
    responses((status = 200, description = "The changes.", body = HistoryView), Reading))]
pub(super) async fn changes(
    State(kept): State<Kept>,
    asker: Asker,
    Asked(query): Asked<HistoryQuery>,
) -> Result<Json<HistoryView>, Fault> {
    kept.history(&asker, Scope::Site, &query).await.map(Json)
}

/// One change
///
/// Takes `gatepost-audit:read` on the site as well.
#[utoipa::path(get, path = "/api/v1/site/changes/{version}", tag = "changes", operation_id = "site_change",
    params(("version" = u64, Path, description = "The version that the change made.")),
    responses((status = 200, description = "The change.", body = ChangeView), Reading))]
pub(super) async fn change(
    State(kept): State<Kept>,
    _: Asked<Nothing>,
    asker: Asker,
    InPath(version): InPath<u64>,
) -> Result<Json<ChangeView>, Fault> {
    kept.change(&asker, Scope::Site, version).await.map(Json)
}

/// Sampled denials of the site and of every org, the newest first
///
/// Takes `gatepost-audit:read` on the site as well.
#[utoipa::path(get, path = "/api/v1/site/denials", tag = "denials", operation_id = "site_denials",
    params(DenialsQuery),
    responses((status = 200, description = "The denials.", body = DenialsView), Reading))]
pub(super) async fn denials(
    State(kept): State<Kept>,
    asker: Asker,
    Asked(query): Asked<DenialsQuery>,
) -> Result<Json<DenialsView>, Fault> {
    kept.denials(&asker, Scope::Site, &query).await.map(Json)
}

/// What the policy says of a subject
#[utoipa::path(get, path = "/api/v1/subjects/{subject}", tag = "subjects", operation_id = "subject",
    params(("subject" = String, Path, description = "The subject's id.")),
    responses((status = 200, description = "What is said of it; of one that the policy does not name, what that means.", body = SubjectView, headers(("ETag" = String, description = "The version."))), Reading))]
pub(super) async fn subject(
    State(kept): State<Kept>,
    _: Asked<Nothing>,
    InPath(subject): InPath<String>,
) -> Result<Versioned<SubjectView>, Fault> {
    let view = kept.subject(&subject).await?;
    Ok(Versioned(view.version, view))
}

/// Which replicas decide by a version, at one look
#[utoipa::path(get, path = "/api/v1/replicas", tag = "site", operation_id = "replicas",
    params(VersionQuery),
    responses((status = 200, description = "The replicas.", body = ReplicasView), Reading))]
pub(super) async fn replicas(
    State(kept): State<Kept>,
    Asked(query): Asked<VersionQuery>,
) -> Result<Json<ReplicasView>, Fault> {
    kept.replicas(query.version).await.map(Json)
}

/// The routes that services have told of
#[utoipa::path(get, path = "/api/v1/routes", tag = "site", operation_id = "routes",
    responses((status = 200, description = "The routes.", body = RoutesView), Reading))]
pub(super) async fn routes(
    State(kept): State<Kept>,
    _: Asked<Nothing>,
) -> Result<Json<RoutesView>, Fault> {
    kept.routes().await.map(Json)
}
