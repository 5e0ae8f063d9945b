//! Random policies: nested orgs, own roles, includes, denies, modes, floors, expiries.
//!
//! Weighted towards what lets a request through, or else most would end at the first switch.

use std::collections::BTreeMap;
use std::fmt;

use gatepost::{
    Access, Kind, MemberDocument, OrgDocument, OrgGateDocument, OrgModeDocument, OrgRoleDocument,
    OrgSwitch, PolicyDocument, SiteDocument, SiteGateDocument, SiteModeDocument, SiteRoleDocument,
    SiteSwitch, Snapshot, Status, SubjectDocument, Visibility,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

pub(super) const RESOURCES: [(&str, &[&str]); 3] = [
    ("chat", &["read", "create"]),
    ("agent", &["execute"]),
    ("doc", &["read"]),
];
pub(super) const SUBJECTS: [&str; 5] = ["u0", "u1", "u2", "u3", "bot"];
/// A member that the policy names nowhere else.
pub(super) const GHOST: &str = "ghost";
pub(super) const ORGS: [&str; 5] = ["o0", "o1", "o2", "o3", "o4"];
const SITE_ROLES: [&str; 4] = ["s0", "s1", "s2", "s3"];
const ORG_ROLES: [&str; 4] = ["r0", "r1", "r2", "r3"];
const OWN_ROLES: [&str; 2] = ["own", "extra"];
/// What memberships can hold: roles of both kinds, one that nothing defines, and the one that nobody holds.
const HELD: [&str; 8] = ["r0", "r1", "r2", "r3", "own", "extra", "retired", "anyone"];
/// Every request is asked at noon.
pub(super) const NOON: &str = "2026-06-01T12:00:00Z";
const EXPIRIES: [&str; 3] = ["2026-06-01T11:59:59.999Z", NOON, "2026-06-01T12:00:00.001Z"];

/// A policy that shows itself as TOML.
#[derive(Clone, PartialEq)]
pub(super) struct Policy(pub(super) PolicyDocument);

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.0.to_toml().map_err(|_| fmt::Error)?)
    }
}

impl Policy {
    pub(super) fn compile(&self) -> Snapshot {
        Snapshot::compile(&self.0, 1).unwrap_or_else(|error| panic!("{error}\n{self:?}"))
    }
}

/// A default of the type, with some fields set: the documents may grow fields.
fn with<T: Default>(set: impl FnOnce(&mut T)) -> T {
    let mut document = T::default();
    set(&mut document);
    document
}

fn maybe<T: Clone + fmt::Debug + 'static>(
    weight: f64,
    of: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    proptest::option::weighted(weight, of)
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// A grant without `!`.
pub(super) fn grant() -> impl Strategy<Value = String> {
    let pairs = select(vec![
        "*:*",
        "*:*",
        "*:*",
        "chat:*",
        "*:read",
        "chat:read",
        "chat:create",
        "agent:execute",
        "doc:read",
        "agent:*",
        "*:create",
    ]);
    let mode = prop_oneof![6 => Just(""), 1 => Just("#foreground"), 1 => Just("#background")];
    let own = prop_oneof![3 => Just(""), 1 => Just("@own")];
    (pairs, mode, own).prop_map(|(pair, mode, own)| format!("{pair}{mode}{own}"))
}

pub(super) fn deny() -> impl Strategy<Value = String> {
    grant().prop_map(|grant| format!("!{grant}"))
}

fn grants() -> BoxedStrategy<Vec<String>> {
    vec(prop_oneof![9 => grant(), 1 => deny()], 0..4).boxed()
}

fn floor() -> impl Strategy<Value = String> {
    prop_oneof![2 => Just("everyone"), 1 => Just("anyone"), 9 => select(ORG_ROLES.to_vec())]
        .prop_map(str::to_owned)
}

fn site_switch() -> impl Strategy<Value = SiteSwitch> {
    use SiteSwitch::{Off, On, OptIn, OptOut};
    prop_oneof![1 => Just(Off), 3 => Just(OptIn), 6 => Just(OptOut), 6 => Just(On)]
}

fn org_switch() -> impl Strategy<Value = Option<OrgSwitch>> {
    prop_oneof![3 => Just(None), 3 => Just(Some(OrgSwitch::On)), 1 => Just(Some(OrgSwitch::Off))]
}

