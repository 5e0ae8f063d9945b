//! Decisions, while others wait and something changes.

use std::error::Error;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Waker;
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use gatepost::{Changed, Changes, SubjectId};

use super::site::Site;
use crate::allocations::uncounted;
use crate::options::Options;
use crate::race::{median, sorted};
use crate::table::{Row, Table};

/// Between two changes: a thousand a second.
const BETWEEN: Duration = Duration::from_millis(1);
/// Whose requests are decided, one after the other.
const ASKERS: usize = 1024;

/// A gate and what goes on at it.
struct Case<'a> {
    name: &'static str,
    site: &'a Site,
    changes: bool,
    times: Vec<f64>,
}

pub(super) fn run(options: Options, site: &Site, table: &mut Table) -> Result<(), Box<dyn Error>> {
    let full = site.beside();
    let _waiting = full.wait(Waker::noop())?;
    let case = |name, site, changes| Case {
        name,
        site,
        changes,
        times: Vec::new(),
    };
    let mut cases = [
        case("nobody waits, nothing changes", site, false),
        case("all wait, nothing changes", &full, false),
        case("nobody waits, something changes", site, true),
        case("all wait, something changes", &full, true),
    ];
    let round = Duration::from_millis(options.pick(100, 2));
    let publishers = [Publisher::of(site)?, Publisher::of(&full)?];
    thread::scope(|scope| {
        let [one, other] = &publishers;
        let threads = [one, other].map(|it| scope.spawn(|| it.run()).thread().clone());
        for _ in 0..options.pick(31, 3) {
            for case in &mut cases {
                let place = usize::from(std::ptr::eq(case.site, &raw const full));
                let publishing = publishers.get(place).zip(threads.get(place));
                let publishing = publishing.filter(|_| case.changes);
                let time = uncounted(|| case.time(round, publishing));
                case.times.push(time);
            }
        }
        for (publisher, thread) in publishers.iter().zip(&threads) {
            publisher.is_done.store(true, Ordering::Relaxed);
            thread.unpark();
        }
    });
    tell(&cases, table);
    let [_, other] = publishers;
    table.row("a decision: changes, all wait", other.rate(), "a second");
    Ok(())
}

fn tell(cases: &[Case<'_>], table: &mut Table) {
    let base = cases.first().map(|case| case.times.clone());
    for (number, case) in cases.iter().enumerate() {
        let pairs = base.iter().flatten().zip(&case.times);
        let ratios = pairs.map(|(base, own)| own / base).collect();
        let times = sorted(case.times.clone());
        table.push(Row {
            name: format!("a decision: {}", case.name),
            value: median(&times),
            unit: "ns",
            ratio: (number > 0).then(|| median(&sorted(ratios))),
            range: times.first().copied().zip(times.last().copied()),
        });
    }
}

impl Case<'_> {
    /// Nanoseconds a decision, for as long as a round is.
    fn time(&self, round: Duration, publishing: Option<(&Publisher<'_>, &Thread)>) -> f64 {
        if let Some((publisher, thread)) = publishing {
            publisher.is_on.store(true, Ordering::Relaxed);
            thread.unpark();
        }
        let mut decided = 0_u32;
        let begun = Instant::now();
        // The clock is read once for many.
        while begun.elapsed() < round {
            for place in 0..ASKERS {
                black_box(self.site.decide(place % self.site.len()));
                decided += 1;
            }
        }
        let time = begun.elapsed();
        if let Some((publisher, _)) = publishing {
            publisher.is_on.store(false, Ordering::Relaxed);
        }
        time.as_secs_f64() * 1e9 / f64::from(decided)
    }
}

/// Changes what nobody waits for, while it is told to.
struct Publisher<'a> {
    site: &'a Site,
    changes: Changes,
    is_on: AtomicBool,
    is_done: AtomicBool,
    changed: AtomicU64,
    nanos: AtomicU64,
}

impl<'a> Publisher<'a> {
    fn of(site: &'a Site) -> Result<Self, gatepost::IdError> {
        Ok(Self {
            site,
            changes: Changes::of([Changed::Subject(SubjectId::new("somebody")?)]),
            is_on: AtomicBool::new(false),
            is_done: AtomicBool::new(false),
            changed: AtomicU64::new(0),
            nanos: AtomicU64::new(0),
        })
    }

    fn run(&self) {
        while !self.is_done.load(Ordering::Relaxed) {
            if self.is_on.load(Ordering::Relaxed) {
                self.publish();
            } else {
                thread::park();
            }
        }
    }

    fn publish(&self) {
        let begun = Instant::now();
        let mut due = begun;
        while self.is_on.load(Ordering::Relaxed) {
            self.site.change(&self.changes);
            self.changed.fetch_add(1, Ordering::Relaxed);
            due += BETWEEN;
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        let nanos = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    /// How many changes a second there were.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a day has fewer nanoseconds than 2^52"
    )]
    fn rate(self) -> f64 {
        self.changed.into_inner() as f64 / (self.nanos.into_inner() as f64 / 1e9)
    }
}
