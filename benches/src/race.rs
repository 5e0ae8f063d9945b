//! Times several ways of doing the same work against each other.
//!
//! The columns take turns in one process, a round each: A, B, A, B, ... A
//! machine that slows down for a while then slows both, and the ratio of two
//! rounds that stood side by side still holds. So ratios are taken per round,
//! and the median of those is reported, not the ratio of two medians.

use std::fmt;
use std::hint::black_box;
use std::time::Instant;

use crate::allocations;

/// How often the work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Rounds of each column that are timed.
    pub rounds: u32,
    /// Operations in a round. A round should last some milliseconds.
    pub iterations: u32,
}

/// The columns that run against each other.
pub struct Race<'a> {
    plan: Plan,
    columns: Vec<Column<'a>>,
}

struct Column<'a> {
    name: &'static str,
    /// Does the operation so many times. One dynamic call a round, none an operation.
    round: Box<dyn FnMut(u32) + 'a>,
    /// Nanoseconds an operation, one for each round.
    times: Vec<f64>,
    allocations: f64,
}

/// What was measured of one column. Times are nanoseconds an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The column.
    pub name: &'static str,
    /// The quickest round.
    pub min: f64,
    /// The middle round.
    pub median: f64,
    /// The slowest round.
    pub max: f64,
    /// Times the first column, the median over the rounds; none for the first itself.
    pub ratio: Option<f64>,
    /// Allocations an operation on this thread, counted apart from the timing.
    pub allocations: f64,
    /// Each round, in the order they ran: what stands at one place in two columns ran side by side.
    pub rounds: Vec<f64>,
}

impl<'a> Race<'a> {
    /// A race without columns.
    pub const fn new(plan: Plan) -> Self {
        Self {
            plan,
            columns: Vec::new(),
        }
    }

    /// Adds a column. The first is the one that the others are compared with.
    ///
    /// What `operation` returns is kept from the optimiser; what it reads is its
    /// own care ([`black_box`] what is constant).
    pub fn column<T>(&mut self, name: &'static str, mut operation: impl FnMut() -> T + 'a) {
        let round = Box::new(move |iterations| {
            for _ in 0..iterations {
                black_box(operation());
            }
        });
        self.columns.push(Column {
            name,
            round,
            times: Vec::new(),
            allocations: 0.0,
        });
    }

    /// Runs all rounds of all columns, each once before it is timed.
    pub fn run(mut self) -> Vec<Outcome> {
        let Plan { rounds, iterations } = self.plan;
        for column in &mut self.columns {
            column.times.reserve(rounds as usize);
            allocations::uncounted(|| (column.round)(iterations));
            column.allocations = column.count(iterations.min(1000));
        }
        for _ in 0..rounds {
            for column in &mut self.columns {
                let time = allocations::uncounted(|| column.time(iterations));
                column.times.push(time);
            }
        }
        let baseline = self
            .columns
            .first()
            .map(|first| first.times.clone())
            .unwrap_or_default();
        self.columns
            .into_iter()
            .enumerate()
            .map(|(i, column)| column.outcome((i > 0).then_some(&baseline)))
            .collect()
    }
}

impl Column<'_> {
    fn time(&mut self, iterations: u32) -> f64 {
        // What the column before it left in the caches is not this column's cost.
        (self.round)(iterations / 16);
        let start = Instant::now();
        (self.round)(iterations);
        start.elapsed().as_secs_f64() * 1e9 / f64::from(iterations.max(1))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a count this large would not be worth its digits"
    )]
    fn count(&mut self, iterations: u32) -> f64 {
        let ((), seen) = allocations::counted(|| (self.round)(iterations));
        seen.count as f64 / f64::from(iterations.max(1))
    }

    fn outcome(self, baseline: Option<&Vec<f64>>) -> Outcome {
        let ratio = baseline.map(|base| {
            let ratios = self.times.iter().zip(base).map(|(own, base)| own / base);
            median(&sorted(ratios.collect()))
        });
        let rounds = self.times.clone();
        let times = sorted(self.times);
        Outcome {
            name: self.name,
            min: times.first().copied().unwrap_or_default(),
            median: median(&times),
            max: times.last().copied().unwrap_or_default(),
            ratio,
            allocations: self.allocations,
            rounds,
        }
    }
}

impl Outcome {
    /// Times another column of the same race, the median over the rounds.
    pub fn times(&self, other: &Self) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        median(&sorted(pairs.map(|(own, other)| own / other).collect()))
    }
}

impl fmt::Debug for Race<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.columns.iter().map(|column| column.name).collect();
        f.debug_struct("Race")
            .field("plan", &self.plan)
            .field("columns", &names)
            .finish_non_exhaustive()
    }
}

pub(crate) fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// The middle of sorted values; of two middle ones the upper, so that it is one that occurred.
pub(crate) fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn column(times: &[f64]) -> Column<'static> {
        Column {
            name: "c",
            round: Box::new(|_| ()),
            times: times.to_vec(),
            allocations: 0.0,
        }
    }

    #[test]
    fn columns_take_turns() {
        let order = RefCell::new(String::new());
        let mut race = Race::new(Plan {
            rounds: 2,
            iterations: 1,
        });
        race.column("a", || order.borrow_mut().push('a'));
        race.column("b", || order.borrow_mut().push('b'));
        race.run();
        // Warm-up and count of each, then the timed rounds.
        assert_eq!(order.into_inner(), "aabbabab");
    }

    #[test]
    fn the_ratio_is_the_median_of_the_rounds_ratios() {
        // A machine twice as slow in the last two rounds moves the medians, not the ratio.
        let outcome = column(&[30.0, 60.0, 62.0]).outcome(Some(&vec![10.0, 20.0, 20.0]));
        assert_eq!(
            (outcome.min, outcome.median, outcome.max),
            (30.0, 60.0, 62.0)
        );
        assert_eq!(outcome.ratio, Some(3.0));
    }

    #[test]
    fn allocations_are_counted_per_operation() {
        let mut race = Race::new(Plan {
            rounds: 1,
            iterations: 10,
        });
        race.column("none", || 1);
        race.column("two", || (black_box(Box::new(1)), black_box(Box::new(2))));
        let seen: Vec<_> = race
            .run()
            .into_iter()
            .map(|outcome| outcome.allocations)
            .collect();
        assert_eq!(seen, [0.0, 2.0]);
    }
}
