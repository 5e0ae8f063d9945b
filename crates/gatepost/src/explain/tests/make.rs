//! Makes an advised change, to see that it is enough.

use super::asked::{Asked, AskedOrg};
use crate::explain::change::{AskedChange, Change, OrgChange, SiteChange, Want};
use crate::id::{OrgId, SubjectId};
use crate::policy::{
    MemberDocument, OrgGateDocument, OrgModeDocument, OrgRoleDocument, PolicyDocument,
    SiteRoleDocument,
};
use crate::request::Input;
use crate::subject::Subject;
use crate::vocabulary::{Access, Mode, OrgSwitch, SiteSwitch, Status, Visibility};

type Made = (PolicyDocument, Asked);

/// What comes of the change: where it leaves a choice, of each that can be made.
pub(super) fn alternatives(change: &Change, document: &PolicyDocument, asked: &Asked) -> Vec<Made> {
    let mut made = Alternatives {
        document,
        asked,
        made: Vec::new(),
    };
    match change {
        Change::Asked(change) => made.ask(change),
        Change::Site(change) => made.site(change),
        Change::Org(change) => made.org(change),
    }
    made.made
}

struct Alternatives<'a> {
    document: &'a PolicyDocument,
    asked: &'a Asked,
    made: Vec<Made>,
}

impl Alternatives<'_> {
    fn asks(&mut self, change: impl FnOnce(&mut Asked)) {
        let mut asked = self.asked.clone();
        change(&mut asked);
        self.made.push((self.document.clone(), asked));
    }

    fn sets(&mut self, change: impl FnOnce(&mut PolicyDocument)) {
        let mut document = self.document.clone();
        change(&mut document);
        self.made.push((document, self.asked.clone()));
    }

    fn ask(&mut self, change: &AskedChange) {
        match change {
            AskedChange::Authenticate => {
                self.asks(|asked| asked.subject = Some(Subject::new(subject("alice"))));
            }
            AskedChange::ActFor { .. } => self.asks(|asked| {
                let by = asked.subject.take().unwrap();
                asked.subject = Some(by.acting_for(subject("newcomer")));
            }),
            AskedChange::ActForNobody { .. } => self.asks(|asked| {
                let by = asked.subject.take().unwrap();
                let mut alone = Subject::new(by.id().clone());
                if let Some(kind) = by.claimed_kind() {
                    alone = alone.kind(kind);
                }
                asked.subject = Some(alone);
            }),
            AskedChange::Scope { grant } => self.asks(|asked| {
                let by = asked.subject.take().unwrap();
                let mut scopes: Vec<String> =
                    by.scope_list().unwrap().iter().map(str::to_owned).collect();
                scopes.push(grant.clone());
                asked.subject = Some(by.scopes(scopes));
            }),
            AskedChange::Mode(mode) => self.asks(|asked| asked.mode = Input::Known(*mode)),
            AskedChange::NameOrg => {
                for org in ["acme", "nowhere"] {
                    self.asks(|asked| asked.org = AskedOrg::Named(OrgId::new(org).unwrap()));
                }
            }
        }
    }

    fn site(&mut self, change: &SiteChange) {
        match change {
            SiteChange::Resume { subject } => self.sets(|document| {
                document.subjects.get_mut(subject).unwrap().status = Some(Status::Active);
            }),
            SiteChange::Declare {
                resource,
                action,
                switch,
            } => self.sets(|document| {
                document
                    .resources
                    .entry(resource.clone())
                    .or_default()
                    .push(action.clone());
                if *switch {
                    site_switch(document, resource, None, SiteSwitch::On);
                }
            }),
            SiteChange::LiftOff { resource, mode } => {
                for switch in [SiteSwitch::OptIn, SiteSwitch::OptOut, SiteSwitch::On] {
                    self.sets(|document| site_switch(document, resource, *mode, switch));
                }
            }
            SiteChange::SwitchOn { resource, mode } => {
                self.sets(|document| site_switch(document, resource, *mode, SiteSwitch::On));
            }
            SiteChange::Undeny { grants } => self.sets(|document| {
                for (role, grants) in grants {
                    let role = document.site.roles.get_mut(role).unwrap();
                    remove(&mut role.grants, grants);
                }
            }),
            SiteChange::TakeRoles { subject, roles } => self.sets(|document| {
                remove(
                    &mut document.subjects.get_mut(subject).unwrap().site_roles,
                    roles,
                );
            }),
            SiteChange::GiveRole {
                subject,
                roles,
                every_org,
                ..
            } => {
                for role in roles {
                    assert!(!every_org || self.document.site.roles[role].all_orgs);
                    self.sets(|document| give_site_role(document, subject, role));
                }
            }
            SiteChange::DefineRole {
                subject,
                permission,
            } => self.sets(|document| {
                let role = SiteRoleDocument {
                    grants: vec![permission.clone()],
                    all_orgs: false,
                };
                document.site.roles.insert("defined".to_owned(), role);
                give_site_role(document, subject, "defined");
            }),
            SiteChange::OpenAccess { resource } => self.sets(|document| {
                document.site.gates.get_mut(resource).unwrap().access = Some(Access::Everyone);
            }),
            SiteChange::CreateOrg { org, subject } => self.sets(|document| {
                let org = document.orgs.entry(org.clone()).or_default();
                org.members.entry(subject.clone()).or_default();
            }),
            SiteChange::Publish { orgs } => self.sets(|document| {
                for org in orgs {
                    document.orgs.get_mut(org).unwrap().visibility = Some(Visibility::Public);
                }
            }),
            SiteChange::ResumeOrgs { orgs } => self.sets(|document| {
                for org in orgs {
                    document.orgs.get_mut(org).unwrap().status = Some(Status::Active);
                }
            }),
            SiteChange::LowerFloor {
                resource,
                mode,
                to,
                default,
            } => self.sets(|document| {
                let gate = document.site.gates.get_mut(resource).unwrap();
                let gate = match mode {
                    Mode::Foreground => gate.foreground.get_or_insert_default(),
                    Mode::Background => gate.background.get_or_insert_default(),
                };
                gate.floor = Some(to.clone());
                if *default {
                    gate.default = Some(to.clone());
                }
            }),
        }
    }

    fn org(&mut self, change: &OrgChange) {
        match change {
            OrgChange::SetDefault { subject, orgs } => {
                for org in orgs {
                    self.sets(|document| {
                        let subject = document.subjects.entry(subject.clone()).or_default();
                        subject.default_org = Some(org.clone());
                    });
                }
            }
            OrgChange::JoinAny { subject } => {
                for (org, facts) in &self.document.orgs {
                    if !facts.members.contains_key(subject) {
                        self.sets(|document| join(document, org, subject));
                    }
                }
            }
            OrgChange::Join { subject, org } => self.sets(|document| join(document, org, subject)),
            OrgChange::Renew {
                subject,
                org,
                expired,
            } => self.sets(|document| {
                let members = &mut document.orgs.get_mut(org).unwrap().members;
                let expires = &mut members.get_mut(subject).unwrap().expires;
                assert_eq!(*expires, Some(*expired));
                *expires = None;
            }),
            OrgChange::SwitchOn {
                orgs,
                resource,
                mode,
            } => self.sets(|document| {
                for org in orgs {
                    let org = document.orgs.get_mut(org).unwrap();
                    let gate = org.gates.entry(resource.clone()).or_default();
                    let switch = match mode {
                        None => &mut gate.switch,
                        Some(mode) => &mut org_mode(gate, *mode).switch,
                    };
                    *switch = Some(OrgSwitch::On);
                }
            }),
            OrgChange::Undeny {
                subject,
                roles,
                anyone,
            } => self.sets(|document| {
                for (org, roles) in roles {
                    let members = &mut document.orgs.get_mut(org).unwrap().members;
                    remove(&mut members.get_mut(subject).unwrap().roles, roles);
                }
                if !anyone.is_empty() {
                    let role = document.org_roles.get_mut("anyone").unwrap();
                    remove(&mut role.grants, anyone);
                }
            }),
            OrgChange::GiveRole {
                subject,
                org,
                want,
                roles,
                expired,
            } => {
                let new = ["defined".to_owned()];
                for role in if roles.is_empty() {
                    &new
                } else {
                    roles.as_slice()
                } {
                    self.sets(|document| {
                        let org = document.orgs.get_mut(org).unwrap();
                        if roles.is_empty() {
                            org.roles.insert(role.clone(), new_role(want));
                        }
                        let member = org.members.entry(subject.clone()).or_default();
                        member.roles.push(role.clone());
                        member.expires = member.expires.filter(|_| expired.is_none());
                    });
                }
            }
            OrgChange::SetMinRole {
                orgs,
                resource,
                mode,
                to,
            } => self.sets(|document| {
                for org in orgs {
                    let org = document.orgs.get_mut(org).unwrap();
                    let gate = org.gates.entry(resource.clone()).or_default();
                    org_mode(gate, *mode).min_role = Some(to.clone());
                }
            }),
        }
    }
}

