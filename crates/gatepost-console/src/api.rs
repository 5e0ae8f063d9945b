//! The admin API: JSON, and a document that tells of it.

mod document;
mod org;
mod refusals;
mod schema;
mod site;
mod why;
mod write;

use axum::routing::{get, post};
use gatepost_axum::Gated;

pub(crate) use document::document;

use crate::kept::Kept;
use crate::require::{READ_AUDIT, READ_ORG, READ_SITE, UPDATE_ORG, UPDATE_SITE};

/// Why a route takes no requirement that answers each subject about itself.
const ABOUT_ITSELF: &str = "answers each subject about itself alone, unless it may audit";

/// Adds the routes.
pub(crate) fn routes(gated: Gated<Kept>) -> Gated<Kept> {
    gated
        .get("/api/v1/site", READ_SITE, site::site)
        .get("/api/v1/site/changes", READ_SITE, site::changes)
        .post("/api/v1/site/changes", UPDATE_SITE, write::site)
        .get("/api/v1/site/changes/{version}", READ_SITE, site::change)
        .post(
            "/api/v1/site/changes/{version}/undo",
            UPDATE_SITE,
            write::undo_of_site,
        )
        .get("/api/v1/site/denials", READ_SITE, site::denials)
        .get("/api/v1/subjects/{subject}", READ_SITE, site::subject)
        .get("/api/v1/replicas", READ_SITE, site::replicas)
        .get("/api/v1/routes", READ_SITE, site::routes)
        .get("/api/v1/orgs", READ_SITE, org::orgs)
        .get("/api/v1/orgs/{org}", READ_ORG, org::org)
        .get("/api/v1/orgs/{org}/members", READ_ORG, org::members)
        .get("/api/v1/orgs/{org}/matrix", READ_ORG, org::matrix)
        .get("/api/v1/orgs/{org}/changes", READ_AUDIT, org::changes)
        .post("/api/v1/orgs/{org}/changes", UPDATE_ORG, write::org)
        .get(
            "/api/v1/orgs/{org}/changes/{version}",
            READ_AUDIT,
            org::change,
        )
        .post(
            "/api/v1/orgs/{org}/changes/{version}/undo",
            UPDATE_ORG,
            write::undo_of_org,
        )
        .get("/api/v1/orgs/{org}/denials", READ_AUDIT, org::denials)
        .post("/api/v1/orgs/{org}/why", READ_AUDIT, why::in_org)
        .public("/api/v1/why", post(why::anywhere), ABOUT_ITSELF)
        .public("/api/v1/me", get(why::me), ABOUT_ITSELF)
        .public(
            "/api/v1/openapi.json",
            get(document::show),
            "tells of the API and nothing of the policy",
        )
}
