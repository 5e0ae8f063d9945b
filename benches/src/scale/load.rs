//! A site loaded, and loaded again beside what is live.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use gatepost::{Feed, Gate};

use super::figures::{Figures, Unit};
use super::memory::{forget_peak, held, peak, resident};
use super::site::Site;
use crate::allocations::uncounted;

/// A gate over the whole site, whose version is 3.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) gate: Gate,
    pub(super) feed: Feed,
    /// What the allocator holds for one snapshot.
    pub(super) bytes: f64,
}

/// Thrice: once into an empty process, once beside the live one with every allocation counted, once beside it
/// for the time and for what is resident.
#[expect(
    clippy::cast_precision_loss,
    reason = "a snapshot is far below 2^52 bytes"
)]
pub(super) fn measure(site: &Site, figures: &mut Figures) -> Result<Live, Box<dyn Error>> {
    let memberships = f64::from(site.memberships);
    let (time, ()) = timed(|| {
        site.each(|fact| {
            black_box(fact);
        });
    });
    figures.add("facts made and not loaded", time, Unit::Seconds);

    let empty = resident();
    let (time, first) = timed(|| site.load(1));
    figures.add("load", time, Unit::Seconds);
    let loaded = resident();
    let first = first?;
    let resident_bytes = loaded.zip(empty).map(|(loaded, empty)| loaded - empty);
    if let Some(bytes) = resident_bytes {
        figures.add(
            "memory, resident",
            bytes / memberships,
            Unit::BytesAMembership,
        );
    }
    let (gate, feed) = Gate::channel();
    feed.publish(first);

    let (second, counted) = held(|| site.load(2));
    let bytes = counted.live as f64;
    figures.add("memory", bytes / memberships, Unit::BytesAMembership);
    figures.add(
        "reload beside the old one, memory in all at its peak",
        (bytes + counted.most as f64) / bytes,
        Unit::Snapshots,
    );
    feed.publish(second.ok_or("nothing was loaded")??);

    forget_peak();
    let (time, third) = timed(|| site.load(3).map(|facts| feed.publish(facts)));
    if !third? {
        return Err("a reload was not taken".into());
    }
    figures.add("reload beside the old one", time, Unit::Seconds);
    if let (Some(peak), Some(empty), Some(bytes)) = (peak(), empty, resident_bytes) {
        figures.add(
            "reload beside the old one, resident at its peak",
            (peak - empty) / bytes,
            Unit::Snapshots,
        );
    }
    Ok(Live { gate, feed, bytes })
}

/// Seconds that work takes on this thread, its allocations not counted.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    uncounted(|| {
        let begun = Instant::now();
        let done = work();
        (begun.elapsed().as_secs_f64(), done)
    })
}
