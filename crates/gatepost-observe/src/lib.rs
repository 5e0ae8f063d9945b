//! What Gatepost decided, to be looked at.
//!
//! A [`DecisionLog`] writes a [`LogRecord`] for each denial and error, and for some allows, to files and to a policy's
//! store. [`Metrics`] count decisions through the `metrics` facade, and [`Gauges`] say how a gate is.

mod log;
mod metrics;
mod read;
mod record;
mod redact;
mod replay;
mod seen;
mod shadow;
mod sink;
#[cfg(test)]
mod testing;
mod text;

pub use log::{DecisionLog, DecisionLogBuilder, LogStatistics, SinkDrops, SinkStatistics};
pub use metrics::{DescribedMetric, Gauges, METRICS, MetricKind, Metrics, SECONDS};
pub use read::{LogLineError, LogReader};
pub use record::{
    ActionRecord, ContextRecord, LogRecord, ResourceProperties, ResourceRecord, RouteRecord,
    SubjectProperties, SubjectRecord,
};
pub use redact::{Redact, Redaction, RedactionKey, RedactionKeyError};
pub use replay::{NoReplay, Replay};
#[cfg(feature = "store")]
pub use shadow::ShadowError;
pub use shadow::{Shadow, ShadowExample, ShadowReport, ShadowRow};
#[cfg(feature = "store")]
pub use sink::StoreSink;
pub use sink::{JsonLines, LogLine, Sink};
pub use text::harmless;
