//! What a site has once, however large it is: resources, gates, roles, and the kinds of what there is many of.

use std::sync::LazyLock;

use gatepost::{
    MemberDocument, OrgGateDocument, OrgRoleDocument, PolicyDocument, PolicyError, PolicyText,
    SubjectDocument,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// The resources' names.
pub(super) static RESOURCES: LazyLock<Vec<String>> = LazyLock::new(|| {
    (0..64)
        .map(|number| format!("resource-{number:02}"))
        .collect()
});
/// The actions' names; every resource has all of them.
pub(super) static ACTIONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    (0..16)
        .map(|number| format!("action-{number:02}"))
        .collect()
});

const ORG_ROLES: u32 = 200;
const SITE_ROLES: u32 = 8;

/// Resources, the site, and 200 org roles: the higher a role stands, the more it grants.
pub(super) fn frame() -> Result<PolicyDocument, PolicyError> {
    let resources: Map<_, _> = named(&RESOURCES, |_| json!(&*ACTIONS));
    let gates: Map<_, _> = named(&RESOURCES, site_gate);
    let site_roles: Map<_, _> = (0..SITE_ROLES)
        .map(|role| {
            let grants =
                granted(|resource, action| !(resource * 16 + action + role * 5).is_multiple_of(4));
            (site_role(role), json!({ "grants": grants }))
        })
        .collect();
    let org_roles: Map<_, _> = (0..ORG_ROLES)
        .map(|role| {
            let grants =
                granted(|resource, action| (resource * 7 + action * 3 + role) % 20 < 4 + role / 14);
            (
                org_role(role),
                json!({ "level": role + 1, "grants": grants }),
            )
        })
        .collect();
    let document = json!({
        "version": 1,
        "resources": resources,
        "site": { "gates": gates, "roles": site_roles },
        "org_roles": org_roles,
    });
    PolicyText::json(document.to_string()).parse()
}

fn named(names: &[String], value: impl Fn(u32) -> Value) -> Map<String, Value> {
    (0..)
        .zip(names)
        .map(|(number, name)| (name.clone(), value(number)))
        .collect()
}

/// One kill switch among sixteen, and each other kind of switch, access and floor.
fn site_gate(resource: u32) -> Value {
    let switch = match resource % 16 {
        15 => "off",
        0 | 5 | 10 => "opt-in",
        1 | 6 => "on",
        _ => "opt-out",
    };
    let access = if resource.is_multiple_of(3) {
        "everyone"
    } else {
        "granted"
    };
    let mut gate = json!({ "switch": switch, "access": access });
    if let Value::Object(gate) = &mut gate
        && resource.is_multiple_of(2)
    {
        gate.insert(
            "background".to_owned(),
            json!({ "floor": org_role(resource) }),
        );
    }
    gate
}

fn granted(wanted: impl Fn(u32, u32) -> bool) -> Vec<String> {
    let mut grants = Vec::new();
    for (resource, name) in (0..).zip(&*RESOURCES) {
        for (action, action_name) in (0..).zip(&*ACTIONS) {
            if wanted(resource, action) {
                grants.push(format!("{name}:{action_name}"));
            }
        }
    }
    grants
}

fn org_role(number: u32) -> String {
    format!("role-{:03}", number % ORG_ROLES)
}

fn site_role(number: u32) -> String {
    format!("access-{:02}", number % SITE_ROLES)
}

/// What orgs, members and subjects are drawn from: a fact that is told is one of these, and not made anew.
#[derive(Debug)]
pub(super) struct Parts {
    /// 200 roles alone and 200 pairs of them, in the ratio of four to one; one in 20 has an end.
    pub(super) members: Vec<MemberDocument>,
    /// One who holds a role of the org's own beside one of the site's.
    pub(super) own_member: MemberDocument,
    /// Every site role alone, pairs, none; one in a hundred is suspended, some are services.
    pub(super) subjects: Vec<SubjectDocument>,
    /// What orgs say at their posts.
    pub(super) gates: Vec<OrgGateDocument>,
    /// Two roles that some orgs have of their own.
    pub(super) own_roles: Vec<(String, OrgRoleDocument)>,
}

impl Parts {
    pub(super) fn new() -> serde_json::Result<Self> {
        let own = |name: &str, level| {
            let role =
                json!({ "level": level, "grants": ["resource-01:*", "resource-02:action-03"] });
            read(role).map(|role| (name.to_owned(), role))
        };
        let gates = [
            json!({ "switch": "on" }),
            json!({ "switch": "on" }),
            json!({ "switch": "on" }),
            json!({ "switch": "off" }),
            json!({ "switch": "on", "background": { "min_role": "role-120" } }),
            json!({ "background": { "switch": "off" } }),
            json!({ "foreground": { "min_role": "role-020" } }),
        ];
        Ok(Self {
            members: (0..4000).map(member).collect::<Result<_, _>>()?,
            own_member: read(json!({ "roles": ["own-reader", "role-100"] }))?,
            subjects: (0..1600).map(subject).collect::<Result<_, _>>()?,
            gates: gates.into_iter().map(read).collect::<Result<_, _>>()?,
            own_roles: vec![own("own-reader", 30)?, own("own-writer", 60)?],
        })
    }
}

fn member(number: u32) -> serde_json::Result<MemberDocument> {
    let mut roles = vec![org_role(number)];
    if number % 5 == 4 {
        roles.push(org_role(number * 7 + 3));
        roles.dedup();
    }
    let mut member = json!({ "roles": roles });
    if let Value::Object(member) = &mut member
        && let Some(end) = match number % 100 {
            13 => Some("2020-01-01T00:00:00Z"),
            7 | 27 | 47 | 67 => Some("2100-01-01T00:00:00Z"),
            _ => None,
        }
    {
        member.insert("expires".to_owned(), json!(end));
    }
    read(member)
}

fn subject(number: u32) -> serde_json::Result<SubjectDocument> {
    let mut roles = Vec::new();
    if number % 10 < 8 {
        roles.push(site_role(number));
    }
    if number.is_multiple_of(5) {
        roles.push(site_role(number + 3));
    }
    let mut subject = json!({ "site_roles": roles });
    if let Value::Object(subject) = &mut subject {
        if number % 100 == 42 {
            subject.insert("status".to_owned(), json!("suspended"));
        }
        if number % 50 == 17 {
            subject.insert("kind".to_owned(), json!("service"));
        }
    }
    read(subject)
}

fn read<T: DeserializeOwned>(value: Value) -> serde_json::Result<T> {
    serde_json::from_value(value)
}

/// One of several, by a number that was drawn.
pub(super) fn choose<T>(from: &[T], drawn: u64) -> Option<&T> {
    let place = drawn.checked_rem(from.len() as u64)?;
    from.get(usize::try_from(place).ok()?)
}