fn site_mode() -> BoxedStrategy<Option<SiteModeDocument>> {
    let mode = (
        maybe(0.5, site_switch()),
        maybe(0.4, floor()),
        maybe(0.4, floor()),
    )
        .prop_map(|(switch, floor, default)| {
            with(|mode: &mut SiteModeDocument| {
                (mode.switch, mode.floor, mode.default) = (switch, floor, default);
            })
        });
    maybe(0.7, mode).boxed()
}

fn site_gate(actions: &'static [&'static str]) -> BoxedStrategy<SiteGateDocument> {
    let governed = maybe(0.3, subsequence(actions.to_vec(), 0..=actions.len()));
    let access = maybe(
        0.9,
        prop_oneof![1 => Just(Access::Granted), 5 => Just(Access::Everyone)],
    );
    (
        maybe(0.97, site_switch()),
        access,
        governed,
        site_mode(),
        site_mode(),
    )
        .prop_map(|(switch, access, governed, foreground, background)| {
            with(|gate: &mut SiteGateDocument| {
                (gate.switch, gate.access) = (switch, access);
                gate.actions = governed.as_deref().map(owned);
                (gate.foreground, gate.background) = (foreground, background);
            })
        })
        .boxed()
}

fn site_roles() -> BoxedStrategy<BTreeMap<String, SiteRoleDocument>> {
    let role = (grants(), prop::bool::weighted(0.25)).prop_map(|(grants, all_orgs)| {
        with(|role: &mut SiteRoleDocument| (role.grants, role.all_orgs) = (grants, all_orgs))
    });
    vec(role, SITE_ROLES.len())
        .prop_map(|roles| {
            SITE_ROLES
                .iter()
                .map(|&name| name.to_owned())
                .zip(roles)
                .collect()
        })
        .boxed()
}

/// Roles of these names, each including some of those before it; the first may include some from elsewhere.
fn org_roles(
    names: &'static [&'static str],
    elsewhere: &'static [&'static str],
) -> BoxedStrategy<BTreeMap<String, OrgRoleDocument>> {
    let role = (0_i64..=4, grants(), vec(any::<prop::sample::Index>(), 0..3));
    vec(role, names.len())
        .prop_map(move |roles| {
            let mut known = elsewhere.to_vec();
            let mut defined = BTreeMap::new();
            for (&name, (step, grants, include)) in names.iter().zip(roles) {
                let include: Vec<_> = include
                    .iter()
                    .filter(|_| !known.is_empty())
                    .map(|index| (*index.get(&known)).to_owned())
                    .collect();
                let role = with(|role: &mut OrgRoleDocument| {
                    (role.level, role.grants, role.include) = (Some(step * 10), grants, include);
                });
                defined.insert(name.to_owned(), role);
                known.push(name);
            }
            defined
        })
        .boxed()
}

fn all_org_roles() -> BoxedStrategy<BTreeMap<String, OrgRoleDocument>> {
    (org_roles(&ORG_ROLES, &[]), maybe(0.8, grants()))
        .prop_map(|(mut roles, anyone)| {
            // A floor can name it, so it is always there.
            roles.insert(
                "anyone".to_owned(),
                with(|role: &mut OrgRoleDocument| role.grants = anyone.unwrap_or_default()),
            );
            roles
        })
        .boxed()
}

fn org_mode() -> BoxedStrategy<Option<OrgModeDocument>> {
    let mode = (org_switch(), maybe(0.6, floor())).prop_map(|(switch, min_role)| {
        with(|mode: &mut OrgModeDocument| (mode.switch, mode.min_role) = (switch, min_role))
    });
    maybe(0.8, mode).boxed()
}

fn org_gate() -> BoxedStrategy<OrgGateDocument> {
    (org_switch(), org_mode(), org_mode())
        .prop_map(|(switch, foreground, background)| {
            with(|gate: &mut OrgGateDocument| {
                (gate.switch, gate.foreground, gate.background) = (switch, foreground, background);
            })
        })
        .boxed()
}

fn member() -> BoxedStrategy<MemberDocument> {
    (
        subsequence(HELD.to_vec(), 0..=3),
        maybe(0.2, select(EXPIRIES.to_vec())),
    )
        .prop_map(|(roles, expires)| {
            with(|member: &mut MemberDocument| {
                member.roles = owned(&roles);
                member.expires = expires.map(|at| at.parse().unwrap());
            })
        })
        .boxed()
}

