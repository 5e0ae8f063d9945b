//! The routes, most of which only report yet, and what their handlers do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router};
use chats::Jwt;
use gatepost_axum::{
    Gate, Gated, OnlyDecided, Org, OrgId, Passage, Permit, ReportOnly, Requirement, SetupError,
    only_decided,
};

use crate::watch::Watched;

/// Until then, what the routes about chats would refuse goes on, is logged and counted.
pub(crate) const REPORTED: ReportOnly = ReportOnly::until("2099-01-31");

const CREATE: Requirement = Requirement::new("chat", "create").org(Org::path("org"));
const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
/// New with the gates, so it is enforced from the first day; and nobody takes data out of an org without a line in
/// the log.
const EXPORT: Requirement = Requirement::new("export", "read")
    .org(Org::path("org"))
    .logged();

/// How many chats each org has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chats(Arc<Mutex<BTreeMap<Option<OrgId>, u64>>>);

impl Chats {
    pub(crate) fn create(&self, org: Option<&OrgId>) -> u64 {
        let mut chats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = chats.entry(org.cloned()).or_default();
        *count += 1;
        *count
    }

    pub(crate) fn count(&self, org: Option<&OrgId>) -> u64 {
        let chats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        chats.get(&org.cloned()).copied().unwrap_or_default()
    }
}

/// With a passage, nothing of it changes on the day on which the route is enforced.
async fn create(passage: Passage, State(chats): State<Chats>) -> (StatusCode, Json<u64>) {
    (StatusCode::CREATED, Json(chats.create(passage.org())))
}

async fn list(passage: Passage, State(chats): State<Chats>) -> Json<u64> {
    Json(chats.count(passage.org()))
}

/// With a permit, it never runs on a route that only reports.
async fn export(permit: Permit, State(chats): State<Chats>) -> Json<u64> {
    Json(chats.count(permit.org()))
}

/// The routes, each with what it requires; those about chats report only, where `report_only` says so.
pub(crate) fn routes(
    gate: Gate,
    identity: Jwt,
    report_only: Option<ReportOnly>,
    watched: &Watched,
) -> Gated<Chats> {
    let mut routes = Gated::new(gate, identity)
        .observe(watched.log.clone())
        .journal(watched.log.clone())
        .observe(watched.metrics.clone())
        .post("/orgs/{org}/chats", CREATE, create)
        .get("/orgs/{org}/chats", READ, list)
        .get("/orgs/{org}/export", EXPORT, export);
    if let Some(report_only) = report_only {
        routes = routes.report_only("chat", report_only);
    }
    if let Some(shadow) = &watched.shadow {
        routes = routes.observe(shadow.clone());
    }
    routes
}

/// The service. Whatever answers without having been decided does not leave.
pub(crate) fn service(routes: Gated<Chats>) -> Result<OnlyDecided<Router>, SetupError> {
    let gated = routes.into_router()?;
    Ok(only_decided(gated.with_state(Chats::default())))
}
