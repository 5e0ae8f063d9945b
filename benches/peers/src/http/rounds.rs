//! Servers in turn, a short round each, until each has had many.

use super::figures::{Options, Row, Table};

use super::client::{Client, Who, request};
use super::contestants::{ALL, Contestant, GOALS};
use super::machine::{ask, own_share, processor_time};
use super::server::{Answer, Server};
use super::verdict;
use crate::contest::Failure;
use crate::scene::SHORT;

/// A server that takes part.
struct Runner {
    contestant: Contestant,
    server: Server,
    who: Who,
    /// Microseconds of processor time a request, a round each.
    rounds: Vec<f64>,
}

/// Races all of them; returns what the goals make of it.
pub(super) fn measure(options: Options, table: &mut Table) -> Result<Vec<String>, Failure> {
    let mut runners = Vec::new();
    for contestant in ALL {
        let (server, who) = start(contestant, &[])?;
        runners.push(Runner {
            contestant,
            server,
            who,
            rounds: Vec::new(),
        });
    }
    for round in 0..=options.pick(21, 1) {
        for runner in &mut runners {
            let used = runner.round()?;
            // The first one is for the caches and for what a server does once.
            if round > 0 {
                runner.rounds.push(used);
            }
        }
    }
    for runner in &runners {
        runner.tell(&runners, table)?;
    }
    Ok(GOALS
        .iter()
        .map(|(name, most)| goal(name, *most, &runners))
        .collect())
}

/// Starts a server, and says who asks it.
pub(super) fn start(contestant: Contestant, under: &[String]) -> Result<(Server, Who), Failure> {
    let answer = match contestant.answers_like().and_then(Contestant::of) {
        Some(other) => Some(refusal_of(other)?),
        None => None,
    };
    let server = Server::start(contestant, answer.as_ref(), under)?;
    let mut client = Client::connect(server.port)?;
    let who = client.who(contestant)?;
    client.send(request(SHORT.org, &who).as_bytes())?;
    let (status, told) = client.receive()?;
    let alike = answer.is_none_or(|answer| {
        answer.body.len() == told.body.len() && answer.headers.len() == told.headers.len()
    });
    if status != contestant.status || !alike {
        return Err(format!("{}: answers {status}, {told:?}", contestant.name).into());
    }
    Ok((server, who))
}

fn refusal_of(contestant: Contestant) -> Result<Answer, Failure> {
    let (server, who) = start(contestant, &[])?;
    let mut client = Client::connect(server.port)?;
    client.send(request(SHORT.org, &who).as_bytes())?;
    Ok(client.receive()?.1)
}

impl Runner {
    /// Microseconds a request.
    fn round(&self) -> Result<f64, Failure> {
        let before = processor_time(self.server.id())?;
        let requests = ask(self.server.port, &self.who, 1, self.contestant.status)?;
        Ok((processor_time(self.server.id())? - before) * 1e6 / requests)
    }

    fn tell(&self, all: &[Self], table: &mut Table) -> Result<(), Failure> {
        let [low, middle, high] = quartiles(self.rounds.clone());
        let ratio = self.ratios(all).map(quartiles);
        table.push(Row {
            name: self.contestant.name.to_owned(),
            value: middle,
            unit: "us of the processor a request",
            ratio: ratio.map(|[_, middle, _]| middle),
            range: Some((low, high)),
        });
        let share = own_share(self.server.id())? * 100.0;
        table.row(
            format!("{}, not in the kernel", self.contestant.name),
            share,
            "%",
        );
        Ok(())
    }

    /// Times what it is measured beside, round by round.
    fn ratios(&self, all: &[Self]) -> Option<Vec<f64>> {
        let name = self.contestant.beside?;
        let other = all.iter().find(|other| other.contestant.name == name)?;
        let pairs = self.rounds.iter().zip(&other.rounds);
        Some(pairs.map(|(own, others)| own / others).collect())
    }
}

fn goal(name: &str, most: f64, all: &[Runner]) -> String {
    let found = all.iter().find(|runner| runner.contestant.name == name);
    let Some((beside, [low, middle, high])) =
        found.and_then(|runner| Some((runner.contestant.beside?, quartiles(runner.ratios(all)?))))
    else {
        return format!("goal: {name}: not measured");
    };
    let told = if low <= most && most < high && high - low > 0.02 {
        "the clock is too noisy to tell; see the instructions"
    } else {
        verdict(middle <= most)
    };
    format!(
        "goal: {name}: at most {most} times the processor time of {beside}: {middle:.3} (half of the rounds {low:.3} to {high:.3}), {told}"
    )
}

/// The values below which a quarter, a half and three quarters lie.
fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarters| {
        let place = values.len() * quarters / 4;
        values
            .get(place.min(values.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    })
}
