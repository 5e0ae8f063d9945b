//! Policies by chance, small enough that everything meets everything.

use std::collections::BTreeMap;

use crate::policy::{
    MemberDocument, OrgDocument, OrgGateDocument, OrgModeDocument, OrgRoleDocument, PolicyDocument,
    SiteDocument, SiteGateDocument, SiteModeDocument, SiteRoleDocument, SubjectDocument,
};
use crate::time::Timestamp;
use crate::vocabulary::{Access, Kind, OrgSwitch, SiteSwitch, Status, Visibility};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

pub(super) const GRANTS: &[&str] = &[
    "chat:*",
    "*:*",
    "chat:create",
    "agent:execute",
    "chat:*@own",
    "chat:read",
    "chat:create#background",
    "agent:execute#foreground",
    "*:create@own",
    "gatepost-org:*",
];
const DENIES: &[&str] = &[
    "!chat:create",
    "!agent:*",
    "!*:read@own",
    "!chat:*#background",
    "!chat:read",
];
const ORG_ROLES: [(&str, i64); 4] = [
    ("guest", 10),
    ("developer", 30),
    ("reviewer", 30),
    ("maintainer", 40),
];
const SITE_ROLES: [&str; 4] = ["access", "admin", "blocked", "viewer"];
pub(super) const SUBJECTS: [&str; 6] = ["alice", "bob", "carol", "ci", "planner", "zed"];
pub(super) const ORGS: [(&str, Option<&str>); 5] = [
    ("acme", Some("holding")),
    ("eng", Some("acme")),
    ("holding", None),
    ("initech", None),
    ("town", None),
];

