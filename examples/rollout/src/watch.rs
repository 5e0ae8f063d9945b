//! What is looked at of the decisions: a log, metrics, and a candidate policy beside the live one.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use chats::Error;
use gatepost::{Inventory, PolicyText, Timestamp};
use gatepost_axum::Gate;
use gatepost_observe::{DecisionLog, Gauges, JsonLines, Metrics, SECONDS, Shadow};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Whoever is told of each decision.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) log: DecisionLog,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) shadow: Option<Shadow>,
    rendered: PrometheusHandle,
}

impl Watched {
    /// Writes the log to a file, and tries out the policy document of another, if there is one.
    ///
    /// It installs the recorder of the process, so it is made once.
    pub(crate) fn open(log: &Path, candidate: Option<&Path>) -> Result<Self, Error> {
        let recorder = PrometheusBuilder::new().set_buckets(SECONDS)?;
        let rendered = recorder.install_recorder()?;
        let candidate = candidate.map(|file| -> Result<Shadow, Error> {
            let text = std::fs::read_to_string(file)?;
            Ok(Shadow::of_document(&PolicyText::toml(text).parse()?)?)
        });
        let file = JsonLines::open(log)?;
        Ok(Self {
            // Everything that is refused, and one allow in a hundred.
            log: DecisionLog::builder("rollout")
                .sink("file", file)
                .one_allow_in(100)
                .build()?,
            metrics: Arc::new(Metrics::new()),
            shadow: candidate.transpose()?,
            rendered,
        })
    }

    /// `/metrics` for Prometheus, and `/shadow`: what the candidate would have answered. They tell names of orgs and
    /// subjects, so they are served where clients do not come.
    pub(crate) fn router(&self, gate: Gate, routes: &Inventory) -> Router {
        let mut gauges = Gauges::new(gate).log(&self.log);
        let (reporting, past) = routes.reporting(Timestamp::now());
        gauges.report_only_routes(reporting, past);
        let (rendered, shadow) = (self.rendered.clone(), self.shadow.clone());
        let gauges = Arc::new(gauges);
        Router::new()
            .route(
                "/metrics",
                get(async move || {
                    gauges.sample();
                    rendered.run_upkeep();
                    rendered.render()
                }),
            )
            .route(
                "/shadow",
                get(async move || match shadow {
                    Some(shadow) => shadow.report().to_string(),
                    None => "no candidate is tried out\n".to_owned(),
                }),
            )
    }
}