fn org_mode(gate: &mut OrgGateDocument, mode: Mode) -> &mut OrgModeDocument {
    match mode {
        Mode::Foreground => gate.foreground.get_or_insert_default(),
        Mode::Background => gate.background.get_or_insert_default(),
    }
}

fn subject(id: &str) -> SubjectId {
    SubjectId::new(id).unwrap()
}

fn new_role(want: &Want) -> OrgRoleDocument {
    let (level, grants) = match want {
        Want::Grant(permission) => (0, vec![permission.clone()]),
        Want::Level(level) => (*level, Vec::new()),
    };
    OrgRoleDocument {
        level: Some(level.into()),
        grants,
        include: Vec::new(),
    }
}

fn remove(from: &mut Vec<String>, these: &[String]) {
    let before = from.len();
    from.retain(|text| !these.contains(text));
    assert!(from.len() < before, "{these:?} is not in {from:?}");
}

fn give_site_role(document: &mut PolicyDocument, subject: &str, role: &str) {
    let subject = document.subjects.entry(subject.to_owned()).or_default();
    subject.site_roles.push(role.to_owned());
}

fn join(document: &mut PolicyDocument, org: &str, subject: &str) {
    let members = &mut document.orgs.get_mut(org).unwrap().members;
    assert!(
        members
            .insert(subject.to_owned(), MemberDocument::default())
            .is_none()
    );
}

fn site_switch(document: &mut PolicyDocument, resource: &str, mode: Option<Mode>, to: SiteSwitch) {
    let gate = document.site.gates.entry(resource.to_owned()).or_default();
    let switch = match mode {
        None => &mut gate.switch,
        Some(Mode::Foreground) => &mut gate.foreground.get_or_insert_default().switch,
        Some(Mode::Background) => &mut gate.background.get_or_insert_default().switch,
    };
    *switch = Some(to);
}
