//! The impact of a change is the difference of two matrices, asked cell by cell.

mod listed;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use fastrand::Rng;

use super::*;
use crate::decision::{Decision, Reach, Step, decide};
use crate::explain::tests::Chance;
use crate::id::{OrgId, SubjectId};
use crate::inventory::{InventoryRoute, RequirementRecord};
use crate::matrix::tests::random;
use crate::policy::{PolicyDocument, PolicyText};
use crate::request::Request;
use crate::subject::Subject;
use crate::vocabulary::{Mode, OrgRule, OrgSwitch, SiteSwitch, Status, Visibility};

const LIMIT: usize = 1_000_000;

fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

/// Subject, org, path and what is asked.
type Asked = (String, Option<String>, String, String);

/// What may be done with an object of one's own, and with one of somebody else's.
type May = (bool, bool);

fn may(facts: &Snapshot, request: &Request<'_>, record: &RequirementRecord) -> May {
    let subject = request.subject.unwrap().id();
    let another = SubjectId::new("nobody-else").unwrap();
    let ask = |request: &Request<'_>| match decide(facts, request) {
        Step::Done(Decision::Allow(allow)) => Some(allow.reach),
        Step::Done(Decision::Deny(_)) => None,
        other => panic!("{other:?}"),
    };
    match record.owner.as_deref() {
        None => {
            let may = ask(request).is_some();
            (may, may)
        }
        Some("subject") => {
            let reach = ask(&request.owner(subject));
            (reach.is_some(), reach == Some(Reach::Any))
        }
        Some(_) => {
            let is_allowed = |owner| ask(&request.owner(owner)).is_some();
            (is_allowed(subject), is_allowed(&another))
        }
    }
}

/// Everything that is asked of a policy, and what is answered.
fn matrix(
    facts: &Snapshot,
    asked: &BTreeSet<(SubjectId, Option<OrgId>)>,
    routes: &Inventory,
) -> BTreeMap<Asked, May> {
    let mut matrix = BTreeMap::new();
    for (subject, org) in asked {
        let who = Subject::new(subject.clone());
        let named = org.as_ref().map(OrgId::to_string);
        for route in routes.routes() {
            let record = route.requirement().unwrap();
            let can_name = !record.org.is_empty() || record.org_rule == OrgRule::Required;
            let can_be_silent = record.org_rule != OrgRule::Required;
            if !(if org.is_some() {
                can_name
            } else {
                can_be_silent
            }) {
                continue;
            }
            for resource in record.resource.names() {
                for mode in record.modes() {
                    let request = Request::new(resource, &record.action)
                        .subject(&who)
                        .mode(*mode)
                        .at(now());
                    let request = match org {
                        Some(org) => request.org(org),
                        None => request.org_rule(record.org_rule),
                    };
                    let mode = mode.map_or_else(String::new, |mode| format!("#{mode}"));
                    let asks = format!("{resource}:{}{mode}", record.action);
                    let key = (subject.to_string(), named.clone(), route.path.clone(), asks);
                    let may = may(facts, &request, record);
                    // Two routes of one path that ask the same are counted as one of them.
                    assert!(matrix.insert(key, may).is_none_or(|other| other == may));
                }
            }
        }
    }
    matrix
}

/// Subjects by themselves, and in the orgs that they are members of by either policy.
fn members(before: &Snapshot, after: &Snapshot) -> BTreeSet<(SubjectId, Option<OrgId>)> {
    let mut members = BTreeSet::new();
    let subjects: BTreeSet<_> = before.subjects().chain(after.subjects()).collect();
    let orgs: BTreeSet<_> = before.orgs().chain(after.orgs()).collect();
    for subject in subjects {
        members.insert((subject.clone(), None));
        for org in &orgs {
            let is_member = |facts: &Snapshot| facts.is_member_on_path(&subject, org, now());
            if is_member(before) || is_member(after) {
                members.insert((subject.clone(), Some((*org).clone())));
            }
        }
    }
    members
}

