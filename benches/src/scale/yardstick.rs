//! The same population in the hand-written store and in Gatepost: neither nested nor with as many roles as a
//! [`Site`](super::site::Site), since the store could not have it.

use std::collections::HashMap;
use std::error::Error;

use gatepost::{Decision, Step};
use gatepost::{
    Gate, Loader, MemberDocument, OrgDocument, OrgGateDocument, OrgId, OrgSwitch, PolicyDocument,
    PolicyError, PolicyText, Request, Snapshot, Status, Subject, SubjectDocument, SubjectId,
    Target, Timestamp, Visibility, decide,
};

use super::figures::{Figures, Unit};
use super::load::timed;
use super::memory::held;
use crate::options::Options;
use crate::permission::RESOURCES;
use crate::population::{self, Expiry, Population, Role};
use crate::race::{Race, median, sorted};
use crate::requests::{self, Requests};
use crate::yardstick::{Answer, Code, Yardstick};

#[expect(
    clippy::cast_precision_loss,
    reason = "a store is far below 2^52 bytes"
)]
pub(super) fn measure(options: Options, memberships: u32) -> Result<Figures, Box<dyn Error>> {
    let mut figures = Figures::default();
    let population = Population::generate(memberships);
    let parts = Parts::of(&population)?;

    let (mut yardsticks, mut ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let rounds = if memberships > 1_000_000 {
        1
    } else {
        options.pick(5, 1)
    };
    for _ in 0..rounds {
        let (yardstick, _) = timed(|| Yardstick::load(&population));
        let (gatepost, loaded) = timed(|| parts.load(&population));
        loaded?;
        ratios.push(gatepost / yardstick);
        yardsticks.push(yardstick);
        ours.push(gatepost);
    }
    let ratio = Some(median(&sorted(ratios)));
    figures.add(
        "load, yardstick",
        median(&sorted(yardsticks)),
        Unit::Seconds,
    );
    figures.compared(
        "load, gatepost",
        median(&sorted(ours)),
        Unit::Seconds,
        ratio,
    );

    let (yardstick, its) = held(|| Yardstick::load(&population));
    let yardstick = yardstick.ok_or("nothing was loaded")?;
    let (facts, own) = held(|| parts.load(&population));
    let gate = Gate::fixed(facts.ok_or("nothing was loaded")??);
    let a_membership = |bytes: i64| bytes as f64 / f64::from(memberships);
    figures.add(
        "memory, yardstick",
        a_membership(its.live),
        Unit::BytesAMembership,
    );
    let ratio = Some(own.live as f64 / its.live as f64);
    figures.compared(
        "memory, gatepost",
        a_membership(own.live),
        Unit::BytesAMembership,
        ratio,
    );

    for (name, allowed) in [("allow", true), ("deny by org", false)] {
        let wanted = |request: &requests::Request<'_>| {
            let requests::Request {
                subject,
                org,
                permission,
                mode,
            } = *request;
            match yardstick.decide(subject, org, permission, mode) {
                Answer::Allow => allowed,
                Answer::Deny(code) => !allowed && code >= Code::NotAMember,
            }
        };
        let count = options.pick(1 << 20, 1 << 9);
        let drawn = Requests::draw(&population, 1, count, wanted);
        let random = drawn.list();
        let hot: Vec<_> = random.iter().take(1).cycle().take(64).copied().collect();
        for (place, requests, iterations) in
            [("hot", &hot, 1_000_000), ("random", &random, 1 << 17)]
        {
            let asked: Vec<_> = requests
                .iter()
                .filter_map(|one| Asked::of(&gate, one))
                .collect();
            if asked.is_empty() {
                return Err("the population answers no request so".into());
            }
            let mut race = Race::new(options.plan(31, iterations));
            let mut its = requests.iter().cycle();
            race.column("yardstick", || {
                let next = its.next()?;
                Some(yardstick.decide(next.subject, next.org, next.permission, next.mode))
            });
            let mut next = asked.iter().cycle();
            race.column("gatepost", || next.next()?.allowed(&gate));
            for outcome in race.run() {
                let what = format!("{place}, {name}, {}", outcome.name);
                figures.compared(what, outcome.median, Unit::Nanoseconds, outcome.ratio);
            }
        }
    }
    Ok(figures)
}

/// What an adapter has in hand when it asks.
struct Asked {
    subject: Subject,
    org: OrgId,
    target: Target<'static>,
    mode: Option<gatepost::Mode>,
}

