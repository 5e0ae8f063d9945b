//! Org roles: the site's list and the orgs' own, what they include, and the sets that members hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Map;
use super::compile::{Problems, position};
use super::facts::{Cell, OrgIndex, OrgRole, RoleIndex, RoleSet, RoleSetIndex, TableIndex};
use super::gates::Floor;
use super::grants::{self, Tables, unite};
use super::held::HeldNames;
use super::inclusion::Inclusion;
use super::names::Vocabulary;
use super::orgs::Orgs;
use crate::policy::{KeyPath, OrgRoleDocument};

/// Is no role: as a floor it means level 0.
pub(super) const EVERYONE: &str = "everyone";
/// The role that everybody has in a public org and that no membership holds.
pub(super) const ANYONE: &str = "anyone";

/// Every org role, and every set of them that members hold.
#[derive(Clone, Debug)]
pub(super) struct Roles {
    vocabulary: Arc<Vocabulary>,
    pub(super) rows: Vec<OrgRole>,
    pub(super) sets: Vec<RoleSet>,
    pub(super) tables: Tables,
    by_name: Map<String, RoleIndex>,
    /// Of those orgs that have any of their own.
    own: Map<OrgIndex, Map<String, RoleIndex>>,
    held: HeldNames,
}

/// A group of definitions that is compiled together: `org_roles`, or one org's own.
pub(super) struct Group<'d> {
    pub(super) roles: &'d BTreeMap<String, OrgRoleDocument>,
    pub(super) path: KeyPath,
    org: Option<OrgIndex>,
}

impl Roles {
    pub(super) fn new(vocabulary: &Arc<Vocabulary>) -> Self {
        Self {
            vocabulary: Arc::clone(vocabulary),
            rows: Vec::new(),
            sets: Vec::new(),
            tables: Tables::new(vocabulary.cell_names.len()),
            by_name: Map::default(),
            own: Map::default(),
            held: HeldNames::default(),
        }
    }

    pub(super) fn compile_org_roles(
        &mut self,
        roles: &BTreeMap<String, OrgRoleDocument>,
        problems: &mut Problems,
    ) {
        let group = Group {
            roles,
            path: KeyPath::of(["org_roles"]),
            org: None,
        };
        if let Some(anyone) = roles.get(ANYONE) {
            let path = || group.path.clone().key(ANYONE);
            if anyone.level.is_some_and(|level| level != 0) {
                problems.add(path().key("level"), "`anyone` has level 0");
            }
            if !anyone.include.is_empty() {
                problems.add(path().key("include"), "`anyone` includes nothing");
            }
        }
        self.by_name = self.compile_group(&group, None, problems);
    }

    /// Compiles an org's own roles, behind those of its ancestors.
    pub(super) fn compile_own_roles(
        &mut self,
        org: OrgIndex,
        roles: &BTreeMap<String, OrgRoleDocument>,
        path: KeyPath,
        orgs: &Orgs,
        problems: &mut Problems,
    ) {
        let parent = orgs.get(org).and_then(|org| org.parent);
        for name in roles.keys() {
            if self.by_name.contains_key(name) {
                problems.add(
                    path.clone().key(name),
                    format!("`{name}` is a role of `org_roles` already"),
                );
            } else if name == ANYONE {
                problems.add(
                    path.clone().key(name),
                    "`anyone` is reserved: it stands in `org_roles` alone",
                );
            }
        }
        let group = Group {
            roles,
            path,
            org: Some(org),
        };
        let own = self.compile_group(&group, parent.map(|parent| (parent, orgs)), problems);
        self.own.insert(org, own);
    }

    /// What a name that a member of `org` holds means, beyond `org_roles`: the org's own role, else the nearest
    /// ancestor's.
    fn own_role(&self, (org, orgs): (OrgIndex, &Orgs), name: &str) -> Option<RoleIndex> {
        if self.own.is_empty() {
            return None;
        }
        let mut next = Some(org);
        while let Some(at) = next {
            if let Some(role) = self.own.get(&at).and_then(|roles| roles.get(name)) {
                return Some(*role);
            }
            next = orgs.get(at)?.parent;
        }
        None
    }