/// Of what is asked on a path for how many members, and for how many subjects by themselves.
type OfRoutes = BTreeMap<(String, String), (u64, u64)>;

/// Those of one side, by hand.
fn by_hand(flips: &BTreeSet<Asked>) -> ([u64; 5], OfRoutes) {
    let count = |count: usize| u64::try_from(count).unwrap();
    let (members, alone): (BTreeSet<_>, BTreeSet<_>) = (flips.iter())
        .map(|(who, org, ..)| (who, org))
        .partition(|(_, org)| org.is_some());
    let subjects: BTreeSet<_> = flips.iter().map(|(who, ..)| who).collect();
    let orgs: BTreeSet<_> = flips
        .iter()
        .filter_map(|(_, org, ..)| org.as_ref())
        .collect();
    let mut routes = OfRoutes::new();
    for (_, org, path, asks) in flips {
        let (members, alone) = routes.entry((path.clone(), asks.clone())).or_default();
        *(if org.is_some() { members } else { alone }) += 1;
    }
    // A path has one method in these inventories.
    let paths: BTreeSet<_> = flips.iter().map(|(.., path, _)| path).collect();
    let counted = [
        members.len(),
        alone.len(),
        subjects.len(),
        orgs.len(),
        paths.len(),
    ];
    (counted.map(count), routes)
}

fn same(side: &ImpactSide, flips: &BTreeSet<Asked>) {
    let (counted, routes) = by_hand(flips);
    let told = [side.members, side.alone, side.subjects, side.orgs];
    assert_eq!([&told[..], &[side.distinct_routes]].concat(), counted);
    let told = side.routes.iter();
    let told: OfRoutes = told
        .map(|route| {
            let asked = (route.path.clone(), route.asks.clone());
            (asked, (route.members, route.alone))
        })
        .collect();
    assert_eq!(told, routes);
    assert_eq!(told.len(), side.routes.len());
    assert!(
        side.routes
            .is_sorted_by_key(|route| std::cmp::Reverse(route.members + route.alone))
    );
    assert_eq!(
        side.examples.len(),
        usize::try_from(side.members + side.alone).unwrap().min(5)
    );
    for example in &side.examples {
        let org = example.org.as_ref().map(OrgId::to_string);
        let asks = (example.path.clone(), example.asks.clone());
        let flip = (example.subject.to_string(), org, asks.0, asks.1);
        assert!(flips.contains(&flip), "{flip:?}");
    }
}

/// Compares, and says how many are lost and gained.
fn check(before: &PolicyDocument, after: &PolicyDocument, routes: &Inventory) -> (u64, u64) {
    let before = Snapshot::compile(before, 1).unwrap();
    let after = Snapshot::compile(after, 2).unwrap();
    let asked = members(&before, &after);
    let (was, is) = (
        matrix(&before, &asked, routes),
        matrix(&after, &asked, routes),
    );
    let side = |less: &BTreeMap<Asked, May>, more: &BTreeMap<Asked, May>| {
        let flips = more.iter().filter(|(asked, (own, others))| {
            let (had_own, had_others) = less[*asked];
            (*own && !had_own) || (*others && !had_others)
        });
        flips.map(|(asked, _)| asked.clone()).collect()
    };
    let (lost, gained) = (side(&is, &was), side(&was, &is));
    let impact = Impact::between_at(&before, &after, routes, now(), LIMIT).unwrap();
    same(&impact.losing, &lost);
    same(&impact.gaining, &gained);
    listed::same(&impact, (&before, &after), routes, &lost, &gained);
    let all = |side: &ImpactSide| side.members + side.alone;
    (all(&impact.losing), all(&impact.gaining))
}

