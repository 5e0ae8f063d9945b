//! Nested orgs, who is a member of them, and what members hold.

use super::document::{Document, Membership, Org, OrgRole, Status, Visibility};
use super::grant::Grant;
use jiff::Timestamp;

/// A role, with the org that defines it; `None` for a role of `org_roles`.
#[derive(Clone, Copy)]
struct Role<'a> {
    name: &'a str,
    definition: &'a OrgRole,
    home: Option<&'a Org>,
}

/// The path: an org, then its parent, and so on up. (A circle is refused at load; the count of
/// orgs bounds the walk in any case.)
pub(super) fn path<'a>(policy: &'a Document, org: &'a Org) -> impl Iterator<Item = &'a Org> {
    let parent = |org: &&'a Org| policy.orgs.get(org.parent.as_deref()?);
    std::iter::successors(Some(org), parent).take(policy.orgs.len())
}

/// "An org is public only where it and every ancestor is."
pub(super) fn is_public(policy: &Document, org: &Org) -> bool {
    path(policy, org).all(|org| org.visibility == Visibility::Public)
}

/// "The org and its ancestors are active".
pub(super) fn is_active_with_its_ancestors(policy: &Document, org: &Org) -> bool {
    path(policy, org).all(|org| org.status == Status::Active)
}

/// The membership in that very org, unless it is over: "over at that very moment".
pub(super) fn direct_membership<'a>(
    org: &'a Org,
    subject: &str,
    at: Timestamp,
) -> Option<&'a Membership> {
    let membership = org.members.get(subject)?;
    let unexpired = membership.expires.is_none_or(|end| at < end);
    unexpired.then_some(membership)
}

/// "A member of an org is a member of its descendants".
pub(super) fn is_member(policy: &Document, org: &Org, subject: &str, at: Timestamp) -> bool {
    path(policy, org).any(|org| direct_membership(org, subject, at).is_some())
}

/// Everything that the subject's org roles grant and deny in the org.
pub(super) fn grants<'a>(
    policy: &'a Document,
    org: &'a Org,
    subject: &str,
    at: Timestamp,
) -> Vec<&'a Grant> {
    let mut roles = Vec::new();
    for role in held_roles(policy, org, subject, at) {
        add_with_its_includes(policy, role, &mut roles);
    }
    if let Some(role) = anyone(policy, org) {
        add_with_its_includes(policy, role, &mut roles);
    }
    roles
        .iter()
        .flat_map(|role| &role.definition.grants)
        .collect()
}

/// "The highest `level` among the roles that the subject's unexpired memberships on the path hold,
/// each role's own; what it includes lends grants, not level. No such role: 0."
pub(super) fn level(policy: &Document, org: &Org, subject: &str, at: Timestamp) -> i64 {
    held_roles(policy, org, subject, at)
        .map(|role| role.definition.level)
        .max()
        .unwrap_or(0)
}

/// "Roles unite along the path", each name read where its membership stands.
fn held_roles<'a>(
    policy: &'a Document,
    org: &'a Org,
    subject: &str,
    at: Timestamp,
) -> impl Iterator<Item = Role<'a>> {
    path(policy, org)
        .filter_map(move |org| direct_membership(org, subject, at).map(|held| (org, held)))
        .flat_map(|(org, held)| held.roles.iter().map(move |name| (org, name)))
        .filter(|(_, name)| !is_reserved(name))
        .filter_map(|(org, name)| role_named(policy, name, Some(org)))
}

/// "Reserved: `everyone` is no role. `anyone` is an org role [...] that no membership holds".
fn is_reserved(name: &str) -> bool {
    name == "everyone" || name == "anyone"
}

/// "Everybody has it in a public org, members too."
fn anyone<'a>(policy: &'a Document, org: &Org) -> Option<Role<'a>> {
    is_public(policy, org).then(|| role_named(policy, "anyone", None))?
}

/// "The role of `org_roles`, else the own role of the org where the membership stands, else that
/// of its nearest ancestor."
fn role_named<'a>(policy: &'a Document, name: &'a str, org: Option<&'a Org>) -> Option<Role<'a>> {
    let role = |definition, home| Role {
        name,
        definition,
        home,
    };
    if let Some(definition) = policy.org_roles.get(name) {
        return Some(role(definition, None));
    }
    path(policy, org?).find_map(|org| Some(role(org.roles.get(name)?, Some(org))))
}

