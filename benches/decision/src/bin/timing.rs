//! Whether the time of a refusal tells that an org exists (attack A76): by the decision, and with the answer's body.
//!
//! One class asks for a private org that the subject is no member of, the other for an org that there is not. All
//! ids are drawn anew at each start and are equally long; the classes take turns by chance, and the samples go
//! through Welch's t-test as dudect does it. A difference that is there is there each time, so what is found in
//! one try of several is noise of the machine. With `--size N` the policy has so many orgs. With `--control` both
//! classes ask for orgs that exist: what is found then is no leak, and the test is worth nothing on this machine.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use fastrand::Rng;
use gatepost::{
    Decision, Denial, Gate, OrgId, PolicyText, Request, Step, Subject, SubjectId, Target, decide,
};
use gatepost_decision_bench::cases::Failure;
use gatepost_decision_bench::welch::{BOUND, Difference};

/// Samples of both classes together.
const SAMPLES: usize = 2_000_000;
/// Requests of a sample: the clock takes about as long as one.
const REQUESTS: usize = 4;
/// Orgs of the policy.
const ORGS: usize = 256;
const TRIES: usize = 3;

fn main() -> Result<ExitCode, Failure> {
    let mut orgs = ORGS;
    let mut samples = SAMPLES;
    let mut control = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => samples = SAMPLES / 100,
            "--control" => control = true,
            "--size" => orgs = arguments.next().ok_or("`--size` takes a number")?.parse()?,
            _ => return Err(format!("unknown argument `{argument}`").into()),
        }
    }
    let held = a76_an_org_that_one_may_not_know_takes_as_long_as_none(orgs, samples, control)?;
    Ok(if held {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn a76_an_org_that_one_may_not_know_takes_as_long_as_none(
    orgs: usize,
    samples: usize,
    control: bool,
) -> Result<bool, Failure> {
    let scene = Scene::new(orgs, control)?;
    let by_decision = unseen("the decision", || scene.sample(samples, Scene::decided))?;
    let with_body = unseen("the decision and the body", || {
        scene.sample(samples / 2, Scene::answered)
    })?;
    Ok(by_decision && with_body)
}

/// Whether a difference is missing in one of several tries.
fn unseen(
    what: &str,
    sample: impl Fn() -> Result<Vec<(bool, u32)>, Failure>,
) -> Result<bool, Failure> {
    for _ in 0..TRIES {
        let Difference { t, longer, of } = Difference::of(&sample()?);
        let is_none = t.abs() < BOUND;
        println!(
            "{what}: t {t:.2}, an org that exists takes {longer:.3} ns longer of {of:.1} ns: {}",
            if is_none {
                "not told apart"
            } else {
                "TOLD APART"
            }
        );
        if is_none {
            return Ok(true);
        }
    }
    Ok(false)
}

struct Scene {
    gate: Gate,
    target: Target<'static>,
    subject: Subject,
    orgs: Vec<String>,
    /// Whether both classes are the same one.
    control: bool,
}

impl Scene {
    fn new(orgs: usize, control: bool) -> Result<Self, Failure> {
        let mut rng = Rng::new();
        let mut ids = BTreeSet::new();
        while ids.len() < orgs {
            ids.insert(id(&mut rng));
        }
        let mut orgs: Vec<_> = ids.into_iter().collect();
        rng.shuffle(&mut orgs);
        let members = orgs.iter().map(|org| {
            let member = id(&mut Rng::new());
            format!("[orgs.{org}.members.{member}]\nroles = [\"developer\"]\n")
        });
        let members: String = members.collect();
        let policy = format!(
            r#"
            version = 1
            resources.chat = ["create"]
            site.gates.chat = {{ switch = "on", access = "everyone" }}
            org_roles.developer = {{ level = 30, grants = ["chat:create"] }}
            {members}"#
        );
        let facts = PolicyText::toml(policy).compile(1)?;
        let target = facts.resolve(Target::new("chat", "create"));
        Ok(Self {
            gate: Gate::fixed(facts),
            target,
            subject: Subject::new(SubjectId::new("mallory")?),
            orgs,
            control,
        })
    }

    /// Nanoseconds of each sample, and whether its orgs exist.
    fn sample(
        &self,
        samples: usize,
        ask: impl Fn(&Self, &OrgId) -> bool,
    ) -> Result<Vec<(bool, u32)>, Failure> {
        let mut rng = Rng::new();
        let mut taken = Vec::with_capacity(samples);
        let mut batch = Vec::with_capacity(REQUESTS);
        for _ in 0..samples {
            let exists = rng.bool();
            batch.clear();
            for _ in 0..REQUESTS {
                // Both are made, and the one that is not asked for as well: what was done last is the same.
                let (none, there) = (id(&mut rng), rng.choice(&self.orgs));
                let there = there.ok_or("a policy without orgs")?;
                let asked = if black_box(exists | self.control) {
                    there
                } else {
                    &none
                };
                batch.push(OrgId::new(asked)?);
            }
            let begun = Instant::now();
            for org in &batch {
                black_box(ask(self, org));
            }
            let took = begun.elapsed().as_nanos();
            taken.push((exists, u32::try_from(took).unwrap_or(u32::MAX)));
        }
        Ok(taken)
    }

    #[inline]
    fn decided(&self, org: &OrgId) -> bool {
        let request = Request::of(self.target).subject(&self.subject).org(org);
        let denied = |facts: &_| matches!(decide(facts, &request), Step::Done(Decision::Deny(_)));
        self.gate.read(denied).unwrap_or(false)
    }

    #[inline]
    fn answered(&self, org: &OrgId) -> bool {
        let request = Request::of(self.target).subject(&self.subject).org(org);
        let body = self.gate.read(|facts| match decide(facts, &request) {
            Step::Done(Decision::Deny(deny)) => {
                let denial = Denial::of(&deny, &self.subject).asked("chat", "create");
                Some(black_box(denial.body()))
            }
            _ => None,
        });
        body.is_ok_and(|body| body.is_some())
    }
}

/// Twelve letters and figures.
fn id(rng: &mut Rng) -> String {
    let random = std::iter::repeat_with(|| rng.alphanumeric());
    random.take(12).collect()
}
