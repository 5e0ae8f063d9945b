//! What OpenTelemetry is sent.

use std::sync::{Arc, Mutex};

use chats::Error;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

use super::asked::{POLICY, answer, folder, gated};
use crate::service::REPORTED;
use crate::trace;
use crate::watch::Watched;

/// Keeps what is exported.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

#[tokio::test]
async fn a_requests_span_says_what_was_decided() -> Result<(), Error> {
    let kept = Kept::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(kept.clone());
    let tracer = provider.build().tracer("rollout");
    let spans = tracing_opentelemetry::layer().with_tracer(tracer);
    let _here = tracing::subscriber::set_default(Registry::default().with(spans));
    let (_folder, log, _) = folder();
    let watched = Watched::open(&log, None, None)?;
    let app = trace::spans(gated(POLICY, Some(REPORTED), &watched));

    for (who, code) in [("alice", None), ("gus", Some("org_grant_missing"))] {
        answer(&app, who, "POST", "/orgs/acme/chats").await;
        let span = kept.0.lock().unwrap().pop().unwrap();
        let told = |name: &str| {
            let mut told = span.attributes.iter();
            let told = told.find(|told| told.key.as_str() == name);
            told.map(|told| told.value.to_string())
        };
        let outcome = if code.is_some() { "deny" } else { "allow" };
        assert_eq!(told("gatepost.outcome").as_deref(), Some(outcome));
        assert_eq!(told("gatepost.code").as_deref(), code);
        // The route only reports, so what is denied goes on.
        let enforced = code.map(|_| "false");
        assert_eq!(told("gatepost.enforced").as_deref(), enforced);
        assert!(told("gatepost.decision").is_some());
    }
    Ok(())
}