/// Changes one thing, as an admin does.
fn change_one(document: &mut PolicyDocument, random: &mut Rng) {
    let keys = |map: &BTreeMap<String, _>| map.keys().cloned().collect::<Vec<_>>();
    let orgs: Vec<String> = document.orgs.keys().cloned().collect();
    let id = orgs[random.usize(..orgs.len())].clone();
    let subjects: Vec<String> = keys(&document.subjects);
    let subject = subjects[random.usize(..subjects.len())].clone();
    match random.u8(..9) {
        0 => {
            let gate = document.site.gates.values_mut().next().unwrap();
            gate.switch = Some(SiteSwitch::ALL[random.usize(..4)]);
        }
        1 => {
            let org = document.orgs.get_mut(&id).unwrap();
            let gate = org.gates.entry("chat".to_owned()).or_default();
            gate.switch = [None, Some(OrgSwitch::On), Some(OrgSwitch::Off)][random.usize(..3)];
        }
        2 => document.orgs.get_mut(&id).unwrap().status = Some(Status::Suspended),
        3 => document.orgs.get_mut(&id).unwrap().members.clear(),
        4 => {
            let known = document.subjects.entry(subject).or_default();
            known.site_roles.clear();
        }
        5 => {
            let role = document.org_roles.values_mut().next_back().unwrap();
            role.grants.push("*:*".to_owned());
        }
        6 => _ = document.subjects.remove(&subject),
        7 => document.orgs.get_mut(&id).unwrap().parent = None,
        _ => {
            document.orgs.remove(&id);
            for org in document.orgs.values_mut() {
                org.parent = org.parent.take().filter(|parent| *parent != id);
            }
        }
    }
}

/// Adds orgs that differ from others in one thing alone.
fn add_lookalikes(document: &mut PolicyDocument, random: &mut Rng) {
    let ids: Vec<String> = document.orgs.keys().cloned().collect();
    for at in 0..9 {
        let mut org = document.orgs[&ids[random.usize(..ids.len())]].clone();
        match random.u8(..5) {
            0 => org.status = Some(Status::Suspended),
            1 => org.visibility = Some(Visibility::ALL[random.usize(..2)]),
            2 => org.parent = Some(ids[random.usize(..ids.len())].clone()),
            3 => org.parent = None,
            _ => org.members.values_mut().for_each(|it| it.roles.clear()),
        }
        document.orgs.insert(format!("like{at}"), org);
    }
}

#[test]
fn those_who_are_alike_but_in_one_thing_are_told_apart() {
    let mut random = Rng::with_seed(12);
    let mut flips = 0;
    for _ in 0..150 {
        let routes = random::routes(&mut random);
        let (mut before, mut after) = (random::policy(&mut random), random::policy(&mut random));
        add_lookalikes(&mut before, &mut random);
        add_lookalikes(&mut after, &mut random);
        let (lost, gained) = check(&before, &after, &routes);
        flips += lost + gained;
        let mut after = before.clone();
        change_one(&mut after, &mut random);
        let (lost, gained) = check(&before, &after, &routes);
        flips += lost + gained;
    }
    assert!(flips > 500, "{flips}");
}

#[test]
fn it_is_the_difference_of_two_matrices() {
    let mut random = Rng::with_seed(11);
    let (mut lost, mut gained, mut nothing) = (0, 0, 0);
    let mut see = |(losing, gaining): (u64, u64)| {
        lost += losing;
        gained += gaining;
        nothing += u32::from((losing, gaining) == (0, 0));
    };
    for seed in 0..150 {
        let routes = random::routes(&mut random);
        let before = random::policy(&mut random);
        see(check(&before, &random::policy(&mut random), &routes));
        let mut after = before.clone();
        change_one(&mut after, &mut random);
        see(check(&before, &after, &routes));

        let before = Chance::new(seed).document();
        let routes = routes.and(of_actions(&before));
        see(check(&before, &Chance::new(seed + 1).document(), &routes));
        let mut after = before.clone();
        change_one(&mut after, &mut random);
        see(check(&before, &after, &routes));
        see(check(&before, &before, &routes));
    }
    assert!(
        lost > 800 && gained > 800 && nothing > 150,
        "{lost} {gained} {nothing}"
    );
}

