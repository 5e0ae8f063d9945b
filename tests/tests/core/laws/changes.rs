//! Changes of a policy, each of one kind and at a random place.

use gatepost::{Access, Mode, OrgRoleDocument, OrgSwitch, PolicyDocument, SiteSwitch, Status};
use proptest::sample::Index;

/// Something that can be turned down.
enum Knob<'a> {
    /// A site switch, and what it is where it is absent.
    Site(&'a mut Option<SiteSwitch>, SiteSwitch),
    Org(&'a mut Option<OrgSwitch>),
    Access(&'a mut Option<Access>),
    Status(&'a mut Option<Status>),
}

impl Knob<'_> {
    fn turn_down(self, steps: usize) {
        match self {
            Self::Site(switch, absent) => {
                let order = [
                    SiteSwitch::Off,
                    SiteSwitch::OptIn,
                    SiteSwitch::OptOut,
                    SiteSwitch::On,
                ];
                let now = order
                    .iter()
                    .position(|word| *word == switch.unwrap_or(absent))
                    .unwrap();
                *switch = Some(order[now.saturating_sub(1 + steps)]);
            }
            Self::Org(switch) if *switch == Some(OrgSwitch::On) && steps == 0 => *switch = None,
            Self::Org(switch) => *switch = Some(OrgSwitch::Off),
            Self::Access(access) => *access = Some(Access::Granted),
            Self::Status(status) => *status = Some(Status::Suspended),
        }
    }
}

/// Turns one switch down: by a step or more, on the site or in an org; an org's or subject's status
/// and a gate's access are such switches too.
pub(super) fn turn_down(policy: &mut PolicyDocument, which: Index, steps: Index) {
    let mut knobs = Vec::new();
    for gate in policy.site.gates.values_mut() {
        knobs.push(Knob::Site(&mut gate.switch, SiteSwitch::Off));
        knobs.push(Knob::Access(&mut gate.access));
        for mode in [&mut gate.foreground, &mut gate.background] {
            let mode = mode.get_or_insert_default();
            knobs.push(Knob::Site(&mut mode.switch, SiteSwitch::OptOut));
        }
    }
    for org in policy.orgs.values_mut() {
        knobs.push(Knob::Status(&mut org.status));
        for resource in ["chat", "agent", "doc"] {
            org.gates.entry(resource.to_owned()).or_default();
        }
        for gate in org.gates.values_mut() {
            knobs.push(Knob::Org(&mut gate.switch));
            for mode in [&mut gate.foreground, &mut gate.background] {
                knobs.push(Knob::Org(&mut mode.get_or_insert_default().switch));
            }
        }
    }
    for subject in policy.subjects.values_mut() {
        knobs.push(Knob::Status(&mut subject.status));
    }
    let count = knobs.len();
    knobs
        .swap_remove(which.index(count))
        .turn_down(steps.index(3));
}

/// Adds a grant or a deny to a role: the site's, of `org_roles`, or an org's own.
pub(super) fn add_grant(policy: &mut PolicyDocument, which: Index, grant: String) {
    let site = policy.site.roles.values_mut().map(|role| &mut role.grants);
    let shared = policy.org_roles.values_mut().map(|role| &mut role.grants);
    let own = policy
        .orgs
        .values_mut()
        .flat_map(|org| org.roles.values_mut().map(|role| &mut role.grants));
    let mut lists: Vec<_> = site.chain(shared).chain(own).collect();
    let count = lists.len();
    lists.swap_remove(which.index(count)).push(grant);
}

fn level_of(policy: &PolicyDocument, name: Option<&String>) -> i64 {
    let role = name.and_then(|name| policy.org_roles.get(name));
    role.and_then(|role| role.level).unwrap_or(0)
}

/// Raises one floor, default or `min_role` to a role that is no lower than what held before.
///
/// An absent `default` is the floor. An absent `min_role` leaves the site's `default` to hold, so
/// one that is set in its place must not be lower than that: `min_role = "everyone"` may open what
/// silence kept closed.
pub(super) fn raise_floor(
    policy: &mut PolicyDocument,
    resource: &str,
    mode: Mode,
    which: Index,
    to: Index,
) {
    let before = policy.clone();
    let raise = |name: &mut Option<String>, least: i64| {
        let roles = before.org_roles.iter();
        let high: Vec<_> = roles
            .filter(|(_, role)| role.level.unwrap_or(0) >= least)
            .collect();
        if !high.is_empty() {
            *name = Some(to.get(&high).0.clone());
        }
    };
    let Some(gate) = policy.site.gates.get_mut(resource) else {
        return;
    };
    let site = match mode {
        Mode::Foreground => gate.foreground.get_or_insert_default(),
        Mode::Background => gate.background.get_or_insert_default(),
    };
    let floor = level_of(&before, site.floor.as_ref());
    let default = level_of(&before, site.default.as_ref().or(site.floor.as_ref()));
    match which.index(2 + before.orgs.len()) {
        0 => raise(&mut site.floor, floor),
        1 => raise(&mut site.default, default),
        place => {
            let org = policy.orgs.values_mut().nth(place - 2).unwrap();
            let gate = org.gates.entry(resource.to_owned()).or_default();
            let mode = match mode {
                Mode::Foreground => gate.foreground.get_or_insert_default(),
                Mode::Background => gate.background.get_or_insert_default(),
            };
            let now = mode
                .min_role
                .as_ref()
                .map(|name| level_of(&before, Some(name)));
            raise(&mut mode.min_role, now.unwrap_or(default));
        }
    }
}

/// Raises the level of one role that is no floor anywhere: as a floor it would rise as well, and
/// shut out who holds another.
pub(super) fn raise_level(policy: &mut PolicyDocument, which: Index, by: i64) {
    let site = policy
        .site
        .gates
        .values()
        .flat_map(|gate| [&gate.foreground, &gate.background])
        .flatten();
    let orgs = policy.orgs.values().flat_map(|org| org.gates.values());
    let orgs = orgs
        .flat_map(|gate| [&gate.foreground, &gate.background])
        .flatten();
    let floors = site
        .flat_map(|mode| [&mode.floor, &mode.default])
        .chain(orgs.map(|mode| &mode.min_role));
    let floors: Vec<String> = floors.flatten().cloned().collect();
    let shared = policy
        .org_roles
        .iter_mut()
        .filter(|(name, _)| *name != "anyone" && !floors.contains(name));
    let own = policy
        .orgs
        .values_mut()
        .flat_map(|org| org.roles.values_mut());
    let mut roles: Vec<&mut OrgRoleDocument> = shared.map(|(_, role)| role).chain(own).collect();
    if roles.is_empty() {
        return;
    }
    let count = roles.len();
    let role = roles.swap_remove(which.index(count));
    role.level = role.level.map(|level| level + by);
}
