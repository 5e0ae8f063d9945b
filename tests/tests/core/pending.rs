//! What costs something is fetched late: `decide` asks for an input at the first check whose
//! outcome depends on it, and for nothing when the answer is settled without it.
//!
//! For every combination of known and pending inputs the oracle is asked about every world that
//! these leave possible. The first check that fails in some of them tells what the engine must
//! say: the denial, if it fails in all of them alike; else the need of the input that tells them
//! apart. The moment of the request costs nothing, and so may be asked for wherever a membership
//! that can end is about to be read.

mod apart;
mod table;
mod world;

use gatepost::{
    Decision, Input, Need, OrgId, OrgInput, OrgRule, Request, Snapshot, Step, SubjectId, Timestamp,
    decide,
};
use gatepost_tests::apart::Apart;
use gatepost_tests::oracle;
use gatepost_tests::twin::Twin;
use gatepost_tests::verdict::Verdict;

use table::{Asker, HOME, NOON, askers, org_id, policies};
use world::{At, Known, Owner, Place, World};

const BEFORE: &str = "2026-06-01T11:59:59Z";

/// One asker under one policy: the engine, and what the oracle says in every world.
struct Case<'a> {
    facts: &'a Snapshot,
    /// Where the memberships are, if not in the facts.
    members: Option<&'a Apart>,
    asker: &'a Asker,
    verdicts: Vec<Verdict>,
    /// The number of the check that failed, in every world.
    checks: Vec<u8>,
    orgs: [OrgId; 3],
    owners: [SubjectId; 2],
    times: [Timestamp; 2],
}

impl<'a> Case<'a> {
    fn new(twin: &'a Twin, asker: &'a Asker) -> Self {
        let verdicts: Vec<_> = World::all()
            .map(|world| oracle_verdict(twin, asker, world))
            .collect();
        Self {
            facts: &twin.snapshot,
            members: None,
            asker,
            checks: verdicts.iter().map(check_of).collect(),
            verdicts,
            orgs: [HOME, "elsewhere", "nowhere"].map(org_id),
            owners: [asker.own.as_str(), "another"].map(|id| SubjectId::new(id).unwrap()),
            times: [BEFORE, NOON].map(|at| at.parse().unwrap()),
        }
    }

    fn verdict(&self, world: World) -> Verdict {
        self.verdicts[world.number()]
    }

    fn org(&self, place: Place) -> Option<&OrgId> {
        match place {
            Place::Home => Some(&self.orgs[0]),
            Place::Elsewhere => Some(&self.orgs[1]),
            Place::Nowhere => Some(&self.orgs[2]),
            Place::Conflict | Place::Missing | Place::Unnamed | Place::Default | Place::Site => {
                None
            }
        }
    }

    fn request(&self, known: Known) -> Request<'_> {
        let mut request = Request::new("chat", "read").subject(&self.asker.subject);
        request.org = match known.place {
            None => OrgInput::Pending,
            Some(place @ (Place::Home | Place::Elsewhere | Place::Nowhere)) => {
                OrgInput::Named(self.org(place).unwrap())
            }
            Some(Place::Conflict) => OrgInput::Conflict,
            Some(Place::Missing) => OrgInput::Missing,
            Some(Place::Unnamed) => OrgInput::Absent(OrgRule::Required),
            Some(Place::Default) => OrgInput::Absent(OrgRule::Default),
            Some(Place::Site) => OrgInput::Absent(OrgRule::None),
        };
        request.mode = known.mode.map_or(Input::Pending, Input::Known);
        request.owner = match known.owner {
            None => Input::Pending,
            Some(Owner::Nobody) => Input::Known(None),
            Some(Owner::Own) => Input::Known(Some(&self.owners[0])),
            Some(Owner::Another) => Input::Known(Some(&self.owners[1])),
        };
        request.at = known.at.map(|at| self.times[at as usize]);
        request
    }

    /// What must be said to what is known, by the oracle's answers in the worlds that it leaves possible.
    fn expected(&self, known: Known, worlds: &Possible) -> Expected {
        // Whether the default org is there is not looked up while the site's tier waits for the mode.
        let before_the_org = self.expected_among(known, &worlds.of_any_default);
        if before_the_org == Expected::Mode
            && self.first_failure(&worlds.of_any_default) < FIRST_OF_ORG
        {
            return before_the_org;
        }
        self.expected_among(known, worlds.of(self.asker))
    }

    /// The first check that fails in any of the worlds.
    fn first_failure(&self, worlds: &[World]) -> u8 {
        let checks = worlds.iter().map(|world| self.checks[world.number()]);
        checks.min().unwrap()
    }

    fn expected_among(&self, known: Known, worlds: &[World]) -> Expected {
        let first = self.first_failure(worlds);
        if first == ALLOWED {
            return match (known.mode, known.owner) {
                (None, _) => Expected::Mode,
                (_, None) => self.owner_of(known),
                _ => Expected::Decision(self.verdict(worlds[0])),
            };
        }
        // What the first check that fails anywhere says in a world: its code, or nothing where it passes.
        let says = |world: World| {
            let number = world.number();
            (self.checks[number] == first).then(|| self.verdicts[number].code)
        };
        let one = says(worlds[0]);
        if one.is_some() && worlds.iter().all(|world| says(*world) == one) {
            return Expected::Decision(self.verdict(worlds[0]));
        }
        if known.mode.is_none()
            && worlds
                .iter()
                .any(|world| says(*world) != says(world.in_the_other_mode()))
        {
            return Expected::Mode;
        }
        if known.place.is_none() {
            return Expected::Org;
        }
        self.owner_of(known)
    }

    fn owner_of(&self, known: Known) -> Expected {
        Expected::Owner(match known.place.unwrap() {
            Place::Default => Some(HOME.to_owned()),
            place => self.org(place).map(ToString::to_string),
        })
    }

    /// Whether a membership that can end is read before the answer: for a check of the org's tier,
    /// or to look for an owner in the default org.
    fn may_ask_for_the_moment(&self, known: Known, worlds: &Possible, expected: &Expected) -> bool {
        let reads_an_end = self.asker.ends == Some(true)
            && matches!(known.place, Some(Place::Home | Place::Default));
        let for_the_owner =
            known.place == Some(Place::Default) && matches!(expected, Expected::Owner(_));
        let in_the_org = self.first_failure(worlds.of(self.asker)) >= FIRST_OF_ORG;
        known.at.is_none() && reads_an_end && (in_the_org || for_the_owner)
    }
}