impl Asked {
    fn of(gate: &Gate, request: &requests::Request<'_>) -> Option<Self> {
        let permission = request.permission;
        let target = Target::new(permission.resource_name(), permission.action_name());
        Some(Self {
            subject: Subject::new(SubjectId::new(request.subject).ok()?),
            org: OrgId::new(request.org).ok()?,
            target: gate.read(|facts| facts.resolve(target)).ok()?,
            mode: request
                .mode
                .and_then(|mode| gatepost::Mode::parse(mode.name())),
        })
    }

    fn allowed(&self, gate: &Gate) -> Option<bool> {
        let request = Request::of(self.target)
            .subject(&self.subject)
            .org(&self.org)
            .mode(self.mode);
        let allows =
            |facts: &Snapshot| matches!(decide(facts, &request), Step::Done(Decision::Allow(_)));
        gate.read(allows).ok()
    }
}

/// The documents that the population's facts are told by, each made once: what is timed is the loader.
struct Parts {
    frame: PolicyDocument,
    orgs: [OrgDocument; 2],
    switches: [OrgGateDocument; 2],
    members: HashMap<(u32, Option<u64>), MemberDocument>,
    subjects: HashMap<(u32, bool), SubjectDocument>,
}

impl Parts {
    fn of(population: &Population) -> Result<Self, Box<dyn Error>> {
        let small = Population {
            subjects: Vec::new(),
            orgs: Vec::new(),
            memberships: Vec::new(),
            ..Population::generate(10)
        };
        let mut public = OrgDocument::default();
        public.visibility = Some(Visibility::Public);
        let switch = |switch| {
            let mut gate = OrgGateDocument::default();
            gate.switch = Some(switch);
            gate
        };
        let mut members = HashMap::new();
        for member in &population.memberships {
            members.entry(key(member)).or_insert_with(|| {
                let mut document = MemberDocument::default();
                document.roles = names(member.roles, &population.org_roles);
                document.expires = member.expires.and_then(moment);
                document
            });
        }
        let mut subjects = HashMap::new();
        for subject in &population.subjects {
            subjects
                .entry((subject.site_roles, subject.suspended))
                .or_insert_with(|| {
                    let mut document = SubjectDocument::default();
                    document.status = subject.suspended.then_some(Status::Suspended);
                    document.site_roles = names(subject.site_roles, &population.site_roles);
                    document
                });
        }
        Ok(Self {
            frame: PolicyText::json(small.to_policy_json()?).parse()?,
            orgs: [OrgDocument::default(), public],
            switches: [switch(OrgSwitch::On), switch(OrgSwitch::Off)],
            members,
            subjects,
        })
    }

    fn load(&self, population: &Population) -> Result<Snapshot, PolicyError> {
        let mut loader = Loader::new(&self.frame);
        let [private, public] = &self.orgs;
        let [on, off] = &self.switches;
        for org in &population.orgs {
            loader.org(&org.id, if org.public { public } else { private });
        }
        for org in &population.orgs {
            for (resource, switch) in RESOURCES.iter().zip(org.switches) {
                match switch {
                    population::OrgSwitch::On => loader.org_gate(&org.id, resource, on),
                    population::OrgSwitch::Off => loader.org_gate(&org.id, resource, off),
                    population::OrgSwitch::Unset => {}
                }
            }
        }
        for member in &population.memberships {
            let org = population.orgs.get(member.org as usize);
            let subject = population.subjects.get(member.subject as usize);
            if let (Some(org), Some(subject), Some(document)) =
                (org, subject, self.members.get(&key(member)))
            {
                loader.member(&org.id, &subject.id, document);
            }
        }
        for subject in &population.subjects {
            let key = (subject.site_roles, subject.suspended);
            if let Some(document) = self.subjects.get(&key) {
                loader.subject(&subject.id, document);
            }
        }
        loader.finish(1)
    }
}

fn key(member: &population::Membership) -> (u32, Option<u64>) {
    (member.roles, member.expires.map(Expiry::unix_seconds))
}

fn moment(expiry: Expiry) -> Option<Timestamp> {
    let millis = i64::try_from(expiry.unix_seconds())
        .ok()?
        .checked_mul(1000)?;
    Timestamp::from_millis(millis)
}

/// The names of the roles whose bits are set.
fn names(bits: u32, roles: &[Role]) -> Vec<String> {
    let held = roles
        .iter()
        .enumerate()
        .filter(|(place, _)| bits >> place & 1 == 1);
    held.map(|(_, role)| role.name.clone()).collect()
}
