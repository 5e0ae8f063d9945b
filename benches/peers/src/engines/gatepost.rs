//! Gatepost: the facts are taken in one by one, as a store gives them; asked as its adapters ask, with ids that
//! are parsed and the route's own target, which is looked up once a policy version.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use gatepost::{
    Decision, Gate, Loader, MemberDocument, Need, OrgDocument, OrgGateDocument, OrgId, PolicyText,
    Step, Subject, SubjectDocument, SubjectId, Target, Timestamp, Visibility, decide,
};
use gatepost_benches::permission::RESOURCES;
use gatepost_benches::population::{Expiry, Membership, OrgSwitch, Population};
use gatepost_benches::requests::Request;

use super::{ByPermission, Engine, held};
use crate::contest::Failure;

/// A gate with the population behind it.
#[derive(Debug)]
pub struct Gatepost {
    gate: Gate,
    targets: ByPermission<Target<'static>>,
}

/// What an adapter has in hand when it asks.
#[derive(Debug)]
pub struct Asked {
    subject: Subject,
    org: OrgId,
    target: Target<'static>,
    mode: Option<gatepost::Mode>,
}

impl Engine for Gatepost {
    type Asked<'a> = Asked;

    fn load(population: &Population) -> Result<Self, Failure> {
        let frame = Population {
            gates: population.gates,
            site_roles: population.site_roles.clone(),
            org_roles: population.org_roles.clone(),
            subjects: Vec::new(),
            orgs: Vec::new(),
            memberships: Vec::new(),
        };
        let frame = PolicyText::json(frame.to_policy_json()?).parse()?;
        let mut loader = Loader::new(&frame);
        for org in &population.orgs {
            let mut document = OrgDocument::default();
            document.visibility = org.public.then_some(Visibility::Public);
            for (resource, said) in RESOURCES.iter().zip(org.switches) {
                let mut gate = OrgGateDocument::default();
                gate.switch = match said {
                    OrgSwitch::On => Some(gatepost::OrgSwitch::On),
                    OrgSwitch::Off => Some(gatepost::OrgSwitch::Off),
                    _ => continue,
                };
                document.gates.insert((*resource).to_owned(), gate);
            }
            loader.org(&org.id, &document);
        }
        let mut documents = BTreeMap::new();
        for membership in &population.memberships {
            let place = (membership.org as usize, membership.subject as usize);
            let Some((org, subject)) = population
                .orgs
                .get(place.0)
                .zip(population.subjects.get(place.1))
            else {
                continue;
            };
            let kind = (
                membership.roles,
                membership.expires.map(Expiry::unix_seconds),
            );
            let document = match documents.entry(kind) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(member(population, membership)?),
            };
            loader.member(&org.id, &subject.id, document);
        }
        for subject in &population.subjects {
            let mut document = SubjectDocument::default();
            document.status = subject.suspended.then_some(gatepost::Status::Suspended);
            let roles = held(subject.site_roles, &population.site_roles);
            document.site_roles = roles.map(|role| role.name.clone()).collect();
            loader.subject(&subject.id, &document);
        }
        let facts = loader.finish(1)?;
        let targets = ByPermission::new(|permission| {
            facts.resolve(Target::new(
                permission.resource_name(),
                permission.action_name(),
            ))
        });
        Ok(Self {
            gate: Gate::fixed(facts),
            targets,
        })
    }

    fn ask(&self, request: &Request<'_>) -> Result<Asked, Failure> {
        let target = self.targets.get(request.permission);
        Ok(Asked {
            subject: Subject::new(SubjectId::new(request.subject)?),
            org: OrgId::new(request.org)?,
            target: *target.ok_or("a permission without a target")?,
            mode: request.mode.map(|mode| match mode {
                gatepost_benches::permission::Mode::Background => gatepost::Mode::Background,
                _ => gatepost::Mode::Foreground,
            }),
        })
    }

    fn decide(&mut self, asked: &Asked) -> Option<bool> {
        let Asked {
            subject,
            org,
            target,
            mode,
        } = asked;
        let request = gatepost::Request::of(*target)
            .subject(subject)
            .org(org)
            .mode(*mode);
        let step = |facts: &_| match decide(facts, &request) {
            // The clock is asked only where a membership ends, as adapters do it.
            Step::Need(Need::Time) => allowed(&decide(facts, &request.at(Timestamp::now()))),
            step => allowed(&step),
        };
        self.gate.read(step).ok().flatten()
    }
}

/// Whether it is an allow; nothing where it is not decided.
fn allowed(step: &Step<'_>) -> Option<bool> {
    match step {
        Step::Done(Decision::Allow(_)) => Some(true),
        Step::Done(Decision::Deny(_)) => Some(false),
        _ => None,
    }
}

/// The membership's body; there are few different ones.
fn member(population: &Population, membership: &Membership) -> Result<MemberDocument, Failure> {
    let mut document = MemberDocument::default();
    let roles = held(membership.roles, &population.org_roles);
    document.roles = roles.map(|role| role.name.clone()).collect();
    if let Some(end) = membership.expires {
        document.expires = Some(end.rfc3339().parse::<Timestamp>()?);
    }
    Ok(document)
}
