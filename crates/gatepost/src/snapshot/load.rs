//! Facts taken in one at a time.

mod finish;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::compile::Problems;
use super::facts::{OrgIndex, RoleSetIndex, SiteRoleSetIndex};
use super::found::{FoundOrgs, Packed};
use super::frame::{Compiled, Frame};
use super::gather::Gathered;
use super::hash::same;
use super::held::Met;
use super::members::Membership;
use super::orgs::Orgs;
use super::records::Named;
use super::said::{self, AllSaid};
use crate::id::{OrgId, check_id};
use crate::policy::{
    KeyPath, MemberDocument, OrgDocument, OrgGateDocument, OrgRoleDocument, PolicyDocument,
    SubjectDocument,
};
use crate::vocabulary::{Kind, Status};

/// Takes a policy in fact by fact and compiles it, so that the whole of it is never in memory as a document.
///
/// What others stand below comes first: every org before what is below any, gates and own roles before members
/// and subjects. What is gathered takes about as much memory as the facts that come of it.
///
/// ```
/// use gatepost::{Decision, Loader, MemberDocument, OrgDocument, OrgId, PolicyText, Request, Step, Subject};
/// use gatepost::{SubjectId, decide};
///
/// let frame = PolicyText::toml(r#"
/// version = 1
/// resources.chat = ["read"]
/// site.gates.chat = { switch = "on", access = "everyone" }
/// org_roles.guest = { level = 10, grants = ["chat:read"] }
/// "#).parse()?;
/// let mut guest = MemberDocument::default();
/// guest.roles.push("guest".into());
///
/// let mut loader = Loader::new(&frame);
/// loader.org("acme", &OrgDocument::default());
/// loader.member("acme", "alice", &guest);
/// let facts = loader.finish(7)?;
///
/// let (alice, acme) = (Subject::new(SubjectId::new("alice")?), OrgId::new("acme")?);
/// let request = Request::new("chat", "read").subject(&alice).org(&acme);
/// assert!(matches!(decide(&facts, &request), Step::Done(Decision::Allow(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Loader {
    frame: Frame,
    compiled: Compiled,
    stage: Stage,
    gathered: Gathered,
    elsewhere: bool,
    problems: Problems,
    /// What is wrong with subjects, which is told behind what is wrong with members.
    of_subjects: Problems,
    /// Whether some org was refused, of which nothing more is told.
    refused_orgs: bool,
    /// The org of the last membership: most that follow are of the same.
    last: Option<(String, OrgIndex)>,
    role_sets: Met<RoleSetIndex>,
    site_role_sets: Met<SiteRoleSetIndex>,
}

#[derive(Debug)]
enum Stage {
    /// Orgs are added, with what they say; what is wrong within them is told behind what is wrong between them.
    Orgs {
        found: FoundOrgs,
        said: AllSaid,
        within: Problems,
    },
    /// All of them are known.
    Members(Packed),
}

impl Loader {
    /// Begins with what stands once: the version of the format, resources, the site and `org_roles`. Orgs and
    /// subjects of `frame` are not looked at.
    pub fn new(frame: &PolicyDocument) -> Self {
        let mut problems = Problems::default();
        let frame = Frame::of(frame);
        Self {
            compiled: frame.compile(&mut problems),
            frame,
            stage: Stage::Orgs {
                found: FoundOrgs::default(),
                said: AllSaid::default(),
                within: Problems::default(),
            },
            gathered: Gathered::new(),
            elsewhere: false,
            problems,
            of_subjects: Problems::default(),
            refused_orgs: false,
            last: None,
            role_sets: Met::new(),
            site_role_sets: Met::new(),
        }
    }

    /// As [`new`](Self::new), for a policy whose memberships are elsewhere.
    pub fn looking_through(frame: &PolicyDocument) -> Self {
        Self {
            elsewhere: true,
            ..Self::new(frame)
        }
    }

    /// Adds an org with its gates and its own roles. Its members are added [by themselves](Self::member).
    pub fn org(&mut self, id: &str, org: &OrgDocument) {
        self.add_org(id, org);
    }

    /// The same; which of all orgs it is, where it was taken.
    pub(super) fn add_org(&mut self, id: &str, org: &OrgDocument) -> Option<u32> {
        let path = || KeyPath::of(["orgs", id]);
        let Stage::Orgs { found, within, .. } = &mut self.stage else {
            self.problems.add(path(), "comes behind members");
            return None;
        };
        let Some(parsed) = within.id(path, OrgId::new(id)) else {
            self.refused_orgs = true;
            return None;
        };
        if found.find(id).is_some() {
            within.add(path(), "is there twice");
            return None;
        }
        let added = found.add(parsed, org.status, org.visibility, org.parent.as_deref());
        if added.is_none() {
            within.add(path(), "there are more orgs than can be held");
            self.refused_orgs = true;
            return None;
        }
        for (resource, gate) in &org.gates {
            self.gate_of(added, id, resource, gate);
        }
        for (name, role) in &org.roles {
            self.own_role(id, name, role);
        }
        added
    }

    /// Adds the gate of an org.
    pub fn org_gate(&mut self, org: &str, resource: &str, gate: &OrgGateDocument) {
        let row = match &self.stage {
            Stage::Orgs { found, .. } => found.find(org),
            Stage::Members(_) => None,
        };
        self.gate_of(row, org, resource, gate);
    }

