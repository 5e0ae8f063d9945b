//! Site roles that nothing defines, and whatever stands twice in one list.

use std::collections::HashSet;

use super::{FindingKind, Findings};
use crate::policy::{KeyPath, OrgRoleDocument, PolicyDocument};

pub(super) fn lint(document: &PolicyDocument, findings: &mut Findings) {
    for (resource, gate) in &document.site.gates {
        let path = || KeyPath::of(["site", "gates", resource, "actions"]);
        repeated(gate.actions.as_deref().unwrap_or_default(), path, findings);
    }
    for (name, role) in &document.org_roles {
        includes(role, || KeyPath::of(["org_roles", name]), findings);
    }
    for (org, org_document) in &document.orgs {
        for (name, role) in &org_document.roles {
            includes(role, || KeyPath::of(["orgs", org, "roles", name]), findings);
        }
        for (member, membership) in &org_document.members {
            let path = || KeyPath::of(["orgs", org, "members", member, "roles"]);
            repeated(&membership.roles, path, findings);
        }
    }
    for (id, subject) in &document.subjects {
        let path = || KeyPath::of(["subjects", id, "site_roles"]);
        repeated(&subject.site_roles, path, findings);
        for (index, role) in subject.site_roles.iter().enumerate() {
            if document.site.roles.contains_key(role) {
                continue;
            }
            let message = if document.org_roles.contains_key(role) {
                format!("`{role}` is an org role and grants nothing on the site")
            } else {
                format!(
                    "`{}` is defined nowhere and grants nothing",
                    role.escape_debug()
                )
            };
            findings.add(FindingKind::UndefinedRole, path().index(index), message);
        }
    }
}

fn includes(role: &OrgRoleDocument, path: impl Fn() -> KeyPath, findings: &mut Findings) {
    repeated(&role.include, || path().key("include"), findings);
}

fn repeated(list: &[String], path: impl Fn() -> KeyPath, findings: &mut Findings) {
    if list.len() < 2 {
        return;
    }
    let mut seen = HashSet::new();
    for (index, name) in list.iter().enumerate() {
        if !seen.insert(name) {
            let message = format!("`{}` stands here a second time", name.escape_debug());
            findings.add(FindingKind::Repeated, path().index(index), message);
        }
    }
}
