//! One engine beside the yardstick and Gatepost: the same population, the same requests, rounds in turn.

use std::time::Instant;

use gatepost_benches::allocations::counted;
use gatepost_benches::options::Options;
use gatepost_benches::population::Population;
use gatepost_benches::race::{Outcome, Plan, Race};
use gatepost_benches::requests::{Request, Requests};
use gatepost_benches::yardstick::{Answer, Code, Yardstick};

use crate::contest::Failure;
use crate::engines::gatepost::Gatepost;
use crate::engines::{Engine, FromText};

/// A figure of one engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What was measured, after the size of the population.
    pub case: String,
    /// How much of `unit`.
    pub value: f64,
    /// What `value` counts.
    pub unit: &'static str,
    /// Times the yardstick, round by round.
    pub ratio: Option<f64>,
}

/// What a duel hands out while it runs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The engine begins to take the facts.
    Loading,
    /// It has them.
    Loaded,
    /// A figure.
    Figure(Figure),
}

/// The answers that cost alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Allow,
    /// Refused before the org was looked at.
    DeniedBySite,
    DeniedByOrg,
}

/// What the kinds of answers are called.
pub const KINDS: [&str; 3] = ["allow", "deny by site", "deny by org"];

const ROUNDS: u32 = 31;
/// Copies of the one hot request: enough that going back to the first is no part of the time, few enough that
/// they stay in the first cache.
const HOT: usize = 64;
/// Decisions that tell how long one takes, roughly.
const SOME: usize = 256;
/// How long a round of the slowest column lasts, in nanoseconds.
const ROUND: f64 = 20e6;

/// A duel over one population.
pub struct Duel<'a> {
    population: &'a Population,
    options: Options,
    tell: &'a mut dyn FnMut(Event),
}

impl<'a> Duel<'a> {
    /// A duel that tells what it finds.
    pub const fn new(
        population: &'a Population,
        options: Options,
        tell: &'a mut dyn FnMut(Event),
    ) -> Self {
        Self {
            population,
            options,
            tell,
        }
    }

    /// Gatepost beside the yardstick.
    ///
    /// # Errors
    ///
    /// When they disagree, or one of them fails.
    pub fn gatepost(mut self) -> Result<(), Failure> {
        let mut gatepost = self.load::<Gatepost>("gatepost")?;
        let mut yardstick = self.load::<Yardstick>("yardstick")?;
        let mut from_text = FromText::<Gatepost>::load(self.population)?;
        self.cases(1 << 20, |case, expected, requests, plan| {
            let of_gatepost = asked(&mut gatepost, requests, expected)?;
            let of_yardstick = asked(&mut yardstick, requests, expected)?;
            let of_text = asked(&mut from_text, requests, expected)?;
            let mut race = Race::new(plan(30.0));
            enter(&mut race, "yardstick", &mut yardstick, &of_yardstick);
            enter(&mut race, "gatepost", &mut gatepost, &of_gatepost);
            enter(&mut race, "gatepost, from text", &mut from_text, &of_text);
            let outcomes = race.run();
            Ok(outcomes
                .iter()
                .flat_map(|one| figures(case, one, None))
                .collect())
        })
    }

    /// `Peer` beside the yardstick and `Ours`.
    ///
    /// # Errors
    ///
    /// When they disagree, or one of them fails.
    pub fn peer<Ours: Engine, Peer: Engine>(mut self, name: &'static str) -> Result<(), Failure> {
        // The peer first: what the others hold is no part of what it may take.
        let mut peer = self.load::<Peer>(name)?;
        let mut yardstick = <Yardstick as Engine>::load(self.population)?;
        let mut ours = Ours::load(self.population)?;
        self.cases(1 << 17, |case, expected, requests, plan| {
            let of_yardstick = asked(&mut yardstick, requests, expected)?;
            let of_ours = asked(&mut ours, requests, expected)?;
            let of_peer = asked(&mut peer, requests, expected)
                .map_err(|error| format!("{name}: {case}: {error}"))?;
            let mut race = Race::new(plan(time_of(&mut peer, &of_peer)));
            enter(&mut race, "yardstick", &mut yardstick, &of_yardstick);
            enter(&mut race, "gatepost", &mut ours, &of_ours);
            enter(&mut race, name, &mut peer, &of_peer);
            let outcomes = race.run();
            let [_, ours, peer] = outcomes.as_slice() else {
                return Err("three columns give three outcomes".into());
            };
            Ok(figures(case, peer, Some(ours)))
        })
    }

    fn load<E: Engine>(&mut self, name: &str) -> Result<E, Failure> {
        (self.tell)(Event::Loading);
        let begun = Instant::now();
        let (engine, held) = counted(|| E::load(self.population));
        let took = begun.elapsed().as_secs_f64();
        let engine = engine?;
        (self.tell)(Event::Loaded);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 bytes")]
        let bytes = held.live_bytes as f64 / self.population.memberships.len() as f64;
        self.tell(format!("load: {name}"), took * 1e3, "ms");
        self.tell(format!("memory: {name}"), bytes, "bytes per membership");
        Ok(engine)
    }

