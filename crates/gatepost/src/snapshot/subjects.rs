//! Subjects: those that the document names, and those that are members somewhere.

use super::compile::{Problems, position};
use super::facts::{OrgIndex, RoleIndex, SiteRoleSet, SiteRoleSetIndex};
use super::index::IndexBuilder;
use super::members::{KnownSubject, Membership, Memberships, MembershipsBuilder, Span, Subject};
use super::orgs::Orgs;
use super::roles::{ANYONE, Roles};
use super::site::{SiteRoleSets, SiteRoles};
use crate::id::{OrgId, SubjectId};
use crate::policy::{KeyPath, PolicyDocument, SubjectDocument};
use crate::vocabulary::{Kind, Status};

pub(super) struct Subjects {
    pub(super) rows: Vec<KnownSubject>,
    pub(super) index: IndexBuilder,
    pub(super) stranger: Subject,
    pub(super) memberships: Memberships,
    pub(super) site_role_sets: Vec<SiteRoleSet>,
}

pub(super) fn compile(
    document: &PolicyDocument,
    orgs: &Orgs,
    site_roles: &SiteRoles,
    roles: &mut Roles<'_>,
    problems: &mut Problems,
) -> Subjects {
    let mut sets = SiteRoleSets::default();
    let mut subjects = Subjects {
        rows: Vec::with_capacity(document.subjects.len()),
        index: IndexBuilder::with_capacity(document.subjects.len()),
        stranger: stranger(sets.set(&[], site_roles, roles)),
        memberships: Memberships::default(),
        site_role_sets: Vec::new(),
    };
    // What is wrong with a subject is told behind what is wrong with the members, as they stand in the document.
    let mut of_subjects = Problems::default();
    for (id, subject) in &document.subjects {
        let path = || KeyPath::of(["subjects", id]);
        let Some(id) = of_subjects.id(path, SubjectId::new(id)) else {
            continue;
        };
        let subject = Subject {
            status: subject.status.unwrap_or(Status::Active),
            kind: Some(subject.kind.unwrap_or(Kind::User)),
            site_roles: sets.set(&subject.site_roles, site_roles, roles),
            default_org: default_org(subject, orgs, &path, &mut of_subjects),
            memberships: Span::default(),
        };
        subjects
            .index
            .push(&mut subjects.rows, KnownSubject { id, subject });
    }
    subjects.memberships = memberships(document, orgs, roles, &mut subjects, problems);
    problems.append(of_subjects);
    subjects.site_role_sets = sets.rows;
    subjects
}

/// Whoever the document does not name: active, without site roles, of the kind that its identity says.
fn stranger(no_roles: SiteRoleSetIndex) -> Subject {
    Subject {
        status: Status::Active,
        kind: None,
        site_roles: no_roles,
        default_org: None,
        memberships: Span::default(),
    }
}

/// A `default_org` that is no org counts as unset; one that could not be an id is a mistake.
fn default_org(
    subject: &SubjectDocument,
    orgs: &Orgs,
    path: &dyn Fn() -> KeyPath,
    problems: &mut Problems,
) -> Option<OrgIndex> {
    let id = problems.id(
        || path().key("default_org"),
        OrgId::new(subject.default_org.as_ref()?),
    )?;
    orgs.find(id.as_str())
}

fn memberships(
    document: &PolicyDocument,
    orgs: &Orgs,
    roles: &mut Roles<'_>,
    subjects: &mut Subjects,
    problems: &mut Problems,
) -> Memberships {
    let count = document.orgs.values().map(|org| org.members.len()).sum();
    let mut memberships = MembershipsBuilder::with_capacity(count);
    let mut held = Vec::new();
    for (row, (org_id, org)) in document.orgs.iter().enumerate() {
        let index = OrgIndex(position(row));
        for (member, membership) in &org.members {
            let path = || KeyPath::of(["orgs", org_id, "members", member]);
            let Some(subject) = subjects.member(member, path, problems) else {
                continue;
            };
            let names = membership.roles.iter();
            held.extend(names.filter_map(|name| held_role(name, index, orgs, roles)));
            let membership = Membership {
                org: index,
                roles: roles.set(&mut held),
                end: memberships.end(membership.expires),
            };
            memberships.add(subject, membership);
        }
    }
    memberships.finish(&mut subjects.rows)
}

impl Subjects {
    /// The position of a member; one that the document does not name is added.
    fn member(
        &mut self,
        id: &str,
        path: impl FnOnce() -> KeyPath,
        problems: &mut Problems,
    ) -> Option<u32> {
        if let Some((at, _)) = self.index.get(&self.rows, id) {
            return Some(at);
        }
        let known = KnownSubject {
            id: problems.id(path, SubjectId::new(id))?,
            subject: self.stranger.clone(),
        };
        Some(self.index.push(&mut self.rows, known))
    }
}

/// A name that a member holds: the role of `org_roles`, else the own role of the org, else of its nearest ancestor.
///
/// One that nothing defines grants nothing, and neither does `anyone`, which no membership holds.
fn held_role(name: &str, org: OrgIndex, orgs: &Orgs, roles: &Roles<'_>) -> Option<RoleIndex> {
    if name == ANYONE {
        return None;
    }
    roles.named(name).or_else(|| orgs.own_role(org, name))
}
