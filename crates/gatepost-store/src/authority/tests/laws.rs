//! What holds of every accepted change by a subject whom his memberships brought there, over random small policies.
//!
//! Let a change in an org be accepted, and let somebody be allowed a request there afterwards, at once or at some
//! later moment, that he was not allowed at that moment before. Then
//!
//! - the author passes checks 9 to 14 of that request there by the policy before the change, asked for his own
//!   object where it was the other's own, or the other passed them already;
//! - the author's level there is no lower than the other's is now, or the other's has not risen;
//!
//! and where somebody acts for another, both of the two do. In a descendant the author, in the org of the change,
//! holds the action at least in some mode and on his own objects, or the other had it there already. Outside the
//! org and its descendants nobody is allowed anything new.

use std::cell::Cell;

use gatepost::{
    Code, Decision, Holding, Mode, OrgId, PolicyDocument, Request, Snapshot, Step, SubjectId,
    Timestamp, decide,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::change::Author;
use crate::command::{Command, Reach, WriteRefusal};
use crate::plan::testing::{NOON, noon, planned, subject};

const SUBJECTS: [&str; 4] = ["u0", "u1", "u2", "u3"];
/// Each lies under the one before it, the last under none.
const ORGS: [&str; 4] = ["o0", "o1", "o2", "apart"];
const ROLES: [&str; 5] = ["r0", "r1", "r2", "r3", "own"];
const HELD: [&str; 7] = ["r0", "r1", "r2", "r3", "own", "retired", "adm"];
const ACTIONS: [(&str, &str); 5] = [
    ("chat", "read"),
    ("chat", "create"),
    ("agent", "execute"),
    ("gatepost-org", "update"),
    ("gatepost-org", "read"),
];

fn grants() -> BoxedStrategy<Vec<String>> {
    let pair = select(vec![
        "*:*",
        "chat:*",
        "chat:read",
        "chat:create",
        "agent:execute",
        "gatepost-org:read",
    ]);
    let sign = prop_oneof![3 => Just(""), 1 => Just("!")];
    let mode = prop_oneof![4 => Just(""), 1 => Just("#foreground"), 1 => Just("#background")];
    let own = prop_oneof![3 => Just(""), 1 => Just("@own")];
    let grant = (sign, pair, mode, own)
        .prop_map(|(sign, pair, mode, own)| format!("{sign}{pair}{mode}{own}"));
    vec(grant, 0..3).boxed()
}

fn level() -> impl Strategy<Value = i64> {
    (0_i64..5).prop_map(|step| step * 10)
}

fn held() -> BoxedStrategy<Value> {
    let expires = prop_oneof![
        6 => Just(None),
        1 => Just(Some(NOON)),
        1 => Just(Some("2026-06-01T12:00:00.001Z")),
    ];
    let admin = prop::bool::weighted(0.5);
    let member = (vec(select(HELD.to_vec()), 1..3), admin, expires);
    member
        .prop_map(|(mut roles, admin, expires)| {
            if admin {
                roles.push("adm");
            }
            let mut member = json!({ "roles": roles });
            if let Some(expires) = expires {
                member["expires"] = expires.into();
            }
            member
        })
        .boxed()
}

fn members() -> BoxedStrategy<Value> {
    btree_map(select(SUBJECTS.to_vec()), held(), 0..4)
        .prop_map(|members| json!(members))
        .boxed()
}

fn role(include: &'static [&'static str]) -> BoxedStrategy<Value> {
    let count = if include.is_empty() { 0..1 } else { 0..2 };
    let include = vec(
        any::<prop::sample::Index>().prop_map(|index| index.get(include).to_owned()),
        count,
    );
    let include: BoxedStrategy<Vec<&str>> = include.boxed();
    (level(), grants(), include)
        .prop_map(|(level, grants, include)| json!({ "level": level, "grants": grants, "include": include }))
        .boxed()
}

fn floor() -> impl Strategy<Value = &'static str> {
    select(vec!["everyone", "r0", "r1", "r2", "r3"])
}

