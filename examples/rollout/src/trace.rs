//! What is traced: each decision is an event of its request's span, and with `otel` the spans go to OpenTelemetry.

use std::io::{IsTerminal, stderr};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use chats::Error;
use tracing::Instrument;
use tracing::field::Empty;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, fmt};

/// What is traced from here on; at its end, what was not sent yet is.
pub(crate) struct Tracing(Option<Box<dyn FnOnce() -> Result<(), Error>>>);

impl Tracing {
    /// Traces from here on, as `RUST_LOG` says.
    pub(crate) fn begin() -> Result<Self, Error> {
        let filter = EnvFilter::builder().with_default_directive(tracing::Level::INFO.into());
        let lines = fmt::layer()
            .with_ansi(stderr().is_terminal())
            .with_writer(stderr);
        let traced = Registry::default().with(filter.from_env()?).with(lines);
        #[cfg(not(feature = "otel"))]
        {
            traced.try_init()?;
            Ok(Self(None))
        }
        #[cfg(feature = "otel")]
        {
            use opentelemetry::trace::TracerProvider as _;
            // In the place of this exporter: the one of your collector, in batches.
            let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
                .with_simple_exporter(opentelemetry_stdout::SpanExporter::default())
                .build();
            let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("rollout"));
            traced.with(spans).try_init()?;
            Ok(Self(Some(Box::new(move || Ok(provider.shutdown()?)))))
        }
    }

    /// Sends what there is.
    pub(crate) fn end(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), |end| end())
    }
}

/// A span for each request. Gatepost records its decision on it, since it declares these fields.
pub(crate) fn spans(router: Router) -> Router {
    router.layer(from_fn(async |request: Request, next: Next| -> Response {
        let span = tracing::info_span!(
            "request",
            method = %request.method(),
            gatepost.decision = Empty,
            gatepost.outcome = Empty,
            gatepost.code = Empty,
            gatepost.enforced = Empty,
        );
        next.run(request).instrument(span).await
    }))
}
