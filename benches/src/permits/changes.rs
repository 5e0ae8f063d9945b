//! One change, where many wait.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use gatepost::{Changed, Changes, OrgId, SubjectId};

use super::site::{Count, Site};
use crate::allocations::uncounted;
use crate::options::Options;
use crate::race::{Race, median, sorted};
use crate::table::{Row, Table};

pub(super) fn run(options: Options, site: &Site, table: &mut Table) -> Result<(), Box<dyn Error>> {
    let full = site.beside();
    let count = Arc::new(Count::default());
    let waiting = full.wait(&Arc::clone(&count).into())?;
    let one = full.permit(0)?;
    let cases = [
        (
            "of a subject that is not waited for",
            Changed::Subject(SubjectId::new("somebody")?),
            10_000,
        ),
        (
            "of an org that is not waited for",
            Changed::Org(OrgId::new("elsewhere")?),
            10_000,
        ),
        (
            "of one who waits",
            Changed::Subject(one.subject().clone()),
            10_000,
        ),
        (
            "of an org, 100 of whom wait",
            Changed::Org(one.org().ok_or("a permit of no org")?.clone()),
            500,
        ),
    ];
    for (case, changed, iterations) in cases {
        let changes = Changes::of([changed]);
        let mut race = Race::new(options.plan(31, iterations));
        race.column("nobody waits", || site.change(&changes));
        race.column("all wait", || full.change(&changes));
        table.operations(&format!("a change {case}"), race.run());
    }
    ask_all(options, site, &full, table);
    if count.take() != 0 || full.gate.waiting() != full.len() {
        return Err("a change ended what it did not concern".into());
    }
    drop(waiting);
    end_all(options, site, table)
}

/// A change that may concern everyone, and ends nobody.
fn ask_all(options: Options, site: &Site, full: &Site, table: &mut Table) {
    let changes = Changes::of([Changed::Everything]);
    let publish = |site: &Site| micros(|| site.change(&changes));
    let rounds = 0..options.pick(31, 3);
    let rounds = rounds.map(|_| (publish(site), publish(full))).collect();
    tell("of everything, and all hold", rounds, table);
}

/// A switch that ends everyone.
fn end_all(options: Options, site: &Site, table: &mut Table) -> Result<(), Box<dyn Error>> {
    let count = Arc::new(Count::default());
    let waker = Arc::clone(&count).into();
    let mut rounds = Vec::new();
    for _ in 0..options.pick(15, 3) {
        let alone = switch_off(site);
        let waiting = site.wait(&waker)?;
        rounds.push((alone, switch_off(site)));
        if count.take() != waiting.len() || site.gate.waiting() != 0 {
            return Err("a switch that is off has not ended everyone".into());
        }
    }
    tell("of the site's switch, and all end", rounds, table);
    Ok(())
}

/// Adds both columns of rounds: where nobody waits, and where all do.
fn tell(case: &str, rounds: Vec<(f64, f64)>, table: &mut Table) {
    let ratios = rounds.iter().map(|(alone, all)| all / alone);
    let ratio = median(&sorted(ratios.collect()));
    let (alone, all) = rounds.into_iter().unzip();
    for (who, times, ratio) in [
        ("nobody waits", alone, None),
        ("all wait", all, Some(ratio)),
    ] {
        let times: Vec<f64> = sorted(times);
        table.push(Row {
            name: format!("a change {case}: {who}"),
            value: median(&times),
            unit: "us",
            ratio,
            range: times.first().copied().zip(times.last().copied()),
        });
    }
}

/// Microseconds to switch it off; it is on again afterwards.
fn switch_off(site: &Site) -> f64 {
    let changes = Changes::of([Changed::Resource("chat".into())]);
    let off = site.closed();
    let time = micros(|| site.publish(off, &changes));
    site.open();
    time
}

fn micros<T>(work: impl FnOnce() -> T) -> f64 {
    uncounted(|| {
        let begun = Instant::now();
        black_box(work());
        begun.elapsed().as_secs_f64() * 1e6
    })
}