fn policy() -> impl Strategy<Value = PolicyDocument> {
    let roles = (
        (role(&[]), role(&["r0"]), role(&["r0", "r1"]), role(&["r2"])),
        (grants(), level()),
    );
    let own = (
        role(&["r0", "r3"]),
        role(&["r1", "own"]),
        any::<bool>(),
        any::<bool>(),
    );
    let orgs = (
        [members(), members(), members(), members()],
        select(vec!["private", "public"]),
        select(vec!["private", "public"]),
    );
    let gates = [floor(), floor(), floor(), floor()];
    (roles, own, orgs, gates, grants()).prop_map(
        |(((r0, r1, r2, r3), (admin, at)), own, (members, upper, lower), floors, anyone)| {
            let admin: Vec<_> = admin
                .into_iter()
                .chain(["gatepost-org:update".to_owned()])
                .collect();
            let gate = |foreground: &str, background: &str| {
                json!({
                    "switch": "on", "access": "everyone",
                    "foreground": { "floor": foreground }, "background": { "floor": background },
                })
            };
            let [m0, m1, m2, apart] = members;
            let (own_above, own_below, is_above, is_below) = own;
            let mut document = json!({
                "version": 1,
                "resources": { "chat": ["read", "create"], "agent": ["execute"] },
                "site": {
                    "gates": { "chat": gate(floors[0], floors[1]), "agent": gate(floors[2], floors[3]) },
                    "roles": { "console": { "grants": ["gatepost-org:*"] } },
                },
                "org_roles": {
                    "r0": r0, "r1": r1, "r2": r2, "r3": r3,
                    "adm": { "level": at, "grants": admin }, "anyone": { "grants": anyone },
                },
                "orgs": {
                    "o0": { "visibility": upper, "members": m0 },
                    "o1": { "visibility": lower, "parent": "o0", "members": m1 },
                    "o2": { "parent": "o1", "members": m2 },
                    "apart": { "members": apart },
                },
            });
            if is_above {
                document["orgs"]["o0"]["roles"]["own"] = own_above;
                if is_below {
                    document["orgs"]["o2"]["roles"]["extra"] = own_below;
                }
            }
            // Somebody may change something, more often than not.
            if document["orgs"]["o0"]["members"].get("u0").is_none() {
                document["orgs"]["o0"]["members"]["u0"] = json!({ "roles": ["adm", "r2"] });
            }
            for id in SUBJECTS {
                document["subjects"][id] = json!({ "site_roles": ["console"] });
            }
            PolicyDocument::from_json_value(&document).unwrap()
        },
    )
}

fn change() -> impl Strategy<Value = Command> {
    let place = (select(ORGS.to_vec()), select(SUBJECTS.to_vec()));
    let expires = prop_oneof![3 => Just(None), 1 => Just(Some("2026-06-02T12:00:00Z"))];
    let given = (place.clone(), select(HELD.to_vec()), expires);
    let taken = (place.clone(), select(HELD.to_vec()));
    let name = prop_oneof![2 => Just("own"), 1 => Just("extra"), 1 => Just("retired")];
    let include = vec(select(ROLES.to_vec()), 0..2);
    let defined = (place, name, level(), grants(), include);
    let json = prop_oneof![
        given.prop_map(|((org, subject), role, expires)| json!({
            "command": "member_add", "org": org, "subject": subject, "role": role, "expires": expires,
        })),
        taken.prop_map(|((org, subject), role)| json!({
            "command": "member_remove", "org": org, "subject": subject, "role": role,
        })),
        defined.prop_map(|((org, _), name, level, grants, include)| json!({
            "command": "role_define", "org": org, "name": name, "level": level,
            "grants": grants, "include": include,
        })),
    ];
    json.prop_map(|json| serde_json::from_value(json).unwrap())
}

/// A subject, and perhaps another whom it acts for.
fn author() -> impl Strategy<Value = Vec<&'static str>> {
    let other = proptest::option::weighted(0.35, select(SUBJECTS.to_vec()));
    let subject = prop_oneof![1 => Just("u0"), 1 => select(SUBJECTS.to_vec())];
    (subject, other).prop_map(|(subject, other)| {
        let other = other.filter(|other| *other != subject);
        std::iter::once(subject).chain(other).collect()
    })
}

/// The moments at which it is asked: that of the change, and such as memberships are over at.
fn moment() -> impl Strategy<Value = Timestamp> {
    let ends = ["2026-06-01T12:00:00.001Z", "2026-06-02T12:00:00Z"];
    prop_oneof![
        2 => Just(noon()),
        1 => select(ends.to_vec()).prop_map(|end| end.parse().unwrap()),
    ]
}

/// Whose object a request is for, seen from the one who asks.
#[derive(Clone, Copy, Debug)]
enum Owner {
    Own,
    Other,
    Unknown,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    org: &'static str,
    pair: (&'static str, &'static str),
    mode: Option<Mode>,
    owner: Owner,
    at: Timestamp,
}

fn every_request(at: Timestamp) -> Vec<Asked> {
    let mut all = Vec::new();
    for org in ORGS {
        for pair in ACTIONS {
            for mode in [None, Some(Mode::Foreground), Some(Mode::Background)] {
                for owner in [Owner::Own, Owner::Other, Owner::Unknown] {
                    all.push(Asked {
                        org,
                        pair,
                        mode,
                        owner,
                        at,
                    });
                }
            }
        }
    }
    all
}

