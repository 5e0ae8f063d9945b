//! Subjects: those that the document names, and those that are members somewhere.

use super::Map;
use super::compile::{Problems, position};
use super::facts::{Membership, Memberships, OrgIndex, RoleIndex, SiteRoleSet, Subject};
use super::orgs::Orgs;
use super::roles::{ANYONE, Roles};
use super::site::{SiteRoleSets, SiteRoles};
use crate::id::{OrgId, SubjectId};
use crate::policy::{KeyPath, PolicyDocument, SubjectDocument};
use crate::vocabulary::{Kind, Status};

pub(super) struct Subjects {
    pub(super) rows: Vec<Subject>,
    pub(super) site_role_sets: Vec<SiteRoleSet>,
}

pub(super) fn compile(
    document: &PolicyDocument,
    orgs: &Orgs,
    site_roles: &SiteRoles,
    roles: &mut Roles<'_>,
    problems: &mut Problems,
) -> Subjects {
    let mut memberships = memberships(document, orgs, roles, problems);
    let mut sets = SiteRoleSets::default();
    let mut rows = Vec::with_capacity(memberships.len());
    for (id, subject) in &document.subjects {
        let path = || KeyPath::of(["subjects", id]);
        let Some(parsed) = problems.id(path, SubjectId::new(id)) else {
            continue;
        };
        let default_org = default_org(subject, orgs, &path, problems);
        rows.push(Subject {
            status: subject.status.unwrap_or(Status::Active),
            kind: Some(subject.kind.unwrap_or(Kind::User)),
            site_roles: sets.set(&subject.site_roles, site_roles, roles),
            default_org,
            memberships: Memberships::new(memberships.remove(&parsed).unwrap_or_default()),
            id: parsed,
        });
    }
    // A member that the document does not name: active, without site roles, of the kind that its identity says.
    let none = sets.set(&[], site_roles, roles);
    let mut unnamed: Vec<_> = memberships.into_iter().collect();
    unnamed.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    rows.extend(unnamed.into_iter().map(|(id, memberships)| Subject {
        id,
        status: Status::Active,
        kind: None,
        site_roles: none,
        default_org: None,
        memberships: Memberships::new(memberships),
    }));
    Subjects {
        rows,
        site_role_sets: sets.rows,
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
    orgs.index.get(&id).copied()
}

fn memberships(
    document: &PolicyDocument,
    orgs: &Orgs,
    roles: &mut Roles<'_>,
    problems: &mut Problems,
) -> Map<SubjectId, Vec<Membership>> {
    let mut memberships: Map<SubjectId, Vec<Membership>> = Map::default();
    for (row, (org_id, org)) in document.orgs.iter().enumerate() {
        let index = OrgIndex(position(row));
        for (member, membership) in &org.members {
            let path = || KeyPath::of(["orgs", org_id, "members", member]);
            let Some(subject) = problems.id(path, SubjectId::new(member)) else {
                continue;
            };
            let held = membership
                .roles
                .iter()
                .filter_map(|name| held_role(name, index, orgs, roles))
                .collect();
            let set = roles.set(held);
            let membership = Membership {
                org: index,
                roles: set,
                expires: membership.expires,
            };
            memberships.entry(subject).or_default().push(membership);
        }
    }
    memberships
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
