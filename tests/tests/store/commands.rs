//! Any command, at random, about a policy at random; a store may refuse it.

use gatepost::{Access, Kind, Mode, OrgSwitch, SiteSwitch, Status, Visibility};
use gatepost_store::Command;

use crate::policies::{ORGS, SUBJECTS};

const SITE_SWITCHES: [SiteSwitch; 4] = [
    SiteSwitch::On,
    SiteSwitch::OptIn,
    SiteSwitch::OptOut,
    SiteSwitch::Off,
];

pub(crate) fn any(random: &mut fastrand::Rng) -> Command {
    match random.u8(..3) {
        0 => of_the_site(random),
        1 => of_an_org(random),
        _ => of_somebody(random),
    }
}

fn pick<T: Copy>(random: &mut fastrand::Rng, of: &[T]) -> T {
    of[random.usize(..of.len())]
}

fn name(random: &mut fastrand::Rng, of: &[&str]) -> String {
    pick(random, of).to_owned()
}

fn names(random: &mut fastrand::Rng, of: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = of.iter().map(|name| (*name).to_owned()).collect();
    all.retain(|_| random.bool());
    all
}

fn resource(random: &mut fastrand::Rng) -> String {
    name(random, &["chat", "agent", "doc", "note"])
}

fn org(random: &mut fastrand::Rng) -> String {
    let new = ["n0", "n1"];
    let all: Vec<&str> = ORGS.into_iter().chain(new).collect();
    name(random, &all)
}

fn grants(random: &mut fastrand::Rng) -> Vec<String> {
    names(
        random,
        &["chat:*", "!doc:read", "agent:execute@own", "note:read"],
    )
}

fn mode(random: &mut fastrand::Rng) -> Mode {
    pick(random, Mode::ALL)
}

fn role(random: &mut fastrand::Rng) -> Option<String> {
    let role = pick(random, &[None, Some("r0"), Some("r1"), Some("everyone")]);
    role.map(str::to_owned)
}

fn of_the_site(random: &mut fastrand::Rng) -> Command {
    let resource = resource(random);
    let some_mode = random.bool().then(|| mode(random));
    match random.u8(..8) {
        0 => Command::SiteSwitch {
            resource,
            mode: some_mode,
            to: pick(random, &SITE_SWITCHES),
        },
        1 => Command::SiteAccess {
            resource,
            access: pick(random, &[Access::Everyone, Access::Granted]),
        },
        2 => Command::SiteActions {
            resource,
            actions: random.bool().then(|| names(random, &["read"])),
        },
        3 => Command::SiteFloor {
            resource,
            mode: mode(random),
            role: role(random),
        },
        4 => Command::SiteDefault {
            resource,
            mode: mode(random),
            role: role(random),
        },
        5 => Command::SiteRoleDefine {
            name: name(random, &["s0", "s1", "new"]),
            grants: grants(random),
            all_orgs: random.bool(),
        },
        6 => Command::ResourceDefine {
            resource,
            actions: names(random, &["read", "create", "execute"]),
        },
        _ => Command::RoleDefine {
            org: None,
            name: name(random, &["r0", "r1", "fresh", "own", "anyone"]),
            level: random.bool().then(|| random.i64(1..60)),
            grants: grants(random),
            include: names(random, &["r0"]),
        },
    }
}

fn of_an_org(random: &mut fastrand::Rng) -> Command {
    let some_mode = random.bool().then(|| mode(random));
    let (id, resource) = (org(random), resource(random));
    match random.u8(..8) {
        0 => Command::OrgCreate {
            org: name(random, &["n0", "n1"]),
            parent: random.bool().then_some(id),
            visibility: random.bool().then_some(Visibility::Public),
        },
        1 => Command::OrgStatus {
            org: id,
            status: pick(random, &[Status::Active, Status::Suspended]),
        },
        2 => Command::OrgVisibility {
            org: id,
            visibility: pick(random, &[Visibility::Public, Visibility::Private]),
        },
        3 => Command::OrgParent {
            parent: random.bool().then(|| org(random)),
            org: id,
        },
        4 | 5 => Command::OrgSwitch {
            org: id,
            resource,
            mode: some_mode,
            to: pick(random, &[None, Some(OrgSwitch::On), Some(OrgSwitch::Off)]),
        },
        6 => Command::OrgFloor {
            org: id,
            resource,
            mode: mode(random),
            role: role(random),
        },
        _ => Command::RoleDefine {
            org: Some(id),
            name: name(random, &["own", "extra", "fresh"]),
            level: Some(random.i64(1..60)),
            grants: grants(random),
            include: names(random, &["r0", "extra"]),
        },
    }
}

fn of_somebody(random: &mut fastrand::Rng) -> Command {
    let new = ["somebody"];
    let all: Vec<&str> = SUBJECTS.into_iter().chain(new).collect();
    let (subject, id) = (name(random, &all), org(random));
    let expires = ["2026-06-01T12:00:00Z", "2099-01-01T00:00:00Z"];
    match random.u8(..8) {
        0..=2 => Command::MemberAdd {
            org: id,
            subject,
            role: name(random, &["r0", "r1", "r2", "own", "fresh"]),
            expires: (random.u8(..3) == 0).then(|| pick(random, &expires).parse().unwrap()),
        },
        3 | 4 => Command::MemberRemove {
            org: id,
            subject,
            role: name(random, &["r0", "r1", "r2", "own", "retired"]),
        },
        5 => {
            let role = name(random, &["s0", "s1", "new"]);
            if random.bool() {
                Command::SiteRoleAdd { subject, role }
            } else {
                Command::SiteRoleRemove { subject, role }
            }
        }
        6 if random.bool() => Command::SubjectStatus {
            subject,
            status: pick(random, &[Status::Active, Status::Suspended]),
        },
        6 => Command::SubjectKind {
            subject,
            kind: pick(random, &[Kind::User, Kind::Agent, Kind::Service]),
        },
        _ => Command::SubjectDefaultOrg {
            subject,
            org: random.bool().then_some(id),
        },
    }
}