/// The code of the denial; none of an allow.
fn code(facts: &Snapshot, who: &str, asked: Asked) -> Option<Code> {
    let (who, org) = (subject(who), OrgId::new(asked.org).unwrap());
    let third = SubjectId::new("third").unwrap();
    let (resource, action) = asked.pair;
    let mut request = Request::new(resource, action)
        .subject(&who)
        .org(&org)
        .mode(asked.mode)
        .at(asked.at);
    request = match asked.owner {
        Owner::Own => request.owner(who.id()),
        Owner::Other => request.owner(&third),
        Owner::Unknown => request,
    };
    match decide(facts, &request) {
        Step::Done(Decision::Allow(_)) => None,
        Step::Done(Decision::Deny(deny)) => Some(deny.code),
        other => panic!("{other:?}"),
    }
}

/// Whether the first fourteen checks passed.
fn is_granted(code: Option<Code>) -> bool {
    matches!(code, None | Some(Code::ModeFloor))
}

fn holding(facts: &Snapshot, who: &str, org: &str, at: Timestamp) -> Holding {
    let (who, org) = (SubjectId::new(who).unwrap(), OrgId::new(org).unwrap());
    facts.holding(&who, &org, at)
}

/// Whether `org` is `above` or lies under it.
fn is_under(org: &str, above: &str) -> bool {
    let at = |org| ORGS.iter().position(|id| *id == org).unwrap();
    org == above || (org != "apart" && above != "apart" && at(above) < at(org))
}

/// What somebody gained by the change, checked against what the authors hold.
fn check_gain(
    (before, after): (&Snapshot, &Snapshot),
    authors: &[&str],
    changed: &str,
    (who, asked): (&str, Asked),
) -> Result<(), TestCaseError> {
    prop_assert!(is_under(asked.org, changed), "{who} {asked:?}");
    let had = is_granted(code(before, who, asked));
    for author in authors {
        let has = if asked.org == changed {
            is_granted(code(before, author, asked))
        } else {
            let (resource, action) = asked.pair;
            holding(before, author, changed, asked.at).grants(resource, action)
        };
        prop_assert!(had || has, "{author} gives {who} {asked:?}");
        let level = |facts, who, org| holding(facts, who, org, asked.at).level();
        let then = level(before, who, asked.org);
        let now = level(after, who, asked.org);
        let own = level(before, author, changed);
        prop_assert!(
            now <= then.max(own),
            "{author} raises {who}: {then} -> {now}"
        );
    }
    Ok(())
}

/// A policy, a change, its authors, and when somebody asks behind it.
type Case = (PolicyDocument, Command, Vec<&'static str>, Timestamp);

#[test]
fn nobody_comes_to_be_allowed_what_the_author_does_not_hold_himself() {
    let config = Config {
        cases: 800,
        failure_persistence: None,
        ..Config::default()
    };
    let (accepted, beyond, gains) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let law = |(policy, change, authors, at): Case| {
        let mut who = subject(authors[0]);
        if let Some(other) = authors.get(1) {
            who = who.acting_for(SubjectId::new(*other).unwrap());
        }
        let planned = match planned(&change, &Author::Subject(who), &policy) {
            Ok(planned) => planned,
            Err(WriteRefusal::Beyond(_)) => {
                beyond.set(beyond.get() + 1);
                return Ok(());
            }
            Err(WriteRefusal::Denied(_) | WriteRefusal::Invalid(_)) => return Ok(()),
            Err(refusal) => panic!("{refusal}"),
        };
        accepted.set(accepted.get() + 1);
        let Reach::Org(changed) = change.reach() else {
            panic!("{change}");
        };
        let before = Snapshot::compile(&policy, 1).unwrap();
        let after = Snapshot::compile(&planned.document, 2).unwrap();
        let requests = every_request(at);
        for who in SUBJECTS.into_iter().chain(["stranger"]) {
            for asked in &requests {
                if code(&before, who, *asked).is_some() && code(&after, who, *asked).is_none() {
                    gains.set(gains.get() + 1);
                    check_gain((&before, &after), &authors, changed, (who, *asked))?;
                }
            }
        }
        Ok(())
    };
    let strategy = (policy(), change(), author(), moment());
    TestRunner::new(config).run(&strategy, law).unwrap();
    // It did not hold for want of changes.
    assert!(accepted.get() > 30, "{accepted:?}");
    assert!(beyond.get() > 30, "{beyond:?}");
    assert!(gains.get() > 30, "{gains:?}");
}
