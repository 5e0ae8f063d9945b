//! gatehouse: rules are Rust code, and it keeps no facts. So the facts stand in the maps of the yardstick's kind,
//! in the service; what it has of the subject, the org and the membership is looked up first, and the rules go by
//! that. Nothing is loaded while it decides, so its session is an empty one.
//!
//! Twice: with all conditions in one grant, which is the least that it can be asked to do, and as its
//! documentation writes rules: a veto each for what forbids, and a grant.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use gatehouse::{EvaluationSession, PermissionChecker, PolicyBuilder, PolicyDomain};
use gatepost_benches::permission::{Mode, Permission};
use gatepost_benches::population::{Expiry, Gate, OrgSwitch, Population, Role, SiteSwitch};
use gatepost_benches::requests::Request;
use rustc_hash::FxHasher;

use super::{Engine, floor, level};
use crate::contest::Failure;

type Map<K, V> = HashMap<K, V, BuildHasherDefault<FxHasher>>;

/// The checker beside the service's own facts; with a veto for each rule that forbids, or with one grant.
pub struct Gatehouse<const VETOES: bool> {
    checker: PermissionChecker<Site>,
    session: EvaluationSession,
    subjects: Map<Box<str>, (u32, Subject)>,
    orgs: Map<Box<str>, (u32, Org)>,
    memberships: Map<(u32, u32), Membership>,
}

struct Site;

impl PolicyDomain for Site {
    type Subject = Subject;
    type Action = Action;
    type Resource = Place;
    type Context = ();
}

#[derive(Clone, Copy)]
struct Subject {
    suspended: bool,
    site_roles: u32,
}

struct Action {
    permission: Permission,
    mode: Option<Mode>,
}

#[derive(Clone, Copy)]
struct Org {
    switches: [OrgSwitch; 8],
}

/// The org, and what the subject is in it.
struct Place {
    org: Org,
    membership: Option<Membership>,
}

#[derive(Clone, Copy)]
struct Membership {
    roles: u32,
    level: u8,
    expires: Option<u64>,
}

/// What the rules go by: the gates, and for each permission the roles that grant it.
struct Rules {
    gates: [Gate; 8],
    floors: Vec<[u8; 2]>,
    site_roles: Vec<u32>,
    org_roles: Vec<u32>,
}

impl Rules {
    fn new(population: &Population) -> Self {
        let modes = |gate: &Gate| Mode::ALL.map(|mode| floor(*gate, mode, &population.org_roles));
        Self {
            gates: population.gates,
            floors: population.gates.iter().map(modes).collect(),
            site_roles: granting(&population.site_roles),
            org_roles: granting(&population.org_roles),
        }
    }

    fn is_switched_off(&self, action: &Action, place: &Place) -> bool {
        let resource = action.permission.resource();
        let said = place.org.switches.get(resource);
        match self.gates.get(resource).map(|gate| gate.switch) {
            Some(SiteSwitch::On) => false,
            Some(SiteSwitch::OptOut) => said == Some(&OrgSwitch::Off),
            Some(SiteSwitch::OptIn) => said != Some(&OrgSwitch::On),
            _ => true,
        }
    }

    fn has_access(&self, subject: Subject, action: &Action) -> bool {
        let gate = self.gates.get(action.permission.resource());
        let roles = self.site_roles.get(action.permission.number());
        gate.is_some_and(|gate| gate.everyone)
            || roles.is_some_and(|roles| roles & subject.site_roles != 0)
    }

    fn stands_too_low(&self, action: &Action, place: &Place) -> bool {
        let floors = self.floors.get(action.permission.resource());
        let [foreground, background] = floors.copied().unwrap_or([u8::MAX; 2]);
        let floor = match action.mode {
            None => return false,
            Some(Mode::Background) => background,
            Some(_) => foreground,
        };
        place.membership.is_none_or(|member| member.level < floor)
    }

    fn is_granted(&self, action: &Action, place: &Place) -> bool {
        let roles = self.org_roles.get(action.permission.number());
        place
            .membership
            .filter(|member| member.is_current())
            .zip(roles)
            .is_some_and(|(member, roles)| member.roles & roles != 0)
    }
}

impl Membership {
    fn is_current(self) -> bool {
        self.expires.is_none_or(|end| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            now.is_ok_and(|now| now.as_secs() < end)
        })
    }
}

