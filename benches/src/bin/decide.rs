//! What one decision costs: one request repeated, and requests all over the population.

use std::error::Error;
use std::time::Instant;

use gatepost::{
    Decision, Gate, Mode, OrgId, PolicyText, Snapshot, Step, Subject, SubjectId, Target, decide,
};
use gatepost_benches::allocations::counted;
use gatepost_benches::options::Options;
use gatepost_benches::population::Population;
use gatepost_benches::race::Race;
use gatepost_benches::requests::{Request, Requests};
use gatepost_benches::table::Table;
use gatepost_benches::yardstick::{Answer, Code, Yardstick};

/// The engines that race.
///
/// To add a column: a field here, a line in `load`, a line in `enter`. Nothing
/// outside this struct and its `impl` changes.
struct Engines {
    yardstick: Yardstick,
    gate: Gate,
}

impl Engines {
    fn load(population: &Population, table: &mut Table) -> Result<Self, Box<dyn Error>> {
        let document = PolicyText::json(population.to_policy_json()?).parse()?;
        let facts = loaded(table, population, "gatepost", || {
            Snapshot::compile(&document, 1)
        })?;
        Ok(Self {
            yardstick: loaded(table, population, "yardstick", || {
                Yardstick::load(population)
            }),
            gate: Gate::fixed(facts),
        })
    }

    /// The first column is the one that the others are compared with.
    fn enter<'a>(&'a self, race: &mut Race<'a>, requests: &'a [Request<'a>]) {
        race.column(
            "yardstick",
            each(requests, |r| {
                self.yardstick
                    .decide(r.subject, r.org, r.permission, r.mode)
            }),
        );
        self.ask(race, "gatepost", requests);
    }

    /// Gatepost as a column, which is asked these requests.
    fn ask<'a>(&'a self, race: &mut Race<'a>, column: &'static str, requests: &[Request<'_>]) {
        let asked = self.asked(requests);
        let mut next = 0;
        race.column(column, move || {
            let Asked {
                subject,
                org,
                target,
                mode,
            } = asked.get(next)?;
            next = if next + 1 == asked.len() { 0 } else { next + 1 };
            let request = gatepost::Request::of(*target)
                .subject(subject)
                .org(org)
                .mode(*mode);
            self.gate
                .read(|facts| matches!(decide(facts, &request), Step::Done(Decision::Allow(_))))
                .ok()
        });
    }

    /// What an adapter has in hand when it asks: ids that it has parsed, and the route's own target,
    /// looked up once a policy version.
    fn asked(&self, requests: &[Request<'_>]) -> Vec<Asked> {
        let asked = requests.iter().filter_map(|request| {
            let target = Target::new(
                request.permission.resource_name(),
                request.permission.action_name(),
            );
            Some(Asked {
                subject: Subject::new(SubjectId::new(request.subject).ok()?),
                org: OrgId::new(request.org).ok()?,
                target: self.gate.read(|facts| facts.resolve(target)).ok()?,
                mode: request.mode.map(mode),
            })
        });
        asked.collect()
    }
}

struct Asked {
    subject: Subject,
    org: OrgId,
    target: Target<'static>,
    mode: Option<Mode>,
}

fn mode(mode: gatepost_benches::permission::Mode) -> Mode {
    match mode {
        gatepost_benches::permission::Mode::Background => Mode::Background,
        _ => Mode::Foreground,
    }
}

/// The answers that cost alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Allow,
    /// Refused before the org was looked at.
    DeniedBySite,
    DeniedByOrg,
}

const KINDS: [(&str, Kind); 3] = [
    ("allow", Kind::Allow),
    ("deny by site", Kind::DeniedBySite),
    ("deny by org", Kind::DeniedByOrg),
];

/// Copies of the one hot request: enough that going back to the first is no
/// part of the time, few enough that they stay in the first cache.
const HOT: usize = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::from_env()?;
    let mut table = Table::new("decide", options);
    let population = Population::generate(options.pick(1_000_000, 10_000));
    let engines = Engines::load(&population, &mut table)?;

    let mut hottest = Vec::new();
    for (name, kind) in KINDS {
        let requests = draw(
            &population,
            &engines.yardstick,
            kind,
            options.pick(1 << 20, 1 << 10),
        )?;
        let random = requests.list();
        let hot: Vec<_> = random.iter().take(1).cycle().take(HOT).copied().collect();
        for (place, requests, iterations) in
            [("hot", &hot, 1_000_000), ("random", &random, 1 << 17)]
        {
            let mut race = Race::new(options.plan(31, iterations));
            engines.enter(&mut race, requests);
            table.race(&format!("{place}, {name}"), race.run());
        }
        hottest.push((name, requests));
    }
    // A denial must cost no more than an allow: side by side, the allow first.
    let mut race = Race::new(options.plan(31, 1_000_000));
    for (name, requests) in &hottest {
        let list = requests.list();
        let hot: Vec<_> = list.iter().take(1).cycle().take(HOT).copied().collect();
        engines.ask(&mut race, name, &hot);
    }
    table.race("hot, gatepost", race.run());
    table.finish()?;
    Ok(())
}

/// Requests of one kind, by the yardstick's judgement.
fn draw(
    population: &Population,
    yardstick: &Yardstick,
    kind: Kind,
    count: usize,
) -> Result<Requests, String> {
    let requests = Requests::draw(population, 1, count, |r| {
        of_kind(yardstick.decide(r.subject, r.org, r.permission, r.mode)) == kind
    });
    // A race over nothing would be won by everyone.
    if requests.list().is_empty() {
        return Err(format!("the population answers no request with {kind:?}"));
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

/// Asks `decide` the next request each time, around and around.
fn each<'a, T>(
    requests: &'a [Request<'a>],
    decide: impl Fn(&Request<'a>) -> T + 'a,
) -> impl FnMut() -> Option<T> + 'a {
    let mut requests = requests.iter().cycle();
    move || requests.next().map(&decide)
}

/// Loads an engine and notes what that took.
#[expect(
    clippy::cast_precision_loss,
    reason = "a population is far below 2^52 bytes"
)]
fn loaded<T>(
    table: &mut Table,
    population: &Population,
    engine: &str,
    load: impl FnOnce() -> T,
) -> T {
    let start = Instant::now();
    let (loaded, allocations) = counted(load);
    let memberships = population.memberships.len() as f64;
    table.row(
        format!("load: {engine}"),
        start.elapsed().as_secs_f64() * 1e3,
        "ms",
    );
    table.row(
        format!("memory: {engine}"),
        allocations.live_bytes as f64 / memberships,
        "bytes per membership",
    );
    loaded
}