/// "It may `include` the grants of other org roles", whose names are read where it is defined.
fn add_with_its_includes<'a>(policy: &'a Document, role: Role<'a>, roles: &mut Vec<Role<'a>>) {
    let known = |other: &Role| std::ptr::eq(other.definition, role.definition);
    if roles.iter().any(known) {
        return;
    }
    roles.push(role);
    if role.name == "anyone" {
        return; // It "includes nothing".
    }
    for name in &role.definition.include {
        if let Some(included) = role_named(policy, name, role.home) {
            add_with_its_includes(policy, included, roles);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, Grant, grants, is_member, is_public, level};
    use serde_json::json;

    const NOON: &str = "2026-01-01T12:00:00Z";

    fn policy() -> Document {
        Document::read(&json!({
            "org_roles": {
                "anyone": { "level": 5, "grants": ["a:anyone"], "include": ["lead"] },
                "low": { "level": -5, "grants": [] },
                "dev": { "level": 30, "grants": ["a:dev"] },
                "lead": { "level": 20, "include": ["dev"], "grants": ["a:lead"] },
            },
            "orgs": {
                "top": {
                    "visibility": "public",
                    "members": {
                        "ann": { "roles": ["own"] },
                        "bob": { "roles": ["lead", "retired", "anyone", "everyone"] },
                        "low": { "roles": ["low"] },
                        "old": { "roles": ["dev"], "expires": NOON },
                    },
                    "roles": {
                        "own": { "level": 40, "grants": ["a:top"] },
                        "base": { "level": 1, "grants": ["a:base"] },
                    },
                },
                "mid": { "parent": "top", "visibility": "private" },
                "sub": {
                    "parent": "mid",
                    "visibility": "public",
                    "members": { "ann": { "roles": ["low"] }, "eve": { "roles": ["own", "far"] } },
                    "roles": { "own": { "level": 50, "include": ["lead", "base"], "grants": ["a:sub"] } },
                },
                "far": { "roles": { "far": { "level": 99, "grants": ["a:far"] } } },
            },
        }))
        .unwrap()
    }

    fn held(org: &str, subject: &str) -> Vec<&'static str> {
        let policy = policy();
        let org = policy.orgs.get(org).unwrap();
        let grants = grants(&policy, org, subject, NOON.parse().unwrap());
        let all = ["anyone", "dev", "lead", "top", "base", "sub", "far"];
        all.into_iter()
            .filter(|action| grants.contains(&&Grant::parse(&format!("a:{action}")).unwrap()))
            .collect()
    }

    fn level_of(org: &str, subject: &str) -> i64 {
        let policy = policy();
        let org = policy.orgs.get(org).unwrap();
        level(&policy, org, subject, NOON.parse().unwrap())
    }

    #[test]
    fn a_held_name_is_read_where_the_membership_stands() {
        assert_eq!(held("sub", "ann"), ["top"]);
        assert_eq!(level_of("sub", "ann"), 40);
        assert_eq!(held("sub", "eve"), ["dev", "lead", "base", "sub"]);
        assert_eq!(held("mid", "eve"), [""; 0], "not up the path");
    }

    #[test]
    fn what_a_role_includes_lends_grants_and_not_level() {
        assert_eq!(held("mid", "bob"), ["dev", "lead"]);
        assert_eq!(level_of("mid", "bob"), 20);
        assert_eq!(level_of("sub", "eve"), 50);
    }

    #[test]
    fn no_such_role_is_level_zero_and_a_level_below_is_what_it_is() {
        assert_eq!(level_of("mid", "stranger"), 0);
        assert_eq!(level_of("mid", "old"), 0);
        assert_eq!(level_of("mid", "low"), -5);
    }

    #[test]
    fn anyone_is_everybodys_in_a_public_org_and_nobodys_else() {
        assert_eq!(held("top", "stranger"), ["anyone"]);
        assert_eq!(held("top", "ann"), ["anyone", "top"]);
        assert_eq!(level_of("top", "stranger"), 0);
        assert_eq!(held("sub", "stranger"), [""; 0]);
    }

    #[test]
    fn a_membership_reaches_down_until_the_very_moment_it_expires() {
        let policy = policy();
        let member = |org, at: &str| {
            let org = policy.orgs.get(org).unwrap();
            is_member(&policy, org, "old", at.parse().unwrap())
        };
        assert!(member("sub", "2026-01-01T11:59:59.999999999Z"));
        assert!(!member("sub", NOON));
        assert!(!member("far", "2025-01-01T00:00:00Z"));
    }

    #[test]
    fn a_public_org_under_a_private_one_is_not_public() {
        let policy = policy();
        assert!(is_public(&policy, policy.orgs.get("top").unwrap()));
        assert!(!is_public(&policy, policy.orgs.get("sub").unwrap()));
    }
}