    fn tell(&mut self, case: String, value: f64, unit: &'static str) {
        (self.tell)(Event::Figure(Figure {
            case,
            value,
            unit,
            ratio: None,
        }));
    }

    /// Runs `race` for each kind of answer, hot and at random. It is given a plan for the nanoseconds that its
    /// slowest column takes.
    fn cases(
        &mut self,
        draws: usize,
        mut race: impl FnMut(
            &str,
            bool,
            &[Request<'_>],
            &dyn Fn(f64) -> Plan,
        ) -> Result<Vec<Figure>, Failure>,
    ) -> Result<(), Failure> {
        let judge = Yardstick::load(self.population);
        let options = self.options;
        for (name, kind) in KINDS
            .iter()
            .zip([Kind::Allow, Kind::DeniedBySite, Kind::DeniedByOrg])
        {
            let draws = options.pick(draws, 1 << 9);
            let requests = draw(self.population, &judge, kind, draws)?;
            let random = requests.list();
            let hot: Vec<_> = random.iter().take(1).cycle().take(HOT).copied().collect();
            for (place, requests, most) in [("hot", &hot, 1e6), ("random", &random, 131_072.0)] {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "between the bounds"
                )]
                let plan = |slowest: f64| {
                    let iterations = (ROUND / slowest.max(1.0)).clamp(500.0, most);
                    options.plan(ROUNDS, iterations as u32)
                };
                let case = format!("{place}, {name}");
                for figure in race(&case, kind == Kind::Allow, requests, &plan)? {
                    (self.tell)(Event::Figure(figure));
                }
            }
        }
        Ok(())
    }
}

/// The requests in the engine's words; each was answered as it should be.
fn asked<'a, E: Engine>(
    engine: &mut E,
    requests: &[Request<'a>],
    expected: bool,
) -> Result<Vec<E::Asked<'a>>, Failure> {
    let mut all = Vec::with_capacity(requests.len());
    for request in requests {
        let asked = engine.ask(request)?;
        let answer = engine.decide(&asked);
        if answer != Some(expected) {
            return Err(format!("{request:?} is answered with {answer:?}, not {expected}").into());
        }
        all.push(asked);
    }
    Ok(all)
}

fn enter<'a, 'r: 'a, E: Engine + 'a>(
    race: &mut Race<'a>,
    name: &'static str,
    engine: &'a mut E,
    asked: &'a [E::Asked<'r>],
) {
    let mut next = 0;
    race.column(name, move || {
        let one = asked.get(next)?;
        next = if next + 1 == asked.len() { 0 } else { next + 1 };
        engine.decide(one)
    });
}

/// Nanoseconds a decision, roughly.
#[expect(clippy::cast_precision_loss, reason = "a few hundred")]
fn time_of<E: Engine>(engine: &mut E, asked: &[E::Asked<'_>]) -> f64 {
    let begun = Instant::now();
    for one in asked.iter().take(SOME) {
        std::hint::black_box(engine.decide(one));
    }
    begun.elapsed().as_secs_f64() * 1e9 / asked.len().clamp(1, SOME) as f64
}

fn figures(case: &str, outcome: &Outcome, gatepost: Option<&Outcome>) -> Vec<Figure> {
    let name = outcome.name;
    let mut figures = vec![
        Figure {
            case: format!("{case}: {name}"),
            value: outcome.median,
            unit: "ns",
            ratio: outcome.ratio,
        },
        Figure {
            case: format!("{case}: {name}, allocations"),
            value: outcome.allocations,
            unit: "per decision",
            ratio: None,
        },
    ];
    if let Some(gatepost) = gatepost {
        figures.push(Figure {
            case: format!("{case}: {name} beside gatepost"),
            value: outcome.times(gatepost),
            unit: "times gatepost",
            ratio: None,
        });
    }
    figures
}

/// Requests of one kind, by the yardstick's judgement.
fn draw(
    population: &Population,
    judge: &Yardstick,
    kind: Kind,
    count: usize,
) -> Result<Requests, Failure> {
    let requests = Requests::draw(population, 1, count, |r| {
        of_kind(judge.decide(r.subject, r.org, r.permission, r.mode)) == kind
    });
    // A race over nothing would be won by everyone.
    if requests.list().is_empty() {
        return Err(format!("the population answers no request with {kind:?}").into());
    }
    Ok(requests)
}

fn of_kind(answer: Answer) -> Kind {
    match answer {
        Answer::Deny(code) if code < Code::NotAMember => Kind::DeniedBySite,
        Answer::Deny(_) => Kind::DeniedByOrg,
        _ => Kind::Allow,
    }
}

impl std::fmt::Debug for Duel<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Duel")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
