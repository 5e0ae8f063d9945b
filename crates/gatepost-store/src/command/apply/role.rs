//! The definitions of roles.

use gatepost::{OrgRoleDocument, PolicyDocument, SiteRoleDocument};

use super::super::refusal::WriteRefusal;
use super::super::sentence::{List, Shown};
use super::{Summary, changed, org};

pub(super) fn define_site_role(
    document: &mut PolicyDocument,
    name: &str,
    grants: &[String],
    all_orgs: bool,
) -> Summary {
    let mut role = SiteRoleDocument::default();
    role.grants = grants.to_vec();
    role.all_orgs = all_orgs;
    let shown = |role: &SiteRoleDocument| {
        let reach = if role.all_orgs { " in all orgs" } else { "" };
        format!("{}{reach}", List(&role.grants))
    };
    let to = shown(&role);
    let from = document.site.roles.insert(name.to_owned(), role);
    let from = from.as_ref().map_or_else(undefined, shown);
    if from == to {
        return Summary::new();
    }
    changed(format!("site role {}", Shown(name)), from, to)
}

pub(super) fn definition(
    level: Option<i64>,
    grants: &[String],
    include: &[String],
) -> OrgRoleDocument {
    let mut role = OrgRoleDocument::default();
    role.level = level;
    role.grants = grants.to_vec();
    role.include = include.to_vec();
    role
}

pub(super) fn define(
    document: &mut PolicyDocument,
    org: Option<&str>,
    name: &str,
    role: OrgRoleDocument,
) -> Result<Summary, WriteRefusal> {
    if org.is_none() {
        // Its own roles are looked for by name, wherever they are: the org's would come to mean another.
        let mut orgs = document.orgs.iter();
        if let Some((org, _)) = orgs.find(|(_, org)| org.roles.contains_key(name)) {
            let message = format!(
                "`{name}` is an own role of the org `{}` already",
                org.escape_debug()
            );
            return Err(WriteRefusal::invalid("name", message));
        }
    }
    let roles = match org {
        None => &mut document.org_roles,
        Some(org) => &mut org::find(document, org)?.roles,
    };
    let to = shown(&role);
    let from = roles.insert(name.to_owned(), role);
    let from = from.as_ref().map_or_else(undefined, shown);
    if from == to {
        return Ok(Summary::new());
    }
    let what = match org {
        None => format!("org role {}", Shown(name)),
        Some(org) => format!("own role {} of {}", Shown(name), Shown(org)),
    };
    Ok(changed(what, from, to))
}

fn undefined() -> String {
    "undefined".to_owned()
}

fn shown(role: &OrgRoleDocument) -> String {
    let level = role.level.unwrap_or(0);
    let grants = List(&role.grants);
    if role.include.is_empty() {
        return format!("level {level}, {grants}");
    }
    format!("level {level}, {grants}, including {}", List(&role.include))
}
