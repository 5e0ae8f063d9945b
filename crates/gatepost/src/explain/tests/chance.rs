//! Policies and requests by chance, small enough that everything meets everything.

use std::collections::BTreeMap;

use crate::id::{OrgId, SubjectId};
use crate::policy::{
    MemberDocument, OrgDocument, OrgGateDocument, OrgModeDocument, OrgRoleDocument, PolicyDocument,
    SiteDocument, SiteGateDocument, SiteModeDocument, SiteRoleDocument, SubjectDocument,
};
use crate::request::{Input, OrgInput, Request};
use crate::subject::Subject;
use crate::target::Target;
use crate::time::Timestamp;
use crate::vocabulary::{Access, Kind, Mode, OrgRule, OrgSwitch, SiteSwitch, Status, Visibility};

/// An owned request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) subject: Option<Subject>,
    pub(super) org: AskedOrg,
    pub(super) resource: String,
    pub(super) action: String,
    pub(super) mode: Input<Option<Mode>>,
    pub(super) owner: Input<Option<SubjectId>>,
}

#[derive(Clone, Debug)]
pub(super) enum AskedOrg {
    Named(OrgId),
    Absent(OrgRule),
    Conflict,
    Missing,
    Pending,
}

impl Asked {
    pub(super) fn as_request(&self) -> Request<'_> {
        Request {
            subject: self.subject.as_ref(),
            org: match &self.org {
                AskedOrg::Named(org) => OrgInput::Named(org),
                AskedOrg::Absent(rule) => OrgInput::Absent(*rule),
                AskedOrg::Conflict => OrgInput::Conflict,
                AskedOrg::Missing => OrgInput::Missing,
                AskedOrg::Pending => OrgInput::Pending,
            },
            target: Target::new(&self.resource, &self.action),
            mode: self.mode,
            owner: match &self.owner {
                Input::Known(owner) => Input::Known(owner.as_ref()),
                Input::Pending => Input::Pending,
            },
            at: Some(at("2026-06-01T00:00:00Z")),
        }
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const GRANTS: &[&str] = &[
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
const SUBJECTS: [&str; 6] = ["alice", "bob", "carol", "ci", "planner", "zed"];
const ORGS: [(&str, Option<&str>); 5] = [
    ("acme", Some("holding")),
    ("eng", Some("acme")),
    ("holding", None),
    ("initech", None),
    ("town", None),
];

/// A source of policies and requests; of one seed always the same.
pub(super) struct Chance(fastrand::Rng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// Once in so many times.
    fn once_in(&mut self, times: u32) -> bool {
        self.0.u32(..times) == 0
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.usize(..of.len())]
    }

    fn some<T: Copy>(&mut self, of: &[T], at_most: usize) -> Vec<T> {
        let count = self.0.usize(..=at_most);
        (0..count).map(|_| self.one(of)).collect()
    }

    fn maybe<T: Copy>(&mut self, times: u32, of: &[T]) -> Option<T> {
        self.once_in(times).then(|| self.one(of))
    }

    pub(super) fn document(&mut self) -> PolicyDocument {
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
        grants.into_iter().map(str::to_owned).collect()
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
                    roles: self
                        .some(&roles, 2)
                        .into_iter()
                        .map(str::to_owned)
                        .collect(),
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
            site_roles: self
                .some(&SITE_ROLES, 2)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            default_org: self
                .maybe(3, &["acme", "eng", "town", "gone"])
                .map(str::to_owned),
        }
    }

    pub(super) fn asked(&mut self) -> Asked {
        let (resource, action) = match self.0.u32(..40) {
            0 => ("dark", "read"),
            1 => ("dark", "write"),
            2 => ("chat", "burn"),
            3 => ("nothing", "read"),
            4..7 => ("gatepost-org", "read"),
            7..18 => ("agent", "execute"),
            18..29 => ("chat", "read"),
            _ => ("chat", "create"),
        };
        Asked {
            subject: (!self.once_in(100)).then(|| self.asker()),
            org: self.asked_org(),
            resource: resource.to_owned(),
            action: action.to_owned(),
            mode: if self.once_in(8) {
                Input::Pending
            } else {
                Input::Known(self.one(&[None, Some(Mode::Foreground), Some(Mode::Background)]))
            },
            owner: if self.once_in(8) {
                Input::Pending
            } else {
                let owner = self.one(&[None, Some("alice"), Some("bob"), Some("carol")]);
                Input::Known(owner.map(|owner| SubjectId::new(owner).unwrap()))
            },
        }
    }

    fn asker(&mut self) -> Subject {
        let id = self.one(&SUBJECTS);
        let mut subject = Subject::new(SubjectId::new(id).unwrap());
        if id == "planner" || self.once_in(5) {
            let delegator = self.one(&[
                "alice", "bob", "carol", "alice", "bob", "zed", "ci", "planner",
            ]);
            if !self.once_in(8) {
                subject = subject.acting_for(SubjectId::new(delegator).unwrap());
            }
        }
        if self.once_in(8) {
            let kind = self.one(Kind::ALL);
            subject = subject.kind(kind);
        }
        if self.once_in(5) {
            let mut scopes = self.some(GRANTS, 3);
            scopes.push("openid");
            subject = subject.scopes(scopes);
        }
        subject
    }

    fn asked_org(&mut self) -> AskedOrg {
        match self.0.u32(..24) {
            0 => AskedOrg::Conflict,
            1 => AskedOrg::Missing,
            2 => AskedOrg::Pending,
            3 | 4 => AskedOrg::Absent(OrgRule::None),
            5..8 => AskedOrg::Absent(OrgRule::Default),
            8 => AskedOrg::Absent(OrgRule::Required),
            9 => AskedOrg::Named(OrgId::new("nowhere").unwrap()),
            _ => {
                let (org, _) = self.one(&ORGS);
                AskedOrg::Named(OrgId::new(org).unwrap())
            }
        }
    }
}
