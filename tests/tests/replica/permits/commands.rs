//! Changes at random; the store may refuse some.

use gatepost::{Kind, Mode, OrgSwitch, SiteSwitch, Status, Visibility};
use gatepost_store::Command;

use super::{ORGS, SUBJECTS};

const MODES: [Option<Mode>; 3] = [None, Some(Mode::Foreground), Some(Mode::Background)];

pub(super) fn any(random: &mut fastrand::Rng) -> Command {
    match random.u8(..16) {
        0..7 => of_the_site(random),
        7..14 => of_an_org(random),
        _ => of_a_subject(random),
    }
}

fn pick<T: Copy>(random: &mut fastrand::Rng, of: &[T]) -> T {
    of[random.usize(..of.len())]
}

fn role_or_none(random: &mut fastrand::Rng) -> Option<String> {
    pick(random, &[None, Some("guest"), Some("developer")]).map(str::to_owned)
}

fn of_the_site(random: &mut fastrand::Rng) -> Command {
    let subject = pick(random, &SUBJECTS).to_owned();
    let resource = pick(random, &["chat", "agent"]).to_owned();
    let mode = pick(random, &MODES);
    let some_mode = mode.unwrap_or(Mode::Background);
    let some_role = role_or_none(random);
    match random.u8(..6) {
        0 => {
            let switches = [
                SiteSwitch::On,
                SiteSwitch::OptIn,
                SiteSwitch::OptOut,
                SiteSwitch::Off,
            ];
            let to = pick(random, &switches);
            Command::SiteSwitch { resource, mode, to }
        }
        1 => Command::SiteFloor {
            resource,
            mode: some_mode,
            role: some_role,
        },
        2 => {
            let grants = pick(
                random,
                &["agent:*", "agent:run#foreground", "!agent:run", "chat:read"],
            );
            let grants = vec![grants.to_owned()];
            Command::SiteRoleDefine {
                name: "agents".into(),
                grants,
                all_orgs: false,
            }
        }
        3 => Command::SiteRoleAdd {
            subject,
            role: "agents".into(),
        },
        4 => Command::SiteRoleRemove {
            subject,
            role: "agents".into(),
        },
        _ => {
            let actions = pick(random, &[&["run"][..], &["run", "stop"], &["stop"]]);
            let actions = actions.iter().map(|action| (*action).to_owned()).collect();
            Command::ResourceDefine {
                resource: "agent".into(),
                actions,
            }
        }
    }
}

fn of_an_org(random: &mut fastrand::Rng) -> Command {
    let org = pick(random, &ORGS).to_owned();
    let subject = pick(random, &SUBJECTS).to_owned();
    let resource = pick(random, &["chat", "agent"]).to_owned();
    let mode = pick(random, &MODES);
    let some_mode = mode.unwrap_or(Mode::Background);
    let role = pick(random, &["guest", "developer", "barred"]);
    let some_role = role_or_none(random);
    let status = pick(random, &[Status::Active, Status::Active, Status::Suspended]);
    match random.u8(..9) {
        0 => Command::OrgStatus { org, status },
        1 => {
            let visibility = pick(random, &[Visibility::Private, Visibility::Public]);
            Command::OrgVisibility { org, visibility }
        }
        2 => {
            let parent = pick(random, &[None, Some("holding"), Some("globex")]);
            Command::OrgParent {
                org,
                parent: parent.map(str::to_owned),
            }
        }
        3 | 4 => {
            let to = pick(random, &[None, Some(OrgSwitch::On), Some(OrgSwitch::Off)]);
            Command::OrgSwitch {
                org,
                resource,
                mode,
                to,
            }
        }
        5 => Command::OrgFloor {
            org,
            resource,
            mode: some_mode,
            role: some_role,
        },
        6 => Command::MemberAdd {
            org,
            subject,
            role: role.into(),
            expires: None,
        },
        7 => Command::MemberRemove {
            org,
            subject,
            role: role.into(),
        },
        _ => {
            let grants = pick(
                random,
                &[
                    &["chat:read@own", "agent:run"][..],
                    &["agent:run"],
                    &["chat:read"],
                ],
            );
            Command::RoleDefine {
                org: random.bool().then_some(org),
                name: pick(random, &["guest", "lead"]).into(),
                level: Some(i64::from(random.u8(5..40))),
                grants: grants.iter().map(|grant| (*grant).to_owned()).collect(),
                include: Vec::new(),
            }
        }
    }
}

fn of_a_subject(random: &mut fastrand::Rng) -> Command {
    let subject = pick(random, &SUBJECTS).to_owned();
    if random.bool() {
        let status = pick(random, &[Status::Active, Status::Active, Status::Suspended]);
        Command::SubjectStatus { subject, status }
    } else {
        let kind = pick(random, &[Kind::User, Kind::User, Kind::Service]);
        Command::SubjectKind { subject, kind }
    }
}
