//! Requests of a site, and what it costs to decide them.

use std::error::Error;

use fastrand::Rng;
use gatepost::{
    Decision, Gate, Mode, OrgId, Request, Step, Subject, SubjectId, Target, Tier, decide,
};

use super::figures::{Figures, Unit};
use super::frame::{ACTIONS, RESOURCES};
use super::site::Site;
use crate::options::Options;
use crate::race::Race;

/// What an adapter has in hand when it asks.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) subject: Subject,
    pub(super) org: OrgId,
    pub(super) target: Target<'static>,
    pub(super) mode: Option<Mode>,
}

/// The answers that are raced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Allow,
    /// Refused by the org, so that all facts were looked at.
    Deny,
}

impl Kind {
    const ALL: [(&str, Self); 2] = [("allow", Self::Allow), ("deny by org", Self::Deny)];

    fn is(self, step: Step<'_>) -> bool {
        match step {
            Step::Done(Decision::Allow(_)) => self == Self::Allow,
            Step::Done(Decision::Deny(deny)) => {
                self == Self::Deny && matches!(deny.check.tier(), Tier::Org | Tier::Mode)
            }
            _ => false,
        }
    }
}

/// Whether a request is allowed.
pub(super) fn allows(gate: &Gate, asked: &Asked) -> bool {
    is(gate, asked, Kind::Allow)
}

fn is(gate: &Gate, asked: &Asked, kind: Kind) -> bool {
    let request = Request::of(asked.target)
        .subject(&asked.subject)
        .org(&asked.org)
        .mode(asked.mode);
    gate.read(|facts| kind.is(decide(facts, &request))) == Ok(true)
}

/// So many draws may miss for each that is wanted.
const PATIENCE: usize = 1000;

/// Requests that are answered so: members, each in an org of theirs, drawn all over the site.
pub(super) fn draw(
    site: &Site,
    gate: &Gate,
    kind: Kind,
    count: usize,
) -> Result<Vec<Asked>, Box<dyn Error>> {
    let rng = &mut Rng::with_seed(u64::from(site.memberships));
    let mut requests = Vec::with_capacity(count);
    for _ in 0..count.saturating_mul(PATIENCE) {
        if requests.len() == count {
            return Ok(requests);
        }
        let request = one(site, gate, rng)?;
        if is(gate, &request, kind) {
            requests.push(request);
        }
    }
    Err(format!("the site answers too few requests with {kind:?}").into())
}

fn one(site: &Site, gate: &Gate, rng: &mut Rng) -> Result<Asked, Box<dyn Error>> {
    let (org, subject) = site.pair(rng.u32(0..site.memberships));
    let resource = rng.choice(RESOURCES.iter()).ok_or("no resource")?;
    let action = rng.choice(ACTIONS.iter()).ok_or("no action")?;
    let target = Target::new(resource, action);
    let mode = match rng.u8(0..3) {
        0 => None,
        1 => Some(Mode::Foreground),
        _ => Some(Mode::Background),
    };
    Ok(Asked {
        subject: Subject::new(subject_id(site, subject)?),
        org: org_id(site, org)?,
        target: gate
            .read(|facts| facts.resolve(target))
            .map_err(gatepost::Code::as_str)?,
        mode,
    })
}

pub(super) fn subject_id(site: &Site, subject: u32) -> Result<SubjectId, gatepost::IdError> {
    let mut id = String::new();
    site.ids.subject(subject, &mut id);
    SubjectId::new(id)
}

pub(super) fn org_id(site: &Site, org: u32) -> Result<OrgId, gatepost::IdError> {
    let mut id = String::new();
    site.ids.org(org, &mut id);
    OrgId::new(id)
}

/// Copies of the one hot request, few enough that they stay in the first cache.
const HOT: usize = 64;

/// How many different requests are asked at random.
pub(super) fn many(options: Options, site: &Site) -> usize {
    options.pick(1 << 20, 1 << 9).min(site.memberships as usize)
}

pub(super) fn measure(
    options: Options,
    site: &Site,
    gate: &Gate,
    figures: &mut Figures,
) -> Result<(), Box<dyn Error>> {
    for (name, kind) in Kind::ALL {
        let random = draw(site, gate, kind, many(options, site))?;
        let hot: Vec<_> = random.iter().take(1).cycle().take(HOT).cloned().collect();
        for (place, requests, iterations) in
            [("hot", &hot, 1_000_000), ("random", &random, 1 << 17)]
        {
            let mut race = Race::new(options.plan(31, iterations));
            let mut next = requests.iter().cycle();
            race.column("gatepost", || next.next().map(|asked| allows(gate, asked)));
            for outcome in race.run() {
                figures.add(
                    format!("{place}, {name}"),
                    outcome.median,
                    Unit::Nanoseconds,
                );
                figures.add(
                    format!("{place}, {name}, allocations"),
                    outcome.allocations,
                    Unit::PerDecision,
                );
            }
        }
    }
    Ok(())
}
