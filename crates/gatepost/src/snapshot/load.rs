//! Facts taken in one at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Snapshot;
use super::compile::Problems;
use super::facts::OrgIndex;
use super::found::FoundOrgs;
use super::frame::{Compiled, Frame};
use super::gather::{Gathered, Refused};
use super::members::Membership;
use super::orgs::Orgs;
use super::records::Named;
use super::said;
#[cfg(feature = "revocation")]
use crate::gate::GateId;
use crate::id::{OrgId, SubjectId, check_id};
use crate::policy::{
    KeyPath, MemberDocument, OrgDocument, OrgGateDocument, OrgRoleDocument, PolicyDocument,
    PolicyError, SubjectDocument,
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
    last: Option<(Box<str>, OrgIndex)>,
}

#[derive(Debug)]
enum Stage {
    /// Orgs are added, with what they say; what is wrong within them is told behind what is wrong between them.
    Orgs { found: FoundOrgs, within: Problems },
    /// All of them are known.
    Members(Orgs),
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
                within: Problems::default(),
            },
            gathered: Gathered::new(),
            elsewhere: false,
            problems,
            of_subjects: Problems::default(),
            refused_orgs: false,
            last: None,
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
        let path = || KeyPath::of(["orgs", id]);
        let Stage::Orgs { found, within } = &mut self.stage else {
            self.problems.add(path(), "comes behind members");
            return;
        };
        let Some(parsed) = within.id(path, OrgId::new(id)) else {
            self.refused_orgs = true;
            return;
        };
        if found.find(id).is_some() {
            within.add(path(), "is there twice");
            return;
        }
        if found
            .add(parsed, org.status, org.visibility, org.parent.as_deref())
            .is_none()
        {
            within.add(path(), "there are more orgs than can be held");
            self.refused_orgs = true;
            return;
        }
        for (resource, gate) in &org.gates {
            self.org_gate(id, resource, gate);
        }
        for (name, role) in &org.roles {
            self.own_role(id, name, role);
        }
    }

    /// Adds the gate of an org.
    pub fn org_gate(&mut self, org: &str, resource: &str, gate: &OrgGateDocument) {
        let path = || KeyPath::of(["orgs", org, "gates", resource]);
        let Stage::Orgs { found, within } = &mut self.stage else {
            self.problems.add(path(), "comes behind members");
            return;
        };
        let Compiled {
            vocabulary,
            roles,
            said,
            ..
        } = &mut self.compiled;
        let said = Arc::make_mut(said);
        let compiled = said::compile(gate, &path, roles, within);
        let resource = vocabulary.gated_resource(resource, path, within);
        match (found.find(org), resource) {
            (Some(row), Some(resource)) => found.say(row, resource, said.keep(compiled, gate)),
            (None, _) if !self.refused_orgs => {
                within.add(path(), "stands below an org that is not there");
            }
            _ => {}
        }
    }

    /// Adds a role of an org's own.
    pub fn own_role(&mut self, org: &str, name: &str, role: &OrgRoleDocument) {
        let path = || KeyPath::of(["orgs", org, "roles", name]);
        let Stage::Orgs { found, within } = &mut self.stage else {
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
        let path = || KeyPath::of(["orgs", org, "members", subject]);
        self.close_orgs();
        if self.elsewhere {
            // One fact in two places; it is told once an org.
            let path = KeyPath::of(["orgs", org, "members"]);
            self.problems
                .add_once(path, "the memberships of this policy are elsewhere");
            return;
        }
        let Stage::Members(orgs) = &self.stage else {
            return;
        };
        let index = match &self.last {
            Some((last, index)) if **last == *org => *index,
            _ => {
                let Some((index, _)) = orgs.find(org) else {
                    if !self.refused_orgs {
                        self.problems
                            .add(path(), "stands below an org that is not there");
                    }
                    return;
                };
                self.last = Some((org.into(), index));
                index
            }
        };
        // What is there already was looked at.
        if self.problems.id(path, check_id(subject)).is_none() {
            return;
        }
        let membership = Membership {
            org: index,
            roles: Arc::make_mut(&mut self.compiled.roles).set(&membership.roles, index, orgs),
            end: membership.expires,
        };
        if self.gathered.membership(subject, membership).is_err() {
            self.problems
                .add(path(), "there are more members than can be held");
        }
    }

    /// Adds a subject.
    pub fn subject(&mut self, id: &str, subject: &SubjectDocument) {
        let path = || KeyPath::of(["subjects", id]);
        self.close_orgs();
        let Stage::Members(orgs) = &self.stage else {
            return;
        };
        if self.of_subjects.id(path, SubjectId::new(id)).is_none() {
            return;
        }
        let Compiled { site, roles, .. } = &mut self.compiled;
        let (site, roles) = (Arc::make_mut(site), Arc::make_mut(roles));
        let named = Named {
            status: subject.status.unwrap_or(Status::Active),
            kind: Some(subject.kind.unwrap_or(Kind::User)),
            site_roles: site.set(&subject.site_roles, &mut roles.tables),
            default_org: default_org(subject, orgs, &path, &mut self.of_subjects),
        };
        if let (None, Some(default)) = (named.default_org, &subject.default_org) {
            let unmet = Arc::make_mut(&mut self.compiled.unmet_defaults);
            unmet.insert(default.as_str().into());
        }
        match self.gathered.subject(id, &named) {
            Ok(()) => {}
            Err(Refused::Twice) => self.of_subjects.add(path(), "is there twice"),
            Err(Refused::TooMany) => {
                self.of_subjects
                    .add(path(), "there are more subjects than can be held");
            }
        }
    }

    /// Compiles what was added as the given policy version.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] with the path of everything that is wrong, which is also what was added twice, and what
    /// stands below an org that was not added; nothing is compiled then.
    pub fn finish(mut self, version: u64) -> Result<Snapshot, PolicyError> {
        self.close_orgs();
        let Self {
            frame,
            mut compiled,
            stage,
            gathered,
            elsewhere,
            mut problems,
            of_subjects,
            ..
        } = self;
        problems.append(of_subjects);
        let Stage::Members(orgs) = stage else {
            return Err(problems.told());
        };
        // What is wrong already is not packed for nothing.
        if !problems.are_none() {
            return Err(problems.told());
        }
        let (subjects, twice) = gathered.pack();
        for (org, subject) in twice {
            let org = orgs.get(org).map_or("", |org| org.id.as_str());
            problems.add(
                KeyPath::of(["orgs", org, "members", &subject]),
                "is there twice",
            );
        }
        let Some(subjects) = subjects.filter(|_| problems.are_none()) else {
            if problems.are_none() {
                problems.add(KeyPath::of(["subjects"]), "there are more than can be held");
            }
            return Err(problems.told());
        };
        let posts = compiled.posts();
        Ok(Snapshot {
            version,
            #[cfg(feature = "revocation")]
            gate: GateId::NONE,
            vocabulary: next_vocabulary(),
            posts,
            site_gates: Arc::clone(&compiled.site_gates),
            site_role_sets: compiled.site.sets.as_slice().into(),
            anyone_table: Arc::make_mut(&mut compiled.roles).anyone_table(),
            role_sets: compiled.roles.sets.as_slice().into(),
            tables: compiled.roles.tables.cells.as_slice().into(),
            said: compiled.said.gates.as_slice().into(),
            orgs,
            subjects,
            looks_through: elsewhere,
            frame,
            compiled: Arc::new(compiled),
        })
    }

    /// Puts all orgs together, once none is to come.
    fn close_orgs(&mut self) {
        let Stage::Orgs { found, within } = &mut self.stage else {
            return;
        };
        let (found, within) = (std::mem::take(found), std::mem::take(within));
        let (orgs, twice) = found.pack(&mut self.problems);
        self.problems.append(within);
        for (org, resource) in twice {
            let resource = self
                .compiled
                .vocabulary
                .resource_names
                .get(resource as usize);
            let resource = resource.map_or("", |name| &**name);
            self.problems.add(
                KeyPath::of(["orgs", org.as_str(), "gates", resource]),
                "is there twice",
            );
        }
        let orgs = orgs.unwrap_or_else(|| {
            self.problems
                .add(KeyPath::of(["orgs"]), "there are more than can be held");
            Orgs::default()
        });
        let roles = Arc::make_mut(&mut self.compiled.roles);
        self.frame
            .compile_own_roles(&orgs, roles, &mut self.problems);
        self.stage = Stage::Members(orgs);
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
