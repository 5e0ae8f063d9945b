//! The routes on axum.

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::middleware::map_request;
use axum::routing::{MethodFilter, get};
use gatepost::{Gate, OrgId, ReportOnly, SubjectId};
use gatepost_axum::{EntityKey, EntityLoader, Gated, Loaded, Passage, SourceError};
use http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::routes::{Ask, ROUTES};
use super::{App, CAPABILITIES, RESOURCES, Reply};
use crate::served::axum::{authenticate, who};

/// Whatever is asked for is there, as the path says it.
pub(super) struct Anything;

#[async_trait]
impl EntityLoader for Anything {
    type Entity = ();

    async fn load(&self, key: EntityKey<'_>) -> Result<Option<Loaded<()>>, SourceError> {
        let in_path = key.path("org").and_then(|org| OrgId::new(org).ok());
        let org = key.org().cloned().or(in_path);
        let owner = key
            .path("owner")
            .and_then(|owner| SubjectId::new(owner).ok());
        let loaded = match org {
            Some(org) => Loaded::in_org(org, ()),
            None => Loaded::site_wide(()),
        };
        Ok(Some(match owner {
            Some(owner) => loaded.owned_by(owner),
            None => loaded,
        }))
    }
}

pub(super) fn app(gate: Gate, report_only: Option<ReportOnly>) -> Router {
    let gated = Gated::new(gate, who)
        .loader("chat", Anything)
        .loader("doc", Anything);
    let gated = report_only.iter().fold(gated, |gated, report_only| {
        let reported = RESOURCES.into_iter();
        reported.fold(gated, |gated, name| gated.report_only(name, *report_only))
    });
    let gated = ROUTES.iter().fold(gated, |gated, route| {
        let method = if route.method == "GET" {
            MethodFilter::GET
        } else {
            MethodFilter::POST
        };
        gated.on(
            method,
            route.path,
            route.requirement,
            async |_: Passage| "ran",
        )
    });
    let gated = gated.capabilities(CAPABILITIES);
    let gated = gated.public("/healthz", get(async || "ok"), "probes have no identity");
    gated
        .into_router()
        .unwrap()
        .layer(map_request(authenticate))
}

impl App for Router {
    async fn send(&self, ask: Ask) -> Reply {
        let mut request = Request::builder().method(ask.method).uri(&ask.target);
        request = request.header("authorization", format!("Bearer {}", ask.asker));
        if let Some(org) = &ask.x_org {
            request = request.header("x-org", org);
        }
        let request = request.body(Body::from(ask.body)).unwrap();
        let response = self.clone().oneshot(request).await.unwrap();
        Reply {
            status: response.status().as_u16(),
            body: response
                .into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .to_vec(),
        }
    }
}
