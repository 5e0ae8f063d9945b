//! What a reader notices of a thousand changes a second: its slowest decisions, beside those while nothing changes.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use gatepost::Gate;

use super::ask::{self, Asked, Kind, allows};
use super::change::{Change, What};
use super::changes::apply;
use super::cores::pin;
use super::figures::{Figures, Unit};
use super::load::Live;
use super::site::Site;
use crate::allocations::uncounted;
use crate::options::Options;

/// One change each millisecond.
const EVERY: Duration = Duration::from_millis(1);

/// Slices of time in turn, at rest and with changes; the reader on one core, who changes on the other. The clock
/// is read around each decision, which is in each figure.
pub(super) fn measure(
    options: Options,
    site: &Site,
    live: &Live,
    figures: &mut Figures,
) -> Result<(), Box<dyn Error>> {
    let requests = ask::draw(site, &live.gate, Kind::Allow, ask::many(options, site) / 4)?;
    let slice = options.pick(Duration::from_secs(1), Duration::from_millis(30));
    let (mut rest, mut changing) = (Times::new(), Times::new());
    let mut changes = 0;
    let rng = &mut Rng::with_seed(9);
    for _ in 0..options.pick(10, 2) {
        read(&live.gate, &requests, &mut rest, || {
            thread::sleep(slice);
            Ok(0)
        })?;
        changes += read(&live.gate, &requests, &mut changing, || {
            change(site, live, slice, rng)
        })?;
    }
    let seconds = slice.as_secs_f64() * f64::from(options.pick(10, 2));
    figures.add(
        "changes while a reader asks",
        f64::from(changes) / seconds,
        Unit::Changes,
    );
    for (name, thousandths) in [("p50", 500), ("p99", 990), ("p99.9", 999)] {
        let (rest, changing) = (rest.at(thousandths), changing.at(thousandths));
        figures.add(format!("a reader at rest, {name}"), rest, Unit::Nanoseconds);
        let ratio = Some(changing / rest);
        let what = format!("a reader during 1,000 changes a second, {name}");
        figures.compared(what, changing, Unit::Nanoseconds, ratio);
    }
    Ok(())
}

/// Reads on a thread of its own until `meanwhile` is done.
fn read(
    gate: &Gate,
    requests: &[Asked],
    times: &mut Times,
    meanwhile: impl FnOnce() -> Result<u32, String>,
) -> Result<u32, String> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            pin(1);
            uncounted(|| {
                for asked in requests.iter().cycle() {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let begun = Instant::now();
                    std::hint::black_box(allows(gate, asked));
                    times.add(begun.elapsed());
                }
            });
        });
        pin(0);
        let done = meanwhile();
        over.store(true, Ordering::Relaxed);
        let _ = reader.join();
        done
    })
}

fn change(site: &Site, live: &Live, slice: Duration, rng: &mut Rng) -> Result<u32, String> {
    let begun = Instant::now();
    let mut count = 0;
    uncounted(|| {
        for (_, what) in What::ALL.into_iter().cycle() {
            let change = Change::draw(what, site, rng).map_err(|error| error.to_string())?;
            for one in [&change.done, &change.undone] {
                apply(live, one.clone(), &change)?;
                count += 1;
                thread::sleep((EVERY * count).saturating_sub(begun.elapsed()));
            }
            if begun.elapsed() >= slice {
                break;
            }
        }
        Ok(count)
    })
}

/// How often each time was seen, in nanoseconds; those of 131 microseconds and more are one.
struct Times(Vec<u32>);

impl Times {
    fn new() -> Self {
        Self(vec![0; 1 << 17])
    }

    fn add(&mut self, time: Duration) {
        let last = self.0.len() - 1;
        let place = usize::try_from(time.as_nanos()).unwrap_or(last).min(last);
        if let Some(count) = self.0.get_mut(place) {
            *count = count.saturating_add(1);
        }
    }

    /// The time below which that many of a thousand lie.
    fn at(&self, thousandths: u64) -> f64 {
        let all: u64 = self.0.iter().copied().map(u64::from).sum();
        let mut seen = 0;
        let found = (0_u32..).zip(&self.0).find(|(_, count)| {
            seen += u64::from(**count);
            seen * 1000 >= all * thousandths
        });
        found.map_or(0.0, |(time, _)| f64::from(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_seen() {
        let mut times = Times::new();
        for nanos in 1..=1000 {
            times.add(Duration::from_nanos(nanos));
        }
        assert_eq!(
            [500, 990, 999].map(|part| times.at(part).to_string()),
            ["500", "990", "999"]
        );
        times.add(Duration::from_secs(1));
        assert_eq!(times.at(1000).to_string(), "131071");
    }
}