/// For each permission the bits of the roles that grant it.
fn granting(roles: &[Role]) -> Vec<u32> {
    let mut granting = vec![0; 64];
    for permission in Permission::all() {
        let bits = roles.iter().enumerate();
        let bits = bits
            .filter(|(_, role)| role.grants & permission.bit() != 0)
            .fold(0, |bits, (index, _)| bits | 1 << index);
        if let Some(entry) = granting.get_mut(permission.number()) {
            *entry = bits;
        }
    }
    granting
}

fn one_grant(rules: Arc<Rules>) -> PermissionChecker<Site> {
    let mut checker = PermissionChecker::new();
    let allowed =
        PolicyBuilder::new("allowed").when(move |subject: &Subject, action, place, &()| {
            !subject.suspended
                && rules.has_access(*subject, action)
                && !rules.is_switched_off(action, place)
                && rules.is_granted(action, place)
                && !rules.stands_too_low(action, place)
        });
    checker.add_policy(allowed.build());
    checker
}

fn vetoes(rules: &Arc<Rules>) -> PermissionChecker<Site> {
    let mut checker = PermissionChecker::new();
    let suspended = PolicyBuilder::new("suspended").subjects(|subject: &Subject| subject.suspended);
    checker.add_veto(suspended.build_veto());
    let by = rules.clone();
    let no_access = PolicyBuilder::new("no access")
        .when(move |subject: &Subject, action, _, &()| !by.has_access(*subject, action));
    checker.add_veto(no_access.build_veto());
    let by = rules.clone();
    let off = PolicyBuilder::new("switched off")
        .when(move |_, action, place, &()| by.is_switched_off(action, place));
    checker.add_veto(off.build_veto());
    let by = rules.clone();
    let low = PolicyBuilder::new("stands too low")
        .when(move |_, action, place, &()| by.stands_too_low(action, place));
    checker.add_veto(low.build_veto());
    let by = rules.clone();
    let granted = PolicyBuilder::new("granted")
        .when(move |_, action, place, &()| by.is_granted(action, place));
    checker.add_policy(granted.build());
    checker
}

impl<const VETOES: bool> Engine for Gatehouse<VETOES> {
    type Asked<'a> = Request<'a>;

    fn load(population: &Population) -> Result<Self, Failure> {
        let rules = Arc::new(Rules::new(population));
        let subjects = (0..).zip(&population.subjects).map(|(number, subject)| {
            let facts = Subject {
                suspended: subject.suspended,
                site_roles: subject.site_roles,
            };
            (subject.id.as_str().into(), (number, facts))
        });
        let orgs = (0..).zip(&population.orgs).map(|(number, org)| {
            let facts = Org {
                switches: org.switches,
            };
            (org.id.as_str().into(), (number, facts))
        });
        let memberships = population.memberships.iter().map(|membership| {
            let facts = Membership {
                roles: membership.roles,
                level: level(membership.roles, &population.org_roles),
                expires: membership.expires.map(Expiry::unix_seconds),
            };
            ((membership.subject, membership.org), facts)
        });
        Ok(Self {
            checker: if VETOES {
                vetoes(&rules)
            } else {
                one_grant(rules)
            },
            session: EvaluationSession::empty(),
            subjects: subjects.collect(),
            orgs: orgs.collect(),
            memberships: memberships.collect(),
        })
    }

    fn ask<'a>(&self, request: &Request<'a>) -> Result<Request<'a>, Failure> {
        Ok(*request)
    }

    fn decide(&mut self, asked: &Request<'_>) -> Option<bool> {
        let (number, subject) = self.subjects.get(asked.subject)?;
        let Some((org_number, org)) = self.orgs.get(asked.org) else {
            return Some(false);
        };
        let place = Place {
            org: *org,
            membership: self.memberships.get(&(*number, *org_number)).copied(),
        };
        let action = Action {
            permission: asked.permission,
            mode: asked.mode,
        };
        let bound = self.checker.bind(&self.session, subject, &action, &());
        let evaluation = bound.check(&place).now_or_never()?;
        (!evaluation.is_indeterminate()).then(|| evaluation.is_granted())
    }
}

impl<const VETOES: bool> std::fmt::Debug for Gatehouse<VETOES> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gatehouse").finish_non_exhaustive()
    }
}
