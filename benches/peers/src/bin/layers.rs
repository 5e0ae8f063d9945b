//! What an authorization layer adds to a bare handler, on axum and on actix-web.
//!
//! With `--self-test` it measures what is known instead, and fails where it is off.

use std::error::Error;
use std::process::ExitCode;

use gatepost_benches::extra::{Estimate, Extra};
use gatepost_benches::options::Options;
use gatepost_benches::race::Plan;
use gatepost_benches::table::{Row, Table};
use gatepost_peers::contest::{Contestant, Cost, Failure, run};
use gatepost_peers::{on_actix, on_axum};

/// A framework: whom a layer on it is compared with, and what Gatepost's may cost.
struct Framework {
    name: &'static str,
    contestants: fn() -> Result<Vec<Contestant>, Failure>,
    controls: fn() -> Result<Vec<Contestant>, Failure>,
    /// The layer that decides nothing.
    no_op: &'static str,
    /// The layer whose time is 1.
    yardstick: &'static str,
    ours: &'static str,
    /// Times the yardstick's time, at most.
    time: f64,
    /// Allocations, at most, beside those of `allocations_beside`.
    allocations: f64,
    allocations_beside: Option<&'static str>,
    /// A whole request that is refused, beside a handler that refuses with as much.
    refused: &'static str,
}

/// How many times what a bare handler takes to refuse a refused request takes, at most.
const REFUSED: f64 = 1.1;

const FRAMEWORKS: [Framework; 2] = [
    Framework {
        name: "axum",
        contestants: on_axum::contestants,
        controls: on_axum::controls,
        no_op: "no-op layer",
        yardstick: "no-op layer",
        ours: "gatepost-axum",
        time: 2.0,
        allocations: 2.0,
        allocations_beside: Some("no-op layer"),
        refused: "refused: gatepost-axum, beside a handler that refuses",
    },
    Framework {
        name: "actix-web",
        contestants: on_actix::contestants,
        controls: on_actix::controls,
        no_op: "no-op transform",
        yardstick: "actix-web-grants",
        ours: "gatepost-actix",
        time: 1.0 / 3.0,
        allocations: 1.0,
        allocations_beside: None,
        refused: "refused: gatepost-actix, beside a handler that refuses",
    },
];

/// How often everything is set up anew, and raced.
const RACES: u32 = 25;
/// Many short rounds: what disturbs the machine then seldom disturbs one half of a pair alone.
const ROUNDS: u32 = 15;
const ITERATIONS: u32 = 1_000;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (self_test, rest): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| argument == "--self-test");
    let options = Options::asked_by_env().parse(rest.into_iter())?;
    let plan = options.plan(ROUNDS, ITERATIONS);
    let races = options.pick(RACES, 1);
    if self_test.is_empty() {
        measure(options, plan, races)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut passed = true;
    for framework in FRAMEWORKS {
        passed &= framework.check(plan, races)?;
    }
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn measure(options: Options, plan: Plan, races: u32) -> Result<(), Box<dyn Error>> {
    let mut table = Table::new("layers", options);
    let mut goals = Vec::new();
    for framework in FRAMEWORKS {
        let costs = run(plan, races, framework.contestants)?;
        framework.tell(&costs, &mut table);
        goals.extend(framework.goals(&costs));
    }
    table.finish()?;
    for goal in goals {
        println!("{goal}");
    }
    Ok(())
}

impl Framework {
    /// A row of time and a row of allocations for each layer.
    fn tell(&self, costs: &[Cost], table: &mut Table) {
        let framework = self.name;
        if let Some(Cost {
            bare,
            bare_allocations,
            ..
        }) = costs.first()
        {
            table.row(
                format!("{framework}: bare handler and request"),
                *bare,
                "ns",
            );
            table.row(
                format!("{framework}: bare handler and request, allocations"),
                *bare_allocations,
                "per request",
            );
        }
        let yardstick = find(costs, self.yardstick);
        for Cost { name, extra, .. } in costs {
            let Estimate { value, low, high } = extra.time();
            table.push(Row {
                name: format!("{framework}: {name}"),
                value,
                unit: "extra ns",
                ratio: yardstick.map(|yardstick| extra.times(yardstick).value),
                range: Some((low, high)),
            });
            table.row(
                format!("{framework}: {name}, allocations"),
                extra.allocations,
                "extra per request",
            );
        }
    }

    /// What Gatepost's layer may cost, and what it does.
    fn goals(&self, costs: &[Cost]) -> Vec<String> {
        let Self {
            name,
            ours,
            yardstick,
            ..
        } = self;
        let (Some(extra), Some(base)) = (find(costs, ours), find(costs, yardstick)) else {
            return vec![format!("goal: {name}: {ours} is not measured yet")];
        };
        let refused = costs.iter().find(|cost| cost.name == self.refused);
        let refused = refused.map(|Cost { bare, extra, .. }| {
            let Estimate { value, low, high } = extra.time();
            let [value, low, high] = [value, low, high].map(|extra| 1.0 + extra / bare);
            // Without sockets, so all that a server does for either of them is left out.
            format!(
                "goal: {name}: a refused request takes at most {REFUSED:.2} times a handler that refuses, with a server around both; in process: {value:.2} ({low:.2} to {high:.2})"
            )
        });
        let Estimate { value, low, high } = extra.times(base);
        let beside = self.allocations_beside.and_then(|name| find(costs, name));
        let allowed = self.allocations + beside.map_or(0.0, |beside| beside.allocations);
        let of_ours = [
            format!(
                "goal: {name}: {ours} takes at most {:.2} times the extra time of {yardstick}: {value:.2} ({low:.2} to {high:.2}), {}",
                self.time,
                verdict(value <= self.time),
            ),
            format!(
                "goal: {name}: {ours} makes at most {allowed:.0} extra allocations: {:.1}, {}",
                extra.allocations,
                verdict(extra.allocations <= allowed),
            ),
        ];
        of_ours.into_iter().chain(refused).collect()
    }

    /// Says whether nothing is measured as nothing, and a known time as that time.
    fn check(&self, plan: Plan, races: u32) -> Result<bool, Box<dyn Error>> {
        let costs = run(plan, races, self.controls)?;
        let [nothing, alone, spins, ..] = costs.as_slice() else {
            return Err("there are no controls".into());
        };
        let no_op = find(&costs, self.no_op).ok_or("there is no no-op")?;
        let zero = nothing.extra.time().value;
        let alone = alone.extra.time().value;
        let spun = spins.extra.time().value - no_op.time().value;
        let rows = [
            (
                "bare beside bare, ns",
                zero,
                -0.03 * nothing.bare,
                0.03 * nothing.bare,
            ),
            (
                "bare beside bare, allocations",
                nothing.extra.allocations,
                0.0,
                0.0,
            ),
            (
                "a layer that spins beside one that does not, ns",
                spun,
                0.92 * alone,
                1.08 * alone,
            ),
        ];
        let mut passed = true;
        for (what, value, low, high) in rows {
            let holds = (low..=high).contains(&value);
            passed &= holds;
            println!(
                "{}: {what}: {value:.1}, should be {low:.1} to {high:.1}: {}",
                self.name,
                verdict(holds)
            );
        }
        Ok(passed)
    }
}

fn find<'a>(costs: &'a [Cost], name: &str) -> Option<&'a Extra> {
    costs
        .iter()
        .find(|cost| cost.name == name)
        .map(|cost| &cost.extra)
}

fn verdict(holds: bool) -> &'static str {
    if holds { "met" } else { "MISSED" }
}