    /// A name that a member of `org` holds: the role of `org_roles`, else the own role of the org, else of its
    /// nearest ancestor.
    ///
    /// One that nothing defines grants nothing, and neither does `anyone`, which no membership holds.
    pub(super) fn held_role(
        &self,
        name: &str,
        within: Option<(OrgIndex, &Orgs)>,
    ) -> Option<RoleIndex> {
        if name == ANYONE {
            return None;
        }
        self.named(name).or_else(|| self.own_role(within?, name))
    }

    /// Whether any org has roles of its own.
    pub(super) fn has_own(&self) -> bool {
        !self.own.is_empty()
    }

    /// Whether an org has roles of its own.
    pub(super) fn is_own_of(&self, org: OrgIndex) -> bool {
        self.own.contains_key(&org)
    }

    fn compile_group(
        &mut self,
        group: &Group<'_>,
        above: Option<(OrgIndex, &Orgs)>,
        problems: &mut Problems,
    ) -> Map<String, RoleIndex> {
        let vocabulary = Arc::clone(&self.vocabulary);
        let mut done: Map<String, RoleIndex> = Map::default();
        for (name, role) in group.roles {
            let path = || group.path.clone().key(name);
            problems.name(path, name);
            if name == EVERYONE {
                problems.add(path(), "`everyone` is reserved: it is no role");
            }
            for (index, included) in role.include.iter().enumerate() {
                let known = group.roles.contains_key(included)
                    || self.by_name.contains_key(included)
                    || above
                        .and_then(|above| self.own_role(above, included))
                        .is_some();
                if !known {
                    let unknown = format!("no role `{}` is defined", included.escape_debug());
                    problems.add(path().key("include").index(index), unknown);
                }
            }
        }
        for name in Inclusion::order(group, problems) {
            let Some(role) = group.roles.get(name) else {
                continue;
            };
            let path = || group.path.clone().key(name);
            let level = level(name, role, &path, problems);
            let own = grants::compile(&role.grants, || path().key("grants"), &vocabulary, problems);
            let mut table = own;
            let mut texts: Vec<Box<str>> = role
                .grants
                .iter()
                .map(|grant| grant.as_str().into())
                .collect();
            for included in &role.include {
                let found = done
                    .get(included)
                    .copied()
                    .or_else(|| self.by_name.get(included).copied());
                let found = found.or_else(|| self.own_role(above?, included));
                let Some(row) = found.and_then(|index| self.row(index)) else {
                    continue;
                };
                unite(&mut table, self.tables.get(row.table));
                texts.extend(
                    row.grants
                        .iter()
                        .filter(|text| !texts.contains(text))
                        .cloned()
                        .collect::<Vec<_>>(),
                );
            }
            let index = RoleIndex(position(self.rows.len()));
            let table = self.tables.keep(table);
            self.rows.push(OrgRole {
                name: name.into(),
                level,
                grants: texts.into(),
                table,
                org: group.org,
            });
            done.insert(name.to_owned(), index);
        }
        done
    }

    fn row(&self, index: RoleIndex) -> Option<&OrgRole> {
        self.rows.get(index.0 as usize)
    }

    pub(super) fn anyone(&self) -> Option<RoleIndex> {
        self.by_name.get(ANYONE).copied()
    }

    /// What `anyone` says; where it is not defined, nothing.
    pub(super) fn anyone_table(&mut self) -> TableIndex {
        match self.anyone().and_then(|index| self.row(index)) {
            Some(role) => role.table,
            None => self.tables.keep(self.vocabulary.empty_table()),
        }
    }

    /// A role of `org_roles`.
    pub(super) fn named(&self, name: &str) -> Option<RoleIndex> {
        self.by_name.get(name).copied()
    }

