//! What is looked at of the decisions: a log, metrics, and a candidate policy beside the live one.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use chats::Error;
use gatepost::{Inventory, Timestamp};
use gatepost_observe::{DecisionLog, Gauges, JsonLines, Metrics, SECONDS, Shadow, StoreSink};
use gatepost_store::PolicyStore;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::policy::{self, Policy};

/// How long metrics wait for a store, which may be what is wrong.
const STORE_WAIT: Duration = Duration::from_secs(1);

/// Whoever is told of each decision.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) log: DecisionLog,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) shadow: Option<Shadow>,
}

/// The recorder of the metrics, which is installed before anything is watched.
pub(crate) fn prometheus() -> Result<PrometheusBuilder, Error> {
    Ok(PrometheusBuilder::new().set_buckets(SECONDS)?)
}

impl Watched {
    /// Writes the log to a file, and to the store of the policy where it has one; tries out a candidate, if there is
    /// one.
    pub(crate) fn open(
        log: &Path,
        store: Option<&PolicyStore>,
        candidate: Option<&Path>,
    ) -> Result<Self, Error> {
        let file = JsonLines::open(log).map_err(|error| format!("{}: {error}", log.display()))?;
        // Everything that is refused, and one allow in a hundred.
        let mut log = DecisionLog::builder("rollout")
            .sink("file", file)
            .one_allow_in(100);
        if let Some(store) = store {
            log = log.sink("store", StoreSink::new(store.clone(), Handle::current()));
        }
        let shadow = candidate.map(|file| -> Result<Shadow, Error> {
            Ok(Shadow::of_document(&policy::read(file)?)?)
        });
        Ok(Self {
            log: log.build()?,
            metrics: Arc::new(Metrics::new()),
            shadow: shadow.transpose()?,
        })
    }

    /// `/metrics` for Prometheus, and `/shadow`: what the candidate would have answered. They tell names of orgs and
    /// subjects, so they are served where clients do not come.
    pub(crate) fn router(
        &self,
        policy: &Policy,
        routes: Inventory,
        rendered: PrometheusHandle,
        now: fn() -> Timestamp,
    ) -> Router {
        let looked = Arc::new(Mutex::new(Looked {
            gauges: Gauges::new(policy.gate.clone()).log(&self.log),
            store: policy.store.clone(),
            routes,
        }));
        let metrics = async move || {
            looked.lock().await.sample(now()).await;
            rendered.run_upkeep();
            rendered.render()
        };
        let shadow = self.shadow.clone();
        let shadow = async move || match shadow {
            Some(shadow) => shadow.report().to_string(),
            None => "no candidate is tried out\n".to_owned(),
        };
        Router::new()
            .route("/metrics", get(metrics))
            .route("/shadow", get(shadow))
    }
}

/// What is looked at whenever metrics are fetched.
struct Looked {
    gauges: Gauges,
    store: Option<PolicyStore>,
    routes: Inventory,
}

impl Looked {
    async fn sample(&mut self, at: Timestamp) {
        // Each time, since the day from which routes are enforced comes while the service runs.
        let (reporting, past) = self.routes.reporting(at);
        self.gauges.report_only_routes(reporting, past);
        self.gauges.sample();
        if let Some(store) = &self.store {
            match timeout(STORE_WAIT, self.gauges.sample_store(store)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the store does not tell its replicas"),
                Err(_) => tracing::warn!("the store does not tell its replicas in time"),
            }
        }
    }
}