fn members() -> BoxedStrategy<BTreeMap<String, MemberDocument>> {
    let names: Vec<_> = SUBJECTS
        .into_iter()
        .chain([GHOST])
        .map(str::to_owned)
        .collect();
    btree_map(select(names), member(), 0..7).boxed()
}

fn status() -> impl Strategy<Value = Option<Status>> {
    maybe(
        0.2,
        prop_oneof![2 => Just(Status::Active), 1 => Just(Status::Suspended)],
    )
}

/// An org, under one of those before it or under none.
fn org() -> BoxedStrategy<(Option<prop::sample::Index>, OrgDocument)> {
    let visibility = maybe(
        0.8,
        select(vec![
            Visibility::Private,
            Visibility::Public,
            Visibility::Public,
        ]),
    );
    let gates = btree_map(
        select(vec![
            "chat".to_owned(),
            "agent".to_owned(),
            "doc".to_owned(),
        ]),
        org_gate(),
        1..=3,
    );
    let own = maybe(0.5, org_roles(&OWN_ROLES, &ORG_ROLES));
    (
        maybe(0.6, any::<prop::sample::Index>()),
        visibility,
        status(),
        gates,
        own,
        members(),
    )
        .prop_map(|(parent, visibility, status, gates, own, members)| {
            let org = with(|org: &mut OrgDocument| {
                (org.visibility, org.status) = (visibility, status);
                (org.gates, org.members) = (gates, members);
                org.roles = own.unwrap_or_default();
            });
            (parent, org)
        })
        .boxed()
}

fn orgs() -> BoxedStrategy<BTreeMap<String, OrgDocument>> {
    vec(org(), ORGS.len())
        .prop_map(|orgs| {
            let mut defined = BTreeMap::new();
            for (row, (parent, mut org)) in orgs.into_iter().enumerate() {
                org.parent = parent
                    .filter(|_| row > 0)
                    .map(|index| ORGS[index.index(row)].to_owned());
                defined.insert(ORGS[row].to_owned(), org);
            }
            defined
        })
        .boxed()
}

fn subjects() -> BoxedStrategy<BTreeMap<String, SubjectDocument>> {
    let default_org = maybe(0.5, select(vec!["o0", "o1", "o2", "o3", "o4", "gone"]));
    let kind = maybe(0.3, select(Kind::ALL.to_vec()));
    let subject = (
        kind,
        status(),
        subsequence(SITE_ROLES.to_vec(), 0..=2),
        default_org,
    )
        .prop_map(|(kind, status, site_roles, default_org)| {
            with(|subject: &mut SubjectDocument| {
                (subject.kind, subject.status) = (kind, status);
                subject.site_roles = owned(&site_roles);
                subject.default_org = default_org.map(str::to_owned);
            })
        });
    vec(subject, SUBJECTS.len())
        .prop_map(|subjects| {
            let mut named: BTreeMap<_, _> = SUBJECTS
                .iter()
                .map(|&name| name.to_owned())
                .zip(subjects)
                .collect();
            for (id, subject) in &mut named {
                // Too few would be human otherwise, and nobody could be acted for.
                subject.kind = subject.kind.filter(|_| id != "u0" && id != "u1");
            }
            named
                .entry("bot".to_owned())
                .and_modify(|bot| bot.kind = Some(Kind::Agent));
            named
        })
        .boxed()
}

pub(super) fn policy() -> BoxedStrategy<Policy> {
    let gates = (
        site_gate(RESOURCES[0].1),
        site_gate(RESOURCES[1].1),
        maybe(0.9, site_gate(RESOURCES[2].1)),
    );
    (gates, site_roles(), all_org_roles(), orgs(), subjects())
        .prop_map(
            |((chat, agent, doc), site_roles, org_roles, orgs, subjects)| {
                let mut gates =
                    BTreeMap::from([("chat".to_owned(), chat), ("agent".to_owned(), agent)]);
                gates.extend(doc.map(|gate| ("doc".to_owned(), gate)));
                Policy(with(|policy: &mut PolicyDocument| {
                    policy.version = Some(gatepost::FORMAT_VERSION);
                    policy.resources = RESOURCES
                        .iter()
                        .map(|(name, actions)| ((*name).to_owned(), owned(actions)))
                        .collect();
                    policy.site = with(|site: &mut SiteDocument| {
                        (site.gates, site.roles) = (gates, site_roles);
                    });
                    (policy.org_roles, policy.orgs, policy.subjects) = (org_roles, orgs, subjects);
                }))
            },
        )
        .boxed()
}