/// A source of policies and requests; of one seed always the same.
pub(crate) struct Chance(pub(super) fastrand::Rng);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: u32) -> bool {
        self.0.u32(..times) == 0
    }

    pub(super) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.usize(..of.len())]
    }

    pub(super) fn some<T: Copy>(&mut self, of: &[T], at_most: usize) -> Vec<T> {
        let count = self.0.usize(..=at_most);
        (0..count).map(|_| self.one(of)).collect()
    }

    fn maybe<T: Copy>(&mut self, times: u32, of: &[T]) -> Option<T> {
        self.once_in(times).then(|| self.one(of))
    }

    pub(crate) fn document(&mut self) -> PolicyDocument {
        let resources = [
            ("chat", vec!["create", "read"]),
            ("agent", vec!["execute"]),
            ("dark", vec!["read"]),
        ];
        PolicyDocument {
            version: Some(1),
            resources: resources
                .into_iter()
                .map(|(name, actions)| {
                    (
                        name.to_owned(),
                        actions.into_iter().map(str::to_owned).collect(),
                    )
                })
                .collect(),
            site: SiteDocument {
                gates: ["chat", "agent"]
                    .map(|name| (name.to_owned(), self.site_gate(name)))
                    .into(),
                roles: SITE_ROLES
                    .map(|name| (name.to_owned(), self.site_role()))
                    .into(),
            },
            org_roles: self.org_roles(),
            orgs: ORGS
                .map(|(id, parent)| (id.to_owned(), self.org(id, parent)))
                .into(),
            subjects: SUBJECTS[..5]
                .iter()
                .map(|id| ((*id).to_owned(), self.subject(id)))
                .collect(),
        }
    }

    fn site_gate(&mut self, resource: &str) -> SiteGateDocument {
        let on = [
            SiteSwitch::OptIn,
            SiteSwitch::OptOut,
            SiteSwitch::On,
            SiteSwitch::OptOut,
        ];
        let switch = if self.once_in(12) {
            SiteSwitch::Off
        } else {
            self.one(&on)
        };
        let mut gate = SiteGateDocument {
            switch: Some(switch),
            access: self.maybe(3, &[Access::Everyone, Access::Granted]),
            foreground: self.site_mode(),
            background: self.site_mode(),
            ..Default::default()
        };
        if resource == "chat" && self.once_in(4) {
            gate.actions = Some(vec!["create".to_owned()]);
        }
        gate
    }

    fn site_mode(&mut self) -> Option<SiteModeDocument> {
        let floors = ["everyone", "guest", "developer", "maintainer"];
        let switches = [
            SiteSwitch::OptIn,
            SiteSwitch::OptOut,
            SiteSwitch::On,
            SiteSwitch::Off,
        ];
        (!self.once_in(3)).then(|| SiteModeDocument {
            switch: self.maybe(2, &switches),
            floor: self.maybe(2, &floors).map(str::to_owned),
            default: self.maybe(3, &floors).map(str::to_owned),
        })
    }

    fn grants(&mut self, denies: u32) -> Vec<String> {
        let mut grants = self.some(GRANTS, 3);
        grants.extend(self.maybe(denies, DENIES));
        owned(grants)
    }

    fn site_role(&mut self) -> SiteRoleDocument {
        SiteRoleDocument {
            grants: self.grants(8),
            all_orgs: self.once_in(4),
        }
    }

    fn org_roles(&mut self) -> BTreeMap<String, OrgRoleDocument> {
        let mut roles: BTreeMap<_, _> = ORG_ROLES
            .map(|(name, level)| {
                let role = OrgRoleDocument {
                    level: Some(level),
                    grants: self.grants(6),
                    include: Vec::new(),
                };
                (name.to_owned(), role)
            })
            .into();
        if self.once_in(2) {
            roles
                .get_mut("maintainer")
                .unwrap()
                .include
                .push("guest".to_owned());
        }
        if self.once_in(2) {
            roles.insert(
                "anyone".to_owned(),
                OrgRoleDocument {
                    grants: self.grants(4),
                    ..Default::default()
                },
            );
        }
        roles
    }

    fn org(&mut self, id: &str, parent: Option<&str>) -> OrgDocument {
        let visibility = if id == "town" {
            Some(Visibility::Public)
        } else {
            self.maybe(3, Visibility::ALL)
        };
        let mut org = OrgDocument {
            parent: parent.map(str::to_owned),
            visibility,
            status: self.maybe(8, Status::ALL),
            ..Default::default()
        };
        for resource in ["chat", "agent"] {
            if !self.once_in(3) {
                let gate = OrgGateDocument {
                    switch: self.org_switch(),
                    foreground: self.org_mode(),
                    background: self.org_mode(),
                };
                org.gates.insert(resource.to_owned(), gate);
            }
        }
        for own in ["lead", "intern"] {
            if self.once_in(3) {
                let level = self.one(&[5, 20, 35]);
                let role = OrgRoleDocument {
                    level: Some(level),
                    grants: self.grants(6),
                    include: Vec::new(),
                };
                org.roles.insert(own.to_owned(), role);
            }
        }
        let roles = [
            "guest",
            "developer",
            "reviewer",
            "maintainer",
            "lead",
            "intern",
            "retired",
        ];
        for member in SUBJECTS {
            if self.once_in(2) {
                let member_document = MemberDocument {
                    roles: owned(self.some(&roles, 2)),
                    expires: self
                        .maybe(3, &["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"])
                        .map(at),
                };
                org.members.insert(member.to_owned(), member_document);
            }
        }
        org
    }

    fn org_switch(&mut self) -> Option<OrgSwitch> {
        self.maybe(2, &[OrgSwitch::On, OrgSwitch::On, OrgSwitch::Off])
    }

    fn org_mode(&mut self) -> Option<OrgModeDocument> {
        (!self.once_in(3)).then(|| OrgModeDocument {
            switch: self.org_switch(),
            min_role: self
                .maybe(2, &["everyone", "guest", "developer", "maintainer"])
                .map(str::to_owned),
        })
    }

    fn subject(&mut self, id: &str) -> SubjectDocument {
        SubjectDocument {
            kind: match id {
                "ci" => Some(Kind::Service),
                "planner" => Some(Kind::Agent),
                _ => None,
            },
            status: self.maybe(8, Status::ALL),
            site_roles: owned(self.some(&SITE_ROLES, 2)),
            default_org: self
                .maybe(3, &["acme", "eng", "town", "gone"])
                .map(str::to_owned),
        }
    }
}
