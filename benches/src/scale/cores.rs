//! Decisions a second of one thread and of two, each on a core of its own.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use gatepost::Gate;

use super::ask::{self, Asked, Kind, allows};
use super::figures::{Figures, Unit};
use super::site::Site;
use crate::allocations::uncounted;
use crate::options::Options;
use crate::race::{median, sorted};

/// Keeps this thread on a core, by `taskset`. Where there is none it stays where the system puts it.
pub(super) fn pin(core: u32) {
    let Ok(thread) = fs::read_link("/proc/thread-self") else {
        return;
    };
    let Some(id) = thread.file_name() else { return };
    let quiet = || Stdio::null();
    let _ = Command::new("taskset")
        .args(["-pc", &core.to_string()])
        .arg(id)
        .stdout(quiet())
        .stderr(quiet())
        .status();
}

/// Rounds of one thread and of two in turn.
///
/// By the clock, two threads do twice as much where nothing holds them up. By the processor time that each has
/// had, the same holds while others use the cores as well; what would wait asleep is not in that.
pub(super) fn measure(
    options: Options,
    site: &Site,
    gate: &Gate,
    figures: &mut Figures,
) -> Result<(), Box<dyn Error>> {
    let requests = ask::draw(site, gate, Kind::Allow, ask::many(options, site) / 4)?;
    let hot: Vec<_> = requests.iter().take(1).cloned().collect();
    for (place, requests, count) in [("hot", &hot, 1_000_000), ("random", &requests, 200_000)] {
        let count = options.pick(count, 1_000);
        let rounds = options.pick(31, 3);
        let (mut clock, mut processor, mut rates) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let one = run(gate, requests, count, 1);
            let two = run(gate, requests, count, 2);
            clock.push(two.clock / one.clock);
            processor.push(two.processor / one.processor);
            rates.push(one.clock / 1e6);
        }
        let rate = median(&sorted(rates));
        figures.add(format!("one thread, {place}"), rate, Unit::Millions);
        let ratio = median(&sorted(clock));
        figures.add(
            format!("two threads beside one, {place}"),
            ratio,
            Unit::Times,
        );
        let ratio = median(&sorted(processor));
        let what = format!("two threads beside one, {place}, by processor time");
        figures.add(what, ratio, Unit::Times);
    }
    Ok(())
}

/// Decisions a second of all threads together.
struct Rate {
    clock: f64,
    processor: f64,
}

fn run(gate: &Gate, requests: &[Asked], count: u32, threads: u32) -> Rate {
    let together = Barrier::new(threads as usize);
    let rates = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|core| {
                let together = &together;
                scope.spawn(move || {
                    pin(core);
                    // Each begins elsewhere, so that they do not fetch for each other.
                    let start = requests.len() / 2 * core as usize;
                    let mut next = requests.iter().cycle().skip(start);
                    let mut ask = |count| {
                        for asked in next.by_ref().take(count) {
                            black_box(allows(gate, asked));
                        }
                    };
                    uncounted(|| {
                        ask(count as usize / 16);
                        together.wait();
                        let (begun, used) = (Instant::now(), processor_time());
                        ask(count as usize);
                        let (clock, used) =
                            (begun.elapsed().as_secs_f64(), processor_time() - used);
                        (f64::from(count) / clock, f64::from(count) / used)
                    })
                })
            })
            .collect();
        let joined = threads.into_iter().filter_map(|thread| thread.join().ok());
        joined.collect::<Vec<_>>()
    });
    Rate {
        clock: rates.iter().map(|(clock, _)| clock).sum(),
        processor: rates.iter().map(|(_, processor)| processor).sum(),
    }
}

/// Seconds of processor time that this thread has had.
fn processor_time() -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told
        .split_whitespace()
        .next()
        .and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.unwrap_or_default() / 1e9
}