    /// A floor names a role of `org_roles`, or `everyone`.
    pub(super) fn floor(
        &self,
        name: &str,
        path: impl FnOnce() -> KeyPath,
        problems: &mut Problems,
    ) -> Floor {
        if name == EVERYONE {
            return Floor::EVERYONE;
        }
        let role = self
            .named(name)
            .and_then(|index| Some((index, self.row(index)?)));
        let Some((index, role)) = role else {
            problems.add(
                path(),
                format!(
                    "`{}` is no role of `org_roles`, nor `everyone`",
                    name.escape_debug()
                ),
            );
            return Floor::EVERYONE;
        };
        Floor::of_role(index, role.level)
    }

    /// The set of roles that a membership in `org` holds.
    pub(super) fn set(&mut self, held: &[String], org: OrgIndex, orgs: &Orgs) -> RoleSetIndex {
        let by_name = &self.by_name;
        let is_plain = |name: &str| is_plain(name, by_name);
        let (row, is_new) = self.held.set(held, Some(org), is_plain);
        if is_new {
            let set = self.resolve(row as usize, orgs);
            self.sets.push(set);
        }
        RoleSetIndex(row)
    }

    /// Whether a set means the same in every org.
    pub(super) fn is_plain_set(&self, set: RoleSetIndex) -> bool {
        self.held.org(set.0 as usize).is_none()
    }

    /// The set of roles that a membership in `org` holds, if any holds it already.
    pub(super) fn known_set(&self, held: &[String], org: OrgIndex) -> Option<RoleSetIndex> {
        self.held.find(held, Some(org)).map(RoleSetIndex)
    }

    /// What the names of a set mean together.
    fn resolve(&mut self, row: usize, orgs: &Orgs) -> RoleSet {
        let within = self.held.org(row).map(|org| (org, orgs));
        let names = self.held.names(row);
        let mut roles: Vec<RoleIndex> = names
            .filter_map(|name| self.held_role(name, within))
            .collect();
        roles.sort_unstable();
        roles.dedup();
        let mut table: Box<[Cell]> = self.vocabulary.empty_table();
        let rows = || roles.iter().filter_map(|index| self.row(*index));
        for row in rows() {
            unite(&mut table, self.tables.get(row.table));
        }
        let level = rows().map(|row| row.level).max().unwrap_or(0);
        RoleSet {
            table: self.tables.keep(table),
            roles: roles.into(),
            level,
        }
    }

    /// Takes over from other roles what members hold, and tells anew what it means; false where that cannot be
    /// told from what was kept.
    #[must_use]
    pub(super) fn take_sets(&mut self, before: &Self, orgs: &Orgs) -> bool {
        self.held = before.held.clone();
        let by_name = &self.by_name;
        let is_told = self.held.retell(|name| is_plain(name, by_name));
        // Where no org has roles of its own, a name that is none of `org_roles` means nothing in any org.
        if !is_told && self.has_own() {
            return false;
        }
        self.sets.clear();
        for row in 0..self.held.len() {
            let set = self.resolve(row, orgs);
            self.sets.push(set);
        }
        true
    }
}

/// Whether a name means the same in every org.
fn is_plain(name: &str, org_roles: &Map<String, RoleIndex>) -> bool {
    name == ANYONE || org_roles.contains_key(name)
}

fn level(
    name: &str,
    role: &OrgRoleDocument,
    path: &dyn Fn() -> KeyPath,
    problems: &mut Problems,
) -> i32 {
    let level = match role.level {
        Some(level) => level,
        None if name == ANYONE => 0,
        None => {
            problems.add(path().key("level"), "`level` is missing");
            0
        }
    };
    match i32::try_from(level) {
        Ok(level) if level >= 0 => level,
        _ => {
            problems.add(
                path().key("level"),
                format!("level {level} is not between 0 and {}", i32::MAX),
            );
            0
        }
    }
}
