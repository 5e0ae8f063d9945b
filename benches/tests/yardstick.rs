//! The yardstick's checks, one row each.

use gatepost_benches::permission::{Mode, Permission};
use gatepost_benches::population::{
    Expiry, Gate, Membership, Org, OrgSwitch, Population, Role, SiteSwitch, Subject,
};
use gatepost_benches::yardstick::{Answer, Code, Yardstick};

/// A resource for each switch of the site, all in the state that the test names.
const OFF: Permission = Permission::new(0, 0);
const OPT_IN: Permission = Permission::new(1, 0);
const OPT_OUT: Permission = Permission::new(2, 0);
const ON: Permission = Permission::new(3, 0);
const EVERYONE: Permission = Permission::new(4, 0);
const NOT_GRANTED_IN_ORGS: Permission = Permission::new(3, 1);
const UNDECLARED: Permission = Permission::new(3, 7);

fn population() -> Population {
    let gate = |switch, everyone| Gate {
        switch,
        everyone,
        floors: [None, Some(1)],
    };
    let on = gate(SiteSwitch::On, true);
    let all = Permission::all().fold(0, |bits, one| bits | one.bit());
    let subject = |id: &str, suspended, site_roles| Subject {
        id: id.into(),
        suspended,
        site_roles,
    };
    let org = |id: &str, public, said| Org {
        id: id.into(),
        public,
        switches: [said; 8],
    };
    let member = |org, subject, roles, expires| Membership {
        org,
        subject,
        roles,
        expires,
    };
    let role = |name: &str, level, grants| Role {
        name: name.into(),
        level,
        grants,
    };
    Population {
        gates: [
            gate(SiteSwitch::Off, true),
            gate(SiteSwitch::OptIn, false),
            gate(SiteSwitch::OptOut, false),
            gate(SiteSwitch::On, false),
            on,
            on,
            on,
            on,
        ],
        site_roles: vec![role("access", 0, all)],
        org_roles: vec![
            role("low", 10, all & !NOT_GRANTED_IN_ORGS.bit()),
            role("high", 20, 0),
        ],
        subjects: vec![
            subject("alice", false, 1),
            subject("bob", false, 0),
            subject("carol", true, 1),
            subject("dave", false, 1),
        ],
        orgs: vec![
            org("unset", false, OrgSwitch::Unset),
            org("on", false, OrgSwitch::On),
            org("off", false, OrgSwitch::Off),
            org("public", true, OrgSwitch::Unset),
        ],
        memberships: vec![
            member(0, 0, 0b01, None),
            member(0, 1, 0b01, None),
            member(0, 2, 0b01, None),
            member(0, 3, 0b11, Some(Expiry::Future)),
            member(1, 0, 0b01, None),
            member(1, 3, 0b11, Some(Expiry::Past)),
            member(2, 0, 0b01, None),
        ],
    }
}

#[test]
fn each_check_has_its_code() {
    let background = Some(Mode::Background);
    let deny = Answer::Deny;
    let rows = [
        ("alice", "unset", ON, None, Answer::Allow),
        ("alice", "unset", ON, Some(Mode::Foreground), Answer::Allow),
        ("carol", "unset", ON, None, deny(Code::SubjectSuspended)),
        ("alice", "unset", OFF, None, deny(Code::SiteOff)),
        ("alice", "unset", UNDECLARED, None, deny(Code::SiteOff)),
        ("bob", "unset", ON, None, deny(Code::SiteGrantMissing)),
        ("bob", "unset", EVERYONE, None, Answer::Allow),
        ("nobody", "unset", ON, None, deny(Code::SiteGrantMissing)),
        ("nobody", "unset", EVERYONE, None, deny(Code::NotAMember)),
        ("alice", "nowhere", ON, None, deny(Code::NotAMember)),
        ("bob", "on", EVERYONE, None, deny(Code::NotAMember)),
        ("bob", "public", EVERYONE, None, deny(Code::OrgGrantMissing)),
        ("dave", "unset", ON, None, Answer::Allow),
        ("dave", "on", ON, None, deny(Code::NotAMember)),
        ("alice", "unset", OPT_IN, None, deny(Code::OrgOff)),
        ("alice", "on", OPT_IN, None, Answer::Allow),
        ("alice", "off", OPT_IN, None, deny(Code::OrgOff)),
        ("alice", "unset", OPT_OUT, None, Answer::Allow),
        ("alice", "off", OPT_OUT, None, deny(Code::OrgOff)),
        ("alice", "off", ON, None, Answer::Allow),
        (
            "alice",
            "unset",
            NOT_GRANTED_IN_ORGS,
            None,
            deny(Code::OrgGrantMissing),
        ),
        ("alice", "unset", ON, background, deny(Code::ModeFloor)),
        ("dave", "unset", ON, background, Answer::Allow),
    ];
    let yardstick = Yardstick::load(&population());
    for (subject, org, permission, mode, expected) in rows {
        let answer = yardstick.decide(subject, org, permission, mode);
        assert_eq!(
            answer, expected,
            "{subject} in {org}: {permission:?} {mode:?}"
        );
    }
}

#[test]
fn replaced_facts_hold_from_the_next_question() {
    let mut population = population();
    let yardstick = Yardstick::load(&population);
    population.memberships.clear();
    yardstick.replace(&population);
    let answer = yardstick.decide("alice", "unset", ON, None);
    assert_eq!(answer, Answer::Deny(Code::NotAMember));
}