/// The worlds that may be the true one. An object that was to lie in no org, or in the org of an
/// entity that is missing, has no owner; and so where there is no default org.
struct Possible {
    /// As if there were a default org.
    of_any_default: Vec<World>,
    /// For an asker without a membership, with one that stays, with one that ends.
    by_membership: [Vec<World>; 3],
}

impl Possible {
    fn new(known: Known) -> Self {
        Self {
            of_any_default: known
                .worlds(|place, at| place == Place::Default || owned_in(place, at, None)),
            by_membership: [None, Some(false), Some(true)]
                .map(|ends| known.worlds(|place, at| owned_in(place, at, ends))),
        }
    }

    fn of(&self, asker: &Asker) -> &[World] {
        &self.by_membership[match asker.ends {
            None => 0,
            Some(false) => 1,
            Some(true) => 2,
        }]
    }
}

/// Whether an object can be found there: the default org is the one that the asker is a member of.
fn owned_in(place: Place, at: At, ends: Option<bool>) -> bool {
    match place {
        Place::Home | Place::Elsewhere | Place::Nowhere | Place::Site => true,
        Place::Default => ends.is_some_and(|ends| !ends || at == At::Before),
        Place::Conflict | Place::Missing | Place::Unnamed => false,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Expected {
    Decision(Verdict),
    Org,
    Mode,
    Owner(Option<String>),
}

/// Policies, times askers whose membership does not end or ends, times what is known.
const STATES: usize = 5 * (8 * 6 * 6 * (9 * 4 * 4) + 8 * 5 * 6 * (9 * 4 * 4 * 3));
const ALLOWED: u8 = u8::MAX;
/// The check at which the org is read.
const FIRST_OF_ORG: u8 = 8;

/// The check that failed, those of the one acted for behind all of the subject's.
fn check_of(verdict: &Verdict) -> u8 {
    let Some(code) = verdict.code else {
        return ALLOWED;
    };
    let check = match code {
        "unauthenticated" => 1,
        "subject_suspended" | "delegator_missing" => 2,
        "scope_missing" => 3,
        "site_off" => 4,
        "site_denied" => 5,
        "site_grant_missing" => 6,
        "site_mode_off" => 7,
        "org_required" | "org_conflict" | "no_default_org" => 8,
        "not_a_member" => 9,
        "org_suspended" => 10,
        "org_off" => 11,
        "org_mode_off" => 12,
        "org_denied" => 13,
        "org_grant_missing" => 14,
        "mode_floor" => 15,
        other => panic!("{other}"),
    };
    check
        + if verdict.whose == Some("acting_for") {
            15
        } else {
            0
        }
}

/// What the oracle says in a world. It knows no conflict, which is told where a missing org would
/// be, and no missing entity, which is an org that nobody may know.
fn oracle_verdict(twin: &Twin, asker: &Asker, world: World) -> Verdict {
    let org = match world.place {
        Place::Home => Some(HOME),
        Place::Elsewhere => Some("elsewhere"),
        Place::Nowhere | Place::Missing => Some("nowhere"),
        Place::Conflict | Place::Unnamed | Place::Default | Place::Site => None,
    };
    let rule = match world.place {
        Place::Default => Some("default"),
        Place::Site => Some("none"),
        _ => None,
    };
    let owner = match world.owner {
        Owner::Nobody => None,
        Owner::Own => Some(asker.own.clone()),
        Owner::Another => Some("another".to_owned()),
    };
    let request = oracle::Request {
        subject: Some(asker.subject.id().to_string()),
        acting_for: asker.agent.then(|| asker.own.clone()),
        org: org.map(str::to_owned),
        org_rule: rule.map(str::to_owned),
        resource: "chat".to_owned(),
        action: "read".to_owned(),
        mode: world.mode.map(|mode| mode.to_string()),
        owner,
        scopes: asker.scopes.clone(),
        at: [BEFORE, NOON][world.at as usize].parse().unwrap(),
        ..oracle::Request::default()
    };
    let mut verdict = Verdict::from(twin.oracle.decide(&request));
    if world.place == Place::Conflict && verdict.code == Some("org_required") {
        verdict.code = Some("org_conflict");
    }
    verdict
}

#[test]
fn an_input_is_asked_for_only_where_the_first_unsettled_check_depends_on_it() {
    let (mut states, mut needs) = (0, [0_usize; 4]);
    let askers = askers();
    let knowns: Vec<_> = Known::all()
        .map(|known| (known, Possible::new(known)))
        .collect();
    for policy in policies() {
        let twin = Twin::of(&policy);
        for asker in &askers {
            let case = Case::new(&twin, asker);
            for (known, worlds) in &knowns {
                // Where nothing ends the moment is nothing, known or not.
                if known.at.is_some() && asker.ends != Some(true) {
                    continue;
                }
                states += 1;
                let step = decide(case.facts, &case.request(*known));
                let expected = case.expected(*known, worlds);
                let said = match step {
                    Step::Need(Need::Time) => {
                        needs[0] += 1;
                        assert!(
                            case.may_ask_for_the_moment(*known, worlds, &expected),
                            "{known:?} {expected:?}\n{:?}",
                            asker.subject
                        );
                        continue;
                    }
                    Step::Need(Need::Memberships(whose)) => panic!("{whose:?}: they are here"),
                    Step::Need(Need::Org) => Expected::Org,
                    Step::Need(Need::Mode) => Expected::Mode,
                    Step::Need(Need::Owner { org }) => {
                        Expected::Owner(org.map(ToString::to_string))
                    }
                    Step::Done(_) => Expected::Decision(Verdict::of_step(step, asker.agent)),
                };
                needs[1] += usize::from(said == Expected::Org);
                needs[2] += usize::from(said == Expected::Mode);
                needs[3] += usize::from(matches!(said, Expected::Owner(_)));
                assert_eq!(said, expected, "{known:?}\n{:?}\n{policy}", asker.subject);
            }
        }
    }
    assert_eq!(states, STATES);
    assert!(needs.iter().all(|asked| *asked > 1000), "{needs:?}");
}

#[test]
fn filling_in_what_is_asked_for_ends_in_the_decision_of_the_known_request() {
    let askers = askers();
    let mut asked = [0_usize; 5];
    for policy in policies() {
        let twin = Twin::of(&policy);
        for asker in &askers {
            let case = Case::new(&twin, asker);
            for world in World::all() {
                let found =
                    world.owner == Owner::Nobody || owned_in(world.place, world.at, asker.ends);
                if world.mode.is_some() && found {
                    asked[drive(&case, world)] += 1;
                }
            }
        }
    }
    assert!(asked.iter().all(|runs| *runs > 0), "{asked:?}");
}

/// Runs a request of which nothing is known but what no source has to tell, and counts what it asks for.
fn drive(case: &Case<'_>, world: World) -> usize {
    let place = (!Place::OF_A_SOURCE.contains(&world.place)).then_some(world.place);
    let mut known = Known {
        place,
        mode: None,
        owner: None,
        at: None,
    };
    let mut loaded = Vec::new();
    for asked in 0.. {
        let given = loaded.clone();
        let request = case.request(known).memberships(&given);
        let step = decide(case.facts, &request);
        let fresh = match step {
            Step::Need(Need::Org) => known.place.replace(world.place).is_none(),
            Step::Need(Need::Mode) => known.mode.replace(world.mode).is_none(),
            Step::Need(Need::Owner { .. }) => {
                assert!(known.place.is_some(), "the owner before the org");
                known.owner.replace(world.owner).is_none()
            }
            Step::Need(Need::Time) => known.at.replace(world.at).is_none(),
            Step::Need(Need::Memberships(whose)) => {
                let more = case.members.unwrap().load_whose(&request, whose);
                let fresh = !loaded.contains(&more);
                loaded.push(more);
                fresh
            }
            Step::Done(decision) => {
                assert_eq!(
                    Verdict::of_step(step, case.asker.agent),
                    case.verdict(world),
                    "{world:?}"
                );
                if let Decision::Allow(allow) = decision {
                    assert_eq!(allow.mode, world.mode);
                    assert_eq!(allow.owner.is_some(), world.owner != Owner::Nobody);
                }
                return asked;
            }
        };
        assert!(fresh, "{step:?} a second time, {world:?}");
    }
    unreachable!("each input is asked for once")
}
