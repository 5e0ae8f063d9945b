//! How a gate is, to be looked at every few seconds.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use gatepost::{Gate, Health};
use metrics::{counter, gauge};

use super::described;
use crate::log::DecisionLog;

/// A replica that has not said anything for so long is none: the longest lease there is.
#[cfg(feature = "store")]
const HEARD_OF: std::time::Duration = std::time::Duration::from_mins(1);

/// Says how a gate is, and what became of the log, each time that it is [asked](Self::sample).
///
/// A service asks every few seconds, or whenever its metrics are fetched.
///
/// ```
/// use std::time::Duration;
///
/// use gatepost::{Gate, PolicyText};
/// use gatepost_observe::Gauges;
///
/// let gate = Gate::fixed(PolicyText::toml("version = 1").compile(7)?);
/// let gauges = Gauges::new(gate);
/// gauges.sample();
/// # let every_ten_seconds = async move {
/// loop {
///     gauges.sample();
///     tokio::time::sleep(Duration::from_secs(10)).await;
/// }
/// # };
/// # Ok::<(), gatepost::PolicyError>(())
/// ```
#[derive(Debug)]
pub struct Gauges {
    gate: Gate,
    log: Option<DecisionLog>,
    /// How many routes only report, and how many are annotated so but enforce by now.
    report_only: Option<(usize, usize)>,
    version: Mutex<Option<(u64, Instant)>>,
}

impl Gauges {
    /// Of this gate.
    pub fn new(gate: Gate) -> Self {
        described::describe();
        Self {
            gate,
            log: None,
            report_only: None,
            version: Mutex::new(None),
        }
    }

    /// Says what became of this log as well.
    #[must_use]
    pub fn log(mut self, log: &DecisionLog) -> Self {
        self.log = Some(log.clone());
        self
    }

    /// Says how many routes only report, and how many are still annotated so, past their date.
    pub fn report_only_routes(&mut self, reporting: usize, past: usize) {
        self.report_only = Some((reporting, past));
    }

    /// Says how it is now.
    pub fn sample(&self) {
        let (state, version) = match self.gate.health() {
            Health::Ready { version } => ("ready", Some(version)),
            Health::Degraded { version, .. } => ("degraded", Some(version)),
            Health::Stale { version, .. } => ("stale", Some(version)),
            // A state that is not known here is none that it decides in.
            _ => ("unavailable", None),
        };
        for each in ["ready", "degraded", "stale", "unavailable"] {
            let is_it = u32::from(each == state);
            gauge!("gatepost_gate_state", "state" => each).set(f64::from(is_it));
        }
        if let Some(version) = version {
            gauge!("gatepost_policy_version").set(float(version));
            let age = self.since(version).elapsed();
            gauge!("gatepost_policy_age_seconds").set(age.as_secs_f64());
        }
        if let Some(left) = self.gate.lease_left() {
            gauge!("gatepost_lease_left_seconds").set(left.as_secs_f64());
        }
        gauge!("gatepost_permits_waiting").set(count(self.gate.waiting()));
        if let Some((reporting, past)) = self.report_only {
            for (state, routes) in [("reporting", reporting), ("past", past)] {
                gauge!("gatepost_report_only_routes", "state" => state).set(count(routes));
            }
        }
        self.sample_log();
    }

    /// Says how many replicas of a store there are, and how many have not come to its newest version yet.
    ///
    /// Replicas that were not heard of for a minute are not counted: whatever they were, their lease has run out.
    /// One service that asks is enough.
    ///
    /// # Errors
    ///
    /// Those of [`PolicyStore::replicas`](gatepost_store::PolicyStore::replicas).
    #[cfg(feature = "store")]
    pub async fn sample_store(
        &self,
        store: &gatepost_store::PolicyStore,
    ) -> Result<(), gatepost_store::StoreError> {
        let head = store.head().await?;
        let mut replicas = store.replicas().await?;
        replicas.retain(|row| row.age <= HEARD_OF);
        let behind = replicas
            .iter()
            .filter(|row| !row.decides_by(head.epoch, head.version));
        let behind = behind.count();
        gauge!("gatepost_replicas").set(count(replicas.len()));
        gauge!("gatepost_replicas_behind").set(count(behind));
        Ok(())
    }

    fn sample_log(&self) {
        let Some(log) = &self.log else {
            return;
        };
        let told = log.statistics();
        counter!("gatepost_log_passed_over_total").absolute(told.passed_over);
        for sink in told.sinks {
            let name = sink.name;
            counter!("gatepost_log_lines_total", "sink" => name).absolute(sink.written);
            for (reason, drops) in sink.drops.by_reason() {
                counter!("gatepost_log_drops_total", "sink" => name, "reason" => reason)
                    .absolute(drops);
            }
        }
    }

    /// When the version was first seen to be the live one.
    fn since(&self, version: u64) -> Instant {
        let mut seen = self.version.lock().unwrap_or_else(PoisonError::into_inner);
        match *seen {
            Some((known, since)) if known == version => since,
            _ => seen.insert((version, Instant::now())).1,
        }
    }
}

fn count(many: usize) -> f64 {
    float(u64::try_from(many).unwrap_or(u64::MAX))
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a gauge is a float, which is exact up to 2^53"
)]
fn float(many: u64) -> f64 {
    many as f64
}
