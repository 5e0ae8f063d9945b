//! What one column costs more than another: the difference of two noisy times
//! that are much larger than it.
//!
//! The difference is taken in each round, between two columns that stood side
//! by side in it, and the median over the rounds is reported. How far to trust
//! it is asked of the rounds themselves: they are drawn anew with replacement,
//! and the interval holds 95 of 100 such draws (the percentile bootstrap;
//! Efron, Tibshirani: An Introduction to the Bootstrap, chapter 13).
//!
//! Where things happen to lie in memory costs or saves some percent for as long
//! as they lie there, which no number of rounds shows. So the columns can be set
//! up several times over, a race each; [`Extra::of_races`] then takes each race
//! for one round.

use crate::race::{Outcome, median, sorted};

/// What a column costs more than its base, a figure a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Extra {
    rounds: Vec<f64>,
    /// Allocations an operation that the base does not make.
    pub allocations: f64,
}

/// A figure, and between what it lies 95 times of 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure of the rounds as they ran.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How often the rounds are drawn anew.
const DRAWS: usize = 1000;

impl Extra {
    /// What `column` costs more than `base`. Both are of one race.
    pub fn over(base: &Outcome, column: &Outcome) -> Self {
        let pairs = column.rounds.iter().zip(&base.rounds);
        Self {
            rounds: pairs.map(|(own, base)| own - base).collect(),
            allocations: column.allocations - base.allocations,
        }
    }

    /// What several races over the same columns say together.
    pub fn of_races(races: &[Self]) -> Self {
        let allocations = races.iter().map(|race| race.allocations).collect();
        Self {
            rounds: races.iter().map(Self::middle).collect(),
            allocations: median(&sorted(allocations)),
        }
    }

    fn middle(&self) -> f64 {
        median(&sorted(self.rounds.clone()))
    }

    /// Nanoseconds an operation.
    pub fn time(&self) -> Estimate {
        estimate(self.rounds.len(), |drawn| middle(&self.rounds, drawn))
    }

    /// Times what another costs more than its own base, in the same race.
    pub fn times(&self, other: &Self) -> Estimate {
        // A ratio of each round would be one of two small differences, and far off in some rounds.
        estimate(self.rounds.len().min(other.rounds.len()), |drawn| {
            middle(&self.rounds, drawn) / middle(&other.rounds, drawn)
        })
    }
}

/// What `figure` says of the rounds as they ran, and of rounds drawn from them.
fn estimate(rounds: usize, figure: impl Fn(&[usize]) -> f64) -> Estimate {
    let as_they_ran: Vec<_> = (0..rounds).collect();
    // The same draws for every figure: two tables of one race differ by nothing but the race.
    let mut rng = fastrand::Rng::with_seed(1);
    let mut drawn = as_they_ran.clone();
    let figures = (0..DRAWS).map(|_| {
        drawn.fill_with(|| rng.usize(..rounds));
        figure(&drawn)
    });
    let figures = sorted(figures.collect());
    let at = |place: usize| figures.get(place).copied().unwrap_or_default();
    Estimate {
        value: figure(&as_they_ran),
        low: at(DRAWS / 40),
        high: at(DRAWS - 1 - DRAWS / 40),
    }
}

/// The middle one of these rounds.
fn middle(rounds: &[f64], drawn: &[usize]) -> f64 {
    let times = drawn
        .iter()
        .filter_map(|place| rounds.get(*place))
        .copied()
        .collect();
    median(&sorted(times))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(rounds: &[f64], allocations: f64) -> Outcome {
        Outcome {
            name: "c",
            min: 0.0,
            median: 0.0,
            max: 0.0,
            ratio: None,
            allocations,
            rounds: rounds.to_vec(),
        }
    }

    #[test]
    fn a_difference_is_taken_between_rounds_that_stood_side_by_side() {
        // A machine twice as slow in the last two rounds.
        let base = outcome(&[100.0, 200.0, 200.0], 5.0);
        let extra = Extra::over(&base, &outcome(&[110.0, 220.0, 220.0], 7.0));
        assert_eq!((extra.time().value, extra.allocations), (20.0, 2.0));
    }

    #[test]
    fn equal_columns_cost_nothing_more_and_the_interval_holds_zero() {
        let rng = &mut fastrand::Rng::with_seed(7);
        let mut noisy = || {
            let rounds: Vec<_> = (0..201).map(|_| 1000.0 + 100.0 * rng.f64()).collect();
            outcome(&rounds, 1.0)
        };
        let time = Extra::over(&noisy(), &noisy()).time();
        assert!(time.low < 0.0 && 0.0 < time.high, "{time:?}");
        assert!(time.high - time.low < 30.0, "{time:?}");
    }

    #[test]
    fn one_round_that_was_disturbed_moves_nothing() {
        let base = outcome(&[100.0; 9], 0.0);
        let mut rounds = [110.0; 9];
        rounds[4] = 9000.0;
        let time = Extra::over(&base, &outcome(&rounds, 0.0)).time();
        assert_eq!((time.value, time.low, time.high), (10.0, 10.0, 10.0));
    }

    #[test]
    fn two_extras_compare_whatever_their_bases_cost() {
        let one = Extra::over(&outcome(&[100.0; 9], 0.0), &outcome(&[110.0; 9], 0.0));
        let other = Extra::over(&outcome(&[500.0; 9], 0.0), &outcome(&[530.0; 9], 0.0));
        assert!((other.times(&one).value - 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_race_that_lay_badly_counts_once_however_many_rounds_it_had() {
        let race = |extra: f64, rounds: usize| {
            let base = vec![100.0; rounds];
            Extra::over(
                &outcome(&base, 1.0),
                &outcome(&vec![100.0 + extra; rounds], 3.0),
            )
        };
        let all = Extra::of_races(&[race(10.0, 3), race(70.0, 99), race(11.0, 3)]);
        assert_eq!((all.time().value, all.allocations), (11.0, 2.0));
        assert!(all.time().high > 11.0, "the interval tells of it");
    }

    #[test]
    fn no_round_is_no_panic() {
        let none = outcome(&[], 0.0);
        assert!(Extra::over(&none, &none).time().value.abs() < 1e-9);
    }
}