    fn gate_of(&mut self, row: Option<u32>, org: &str, resource: &str, gate: &OrgGateDocument) {
        let path = || KeyPath::of(["orgs", org, "gates", resource]);
        let Stage::Orgs {
            found,
            said: all,
            within,
        } = &mut self.stage
        else {
            self.problems.add(path(), "comes behind members");
            return;
        };
        let Compiled {
            vocabulary, roles, ..
        } = &self.compiled;
        let said = said::compile(gate, &path, roles, within);
        let resource = vocabulary.gated_resource(resource, path, within);
        match (row, resource) {
            (Some(row), Some(resource)) => found.say(row, resource, all.keep(said, gate)),
            (None, _) if !self.refused_orgs => {
                within.add(path(), "stands below an org that is not there");
            }
            _ => {}
        }
    }

    /// Adds a role of an org's own.
    pub fn own_role(&mut self, org: &str, name: &str, role: &OrgRoleDocument) {
        let path = || KeyPath::of(["orgs", org, "roles", name]);
        let Stage::Orgs { found, within, .. } = &mut self.stage else {
            self.problems.add(path(), "comes behind members");
            return;
        };
        if found.find(org).is_none() {
            if !self.refused_orgs {
                within.add(path(), "stands below an org that is not there");
            }
            return;
        }
        let own_roles = Arc::make_mut(&mut self.frame.own_roles);
        let own = own_roles.entry(org.to_owned()).or_default();
        if own.insert(name.to_owned(), role.clone()).is_some() {
            within.add(path(), "is there twice");
        }
    }

    /// Adds a membership.
    pub fn member(&mut self, org: &str, subject: &str, membership: &MemberDocument) {
        self.close_orgs();
        let Stage::Members(Packed { orgs, .. }) = &self.stage else {
            return;
        };
        let index = match &self.last {
            Some((last, index)) if same(last.as_bytes(), org.as_bytes()) => Some(*index),
            _ => orgs.find(org).map(|(index, _)| {
                let (last, of) = self.last.get_or_insert((String::new(), index));
                last.clear();
                last.push_str(org);
                *of = index;
                index
            }),
        };
        self.member_in(index, org, subject, membership);
    }

    /// The same of an org that was [added](Self::add_org), by its row.
    pub(super) fn member_of(
        &mut self,
        row: Option<u32>,
        org: &str,
        subject: &str,
        membership: &MemberDocument,
    ) {
        self.close_orgs();
        let Stage::Members(Packed { indices, .. }) = &self.stage else {
            return;
        };
        let index = row.and_then(|row| indices.get(row as usize).copied());
        self.member_in(index, org, subject, membership);
    }

    fn member_in(
        &mut self,
        index: Option<OrgIndex>,
        org: &str,
        subject: &str,
        membership: &MemberDocument,
    ) {
        let path = || KeyPath::of(["orgs", org, "members", subject]);
        if self.elsewhere {
            // One fact in two places; it is told once an org.
            let path = KeyPath::of(["orgs", org, "members"]);
            self.problems
                .add_once(path, "the memberships of this policy are elsewhere");
            return;
        }
        let Stage::Members(Packed { orgs, .. }) = &self.stage else {
            return;
        };
        let Some(index) = index else {
            if !self.refused_orgs {
                self.problems
                    .add(path(), "stands below an org that is not there");
            }
            return;
        };
        // What is there already was looked at.
        if self.problems.id(path, check_id(subject)).is_none() {
            return;
        }
        let roles = self.role_sets.find(&membership.roles).unwrap_or_else(|| {
            let roles = Arc::make_mut(&mut self.compiled.roles);
            let set = roles.set(&membership.roles, index, orgs);
            if roles.is_plain_set(set) {
                self.role_sets.keep(&membership.roles, set);
            }
            set
        });
        let membership = Membership {
            org: index,
            roles,
            end: membership.expires,
        };
        self.gathered.membership(subject, membership);
    }

    /// Adds a subject.
    pub fn subject(&mut self, id: &str, subject: &SubjectDocument) {
        let path = || KeyPath::of(["subjects", id]);
        self.close_orgs();
        let Stage::Members(Packed { orgs, .. }) = &self.stage else {
            return;
        };
        let mut problems = Problems::default();
        let is_id = problems.id(path, check_id(id)).is_some();
        let default = if is_id {
            default_org(subject, orgs, &path, &mut problems)
        } else {
            None
        };
        if !problems.are_none() {
            self.tell_twice();
            self.of_subjects.append(problems);
        }
        if !is_id {
            return;
        }
        if let (None, Some(default)) = (default, &subject.default_org) {
            let unmet = Arc::make_mut(&mut self.compiled.unmet_defaults);
            unmet.insert(default.as_str().into());
        }
        let held = &subject.site_roles;
        let site_roles = self.site_role_sets.find(held).unwrap_or_else(|| {
            let Compiled { site, roles, .. } = &mut self.compiled;
            let (site, roles) = (Arc::make_mut(site), Arc::make_mut(roles));
            let set = site.set(held, &mut roles.tables);
            self.site_role_sets.keep(held, set);
            set
        });
        let named = Named {
            status: subject.status.unwrap_or(Status::Active),
            kind: Some(subject.kind.unwrap_or(Kind::User)),
            site_roles,
            default_org: default,
        };
        self.gathered.subject(id, named);
    }
}

/// A `default_org` that is no org counts as unset; one that could not be an id is a mistake.
pub(super) fn default_org(
    subject: &SubjectDocument,
    orgs: &Orgs,
    path: &dyn Fn() -> KeyPath,
    problems: &mut Problems,
) -> Option<OrgIndex> {
    let id = problems.id(
        || path().key("default_org"),
        OrgId::new(subject.default_org.as_ref()?),
    )?;
    orgs.find(id.as_str()).map(|(index, _)| index)
}

/// A number that no other snapshot of this process has.
pub(super) fn next_vocabulary() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests;
