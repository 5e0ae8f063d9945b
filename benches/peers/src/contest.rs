//! Layers against each other, each beside the bare handler.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::hint::black_box;

use futures_util::FutureExt;
use gatepost_benches::extra::Extra;
use gatepost_benches::race::{Plan, Race};

/// Builds a request, has it answered, and tells the status.
pub type Ask = Box<dyn FnMut() -> u16>;

/// Why a contestant could not be set up.
pub type Failure = Box<dyn Error>;

/// A layer, and the bare handler that gets the very same requests.
///
/// The pair runs side by side, and what the layer costs is the difference. So
/// it contains neither the building of a request nor what the framework does.
pub struct Contestant {
    /// The layer.
    pub name: &'static str,
    /// What it must answer, for a run to be worth anything.
    pub status: u16,
    /// What the bare handler must answer.
    pub bare_status: u16,
    /// Asks the bare handler.
    pub bare: Ask,
    /// Asks through the layer.
    pub layered: Ask,
}

/// What a layer costs.
#[derive(Debug, Clone)]
pub struct Cost {
    /// The layer.
    pub name: &'static str,
    /// The bare handler with its requests, in the first race: nanoseconds, the middle round.
    pub bare: f64,
    /// Allocations of the bare handler with its requests.
    pub bare_allocations: f64,
    /// What the layer adds to that.
    pub extra: Extra,
}

/// Runs what `set_up` makes, in alternating rounds: as many races as told, each of `plan`'s size.
///
/// # Errors
///
/// When one of them cannot be set up, or answers something else than it should.
pub fn run(
    plan: Plan,
    races: u32,
    set_up: impl Fn() -> Result<Vec<Contestant>, Failure>,
) -> Result<Vec<Cost>, Failure> {
    // All before the first race: what was set up in the place of another would lie as that one did.
    let lists = (0..races).map(|_| set_up());
    let lists = lists.collect::<Result<Vec<_>, _>>()?;
    let mut races = Vec::new();
    for list in lists {
        races.push(race(plan, list)?);
    }
    let firsts = races.first().cloned().unwrap_or_default();
    let all = firsts.into_iter().enumerate().map(|(place, first)| {
        let same = races.iter().filter_map(|race| race.get(place));
        let extras: Vec<_> = same.map(|cost| cost.extra.clone()).collect();
        Cost {
            extra: Extra::of_races(&extras),
            ..first
        }
    });
    Ok(all.collect())
}

fn race(plan: Plan, mut contestants: Vec<Contestant>) -> Result<Vec<Cost>, Failure> {
    for Contestant {
        name,
        status,
        bare_status,
        bare,
        layered,
    } in &mut contestants
    {
        let (from_bare, from_layered) = (bare(), layered());
        if (from_bare, from_layered) != (*bare_status, *status) {
            return Err(format!(
                "{name}: the bare handler answers {from_bare}, the layer {from_layered}, not {bare_status} and {status}"
            )
            .into());
        }
    }
    let mut race = Race::new(plan);
    for Contestant {
        name,
        bare,
        layered,
        ..
    } in contestants
    {
        race.column("bare", bare);
        race.column(name, layered);
    }
    let outcomes = race.run();
    let pairs = outcomes.as_chunks().0.iter();
    let costs = pairs.map(|[bare, layered]| Cost {
        name: layered.name,
        bare: bare.median,
        bare_allocations: bare.allocations,
        extra: Extra::over(bare, layered),
    });
    Ok(costs.collect())
}

/// A time that does not depend on what stands around it: a chain of multiplications, each of which
/// waits for the one before.
pub fn spin() {
    let mut link = black_box(3_u64);
    for _ in 0..2_500 {
        link = black_box(link.wrapping_mul(link));
    }
}

/// The spin and nothing else, so that its time is known.
pub fn spin_alone() -> Contestant {
    Contestant {
        name: "control: the spin alone",
        status: 201,
        bare_status: 201,
        bare: Box::new(|| 201),
        layered: Box::new(|| {
            spin();
            201
        }),
    }
}

/// What a future gives that has nothing to wait for.
///
/// # Errors
///
/// When it waits all the same.
pub fn now<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    future
        .now_or_never()
        .ok_or_else(|| "it waits for something".into())
}

impl fmt::Debug for Contestant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contestant")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
