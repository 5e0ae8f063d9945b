//! Changes of a live site: how long one takes, what ten thousand leave behind, and what a reader notices.

use std::error::Error;

use fastrand::Rng;
use gatepost::FactChange;

use super::ask::{self, Asked, Kind, allows};
use super::change::{Change, NotApplied, What};
use super::figures::{Figures, Unit};
use super::load::{Live, timed};
use super::memory::{held, resident};
use super::reader;
use super::site::Site;
use crate::options::Options;

/// The row that a kind of change has where it takes a reload.
pub(super) const TOO_FAR: &str = "changes that took a reload";

pub(super) fn measure(
    options: Options,
    site: &Site,
    live: &Live,
    figures: &mut Figures,
) -> Result<(), Box<dyn Error>> {
    let rng = &mut Rng::with_seed(7);
    let mut worst: f64 = 0.0;
    for (name, what) in What::ALL {
        let Some(mut times) = one_by_one(options, what, site, live, rng)? else {
            figures.add(TOO_FAR, 1.0, Unit::Changes);
            return Ok(());
        };
        times.sort_by(f64::total_cmp);
        for (part, hundredths) in [("median", 50), ("p99", 99)] {
            let time = at(&times, hundredths) * 1e6;
            figures.add(
                format!("one change, {name}, {part}"),
                time,
                Unit::Microseconds,
            );
        }
        worst = worst.max(at(&times, 99) * 1e6);
    }
    figures.add(
        "one change, the slowest kind, p99",
        worst,
        Unit::Microseconds,
    );
    they_are_visible(site, live)?;
    memory(options, site, live, rng, figures)?;
    reader::measure(options, site, live, figures)
}

/// The value below which that many of a hundred lie.
fn at(sorted: &[f64], hundredths: usize) -> f64 {
    let place = sorted.len() * hundredths / 100;
    let last = sorted.len().saturating_sub(1);
    sorted.get(place.min(last)).copied().unwrap_or_default()
}

/// Seconds of each change and of each that took one back; none where they take a reload.
fn one_by_one(
    options: Options,
    what: What,
    site: &Site,
    live: &Live,
    rng: &mut Rng,
) -> Result<Option<Vec<f64>>, Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..options.pick(1000, 20) {
        let change = Change::draw(what, site, rng)?;
        for one in [&change.done, &change.undone] {
            let one = one.clone();
            let (time, applied) = timed(|| live.apply(one, &change));
            match applied {
                Ok(()) => times.push(time),
                Err(NotApplied::TooFar) => return Ok(None),
                Err(NotApplied::Failed(error)) => return Err(error.into()),
            }
        }
    }
    Ok(Some(times))
}

/// What was measured changes answers: a kill and a suspension turn an allow into a denial, and back.
fn they_are_visible(site: &Site, live: &Live) -> Result<(), Box<dyn Error>> {
    let requests = ask::draw(site, &live.gate, Kind::Allow, 20)?;
    for asked in requests {
        for what in [What::Kill, What::Suspension] {
            let change = about(what, site, &asked)?;
            for (one, allowed) in [(&change.done, false), (&change.undone, true)] {
                apply(live, one.clone(), &change)?;
                if allows(&live.gate, &asked) != allowed {
                    return Err(format!("{one:?} is not to be seen").into());
                }
            }
        }
    }
    Ok(())
}

/// A change that the request depends on.
fn about(what: What, site: &Site, asked: &Asked) -> Result<Change, Box<dyn Error>> {
    let resource = asked
        .target
        .resource()
        .trim_start_matches("resource-")
        .parse()?;
    let subject = (0..site.subjects())
        .find(|number| ask::subject_id(site, *number).is_ok_and(|id| id == *asked.subject.id()))
        .ok_or("nobody asked")?;
    Change::of(what, site, 0, subject, resource, 0)
}

pub(super) fn apply(live: &Live, one: FactChange, change: &Change) -> Result<(), String> {
    live.apply(one, change).map_err(|error| match error {
        NotApplied::TooFar => "a change takes a reload".to_owned(),
        NotApplied::Failed(error) => error,
    })
}

/// Each is taken back at once, so that as many facts are there after as before.
#[expect(
    clippy::cast_precision_loss,
    reason = "what changes leave is far below 2^52 bytes"
)]
fn memory(
    options: Options,
    site: &Site,
    live: &Live,
    rng: &mut Rng,
    figures: &mut Figures,
) -> Result<(), Box<dyn Error>> {
    let parts = 10;
    let pairs = options.pick(5_000, 50) / parts;
    let before = resident();
    let (mut left, mut most) = (0, 0);
    for _ in 0..parts {
        let (done, held) = held(|| -> Result<(), Box<dyn Error>> {
            for (_, what) in What::ALL.into_iter().cycle().take(pairs) {
                let change = Change::draw(what, site, rng)?;
                apply(live, change.done.clone(), &change)?;
                apply(live, change.undone.clone(), &change)?;
            }
            Ok(())
        });
        done.ok_or("nothing was done")??;
        most = most.max(left + i64::try_from(held.most)?);
        left += held.live;
    }
    let of_snapshot = |bytes: i64| bytes as f64 / live.bytes * 100.0;
    figures.add(
        "10,000 changes, memory left behind",
        left as f64,
        Unit::Bytes,
    );
    figures.add(
        "10,000 changes, memory at its peak above that before",
        of_snapshot(most),
        Unit::Percent,
    );
    if let (Some(before), Some(after)) = (before, resident()) {
        let grown = (after - before) / live.bytes * 100.0;
        figures.add(
            "10,000 changes, resident above that before",
            grown,
            Unit::Percent,
        );
    }
    Ok(())
}