fn of_actions(document: &PolicyDocument) -> Inventory {
    Inventory::of_actions(&Snapshot::compile(document, 1).unwrap())
}

fn holding(orgs: usize, members: usize, switch: &str) -> Snapshot {
    let mut text = format!(
        "version = 1\nresources.chat = [\"read\"]\nsite.gates.chat = {{ switch = \"{switch}\", access = \"everyone\" }}\n\
         org_roles.guest = {{ level = 1, grants = [\"chat:read\"] }}\norgs.top.visibility = \"private\"\n"
    );
    for at in 0..orgs {
        let _ = writeln!(text, "orgs.o{at}.parent = \"top\"");
    }
    for at in 0..members {
        let _ = writeln!(text, "orgs.top.members.m{at}.roles = [\"guest\"]");
    }
    PolicyText::toml(text).compile(1).unwrap()
}

#[test]
fn a_member_of_an_org_is_one_of_each_org_below_it() {
    let (before, after) = (holding(9, 3, "on"), holding(9, 3, "off"));
    let impact = Impact::between(&before, &after, &Inventory::of_actions(&before), LIMIT);
    let side = impact.unwrap().losing;
    assert_eq!((side.members, side.subjects, side.orgs), (30, 3, 10));
    // What is asked with an org alone, nobody is asked for by itself.
    assert_eq!(side.alone, 0);
}

#[test]
fn more_than_may_be_asked_for_is_refused_and_as_many_are_not() {
    let (before, after) = (holding(9, 3, "on"), holding(9, 3, "off"));
    let nobody = holding(0, 0, "on");
    let routes = Inventory::of_actions(&before);
    let of = |before, after, limit| Impact::between(before, after, &routes, limit);
    assert!(of(&before, &after, 33).is_ok());
    for limit in [0, 1, 5, 10, 32] {
        let refused = ImpactError::TooLarge { limit };
        assert_eq!(of(&before, &after, limit), Err(refused));
        assert_eq!(of(&nobody, &after, limit), Err(refused));
    }
    // Orgs that only one of the two has count as well.
    let (one, other) = (holding(9, 1, "on"), holding(19, 1, "on"));
    assert!(of(&one, &other, 21).is_ok());
    assert_eq!(
        of(&one, &other, 20),
        Err(ImpactError::TooLarge { limit: 20 })
    );
}

#[test]
fn where_the_memberships_are_elsewhere_nothing_is_told() {
    let document = PolicyText::toml("version = 1").parse().unwrap();
    let here = Snapshot::compile(&document, 1).unwrap();
    let elsewhere = Snapshot::compile_looking_through(&document, 1).unwrap();
    for (before, after) in [(&here, &elsewhere), (&elsewhere, &here)] {
        let impact = Impact::between(before, after, &Inventory::default(), LIMIT);
        assert_eq!(impact, Err(ImpactError::MembershipsElsewhere));
    }
}

#[test]
fn every_action_is_asked_for_without_a_mode_and_in_each() {
    let facts = PolicyText::toml("version = 1\nresources.chat = [\"read\"]")
        .compile(1)
        .unwrap();
    let routes = Inventory::of_actions(&facts);
    let asked = |route: &InventoryRoute| {
        let record = route.requirement().unwrap();
        let rule = record.org_rule;
        let modes = record
            .modes()
            .iter()
            .map(|mode| mode.map_or("-", Mode::as_str));
        format!(
            "{} {rule} {}",
            route.path,
            modes.collect::<Vec<_>>().join(" ")
        )
    };
    let asked: Vec<_> = routes.routes().iter().map(asked).collect();
    assert_eq!(
        asked,
        [
            "chat:read required -",
            "chat:read required foreground background",
            "gatepost-audit:read required -",
            "gatepost-org:read required -",
            "gatepost-org:update required -",
            "gatepost-site:read none -",
            "gatepost-site:update none -",
        ]
    );
}
