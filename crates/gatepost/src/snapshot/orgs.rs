//! Orgs: their path, what they say at each gate, their own roles.

use std::collections::BTreeMap;

use super::Map;
use super::compile::{Problems, position};
use super::facts::{Floor, Org, OrgGate, OrgIndex, RoleIndex};
use super::names::Vocabulary;
use super::roles::Roles;
use crate::id::OrgId;
use crate::policy::{KeyPath, OrgDocument, OrgGateDocument, OrgModeDocument};
use crate::vocabulary::{Mode, Said, Status, Visibility};

pub(super) struct Orgs {
    pub(super) rows: Vec<Org>,
    pub(super) index: Map<OrgId, OrgIndex>,
    own_roles: Vec<Map<String, RoleIndex>>,
}

impl Orgs {
    /// What a name that a member of `org` holds means, beyond `org_roles`: the org's own role, else the nearest ancestor's.
    pub(super) fn own_role(&self, org: OrgIndex, name: &str) -> Option<RoleIndex> {
        let mut next = Some(org);
        while let Some(at) = next {
            let row = at.0 as usize;
            if let Some(role) = self.own_roles.get(row).and_then(|roles| roles.get(name)) {
                return Some(*role);
            }
            next = self.rows.get(row).and_then(|org| org.parent);
        }
        None
    }
}

pub(super) fn compile(
    orgs: &BTreeMap<String, OrgDocument>,
    vocabulary: &Vocabulary,
    roles: &mut Roles<'_>,
    problems: &mut Problems,
) -> Orgs {
    let rows: Vec<(&String, &OrgDocument)> = orgs.iter().collect();
    let row_of: Map<&str, usize> = rows
        .iter()
        .enumerate()
        .map(|(row, (id, _))| (id.as_str(), row))
        .collect();
    let parents = parents(&rows, &row_of, problems);
    let mut compiled = Orgs {
        rows: Vec::new(),
        index: Map::default(),
        own_roles: Vec::new(),
    };
    for ((id, org), parent) in rows.iter().zip(&parents) {
        let path = || KeyPath::of(["orgs", id]);
        let parsed = problems.id(path, OrgId::new(id));
        let gates = compile_gates(&org.gates, &path, vocabulary, roles, problems);
        let Some(parsed) = parsed.or_else(|| OrgId::new("refused").ok()) else {
            continue;
        };
        compiled
            .index
            .insert(parsed.clone(), OrgIndex(position(compiled.rows.len())));
        let parent = parent.map(|row| OrgIndex(position(row)));
        let active = org.status.unwrap_or(Status::Active) == Status::Active;
        let public = org.visibility.unwrap_or(Visibility::Private) == Visibility::Public;
        compiled
            .rows
            .push(Org::new(parsed, parent, active, public, gates));
    }
    compiled.own_roles = vec![Map::default(); rows.len()];
    // Ancestors first: an own role may include one of theirs.
    for row in ancestors_first(&parents) {
        let Some((id, org)) = rows.get(row).filter(|(_, org)| !org.roles.is_empty()) else {
            continue;
        };
        let parent = parents
            .get(row)
            .copied()
            .flatten()
            .map(|row| OrgIndex(position(row)));
        let path = KeyPath::of(["orgs", id, "roles"]);
        let inherited = |name: &str| parent.and_then(|parent| compiled.own_role(parent, name));
        let own = roles.compile_own_roles(
            OrgIndex(position(row)),
            &org.roles,
            path,
            &inherited,
            problems,
        );
        if let Some(slot) = compiled.own_roles.get_mut(row) {
            *slot = own;
        }
    }
    compiled
}

/// The row of each org's parent, with what would make a circle reported and cut.
fn parents(
    rows: &[(&String, &OrgDocument)],
    row_of: &Map<&str, usize>,
    problems: &mut Problems,
) -> Vec<Option<usize>> {
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(rows.len());
    for (id, org) in rows {
        let parent = org.parent.as_deref().and_then(|parent| {
            let found = row_of.get(parent).copied();
            if found.is_none() {
                let unknown = format!("no org `{}` is defined", parent.escape_debug());
                problems.add(KeyPath::of(["orgs", id, "parent"]), unknown);
            }
            found
        });
        parents.push(parent);
    }
    let mut seen = vec![0_u32; rows.len()];
    for start in 0..rows.len() {
        let walk = position(start) + 1;
        let mut at = start;
        while let Some(mark) = seen.get_mut(at).filter(|mark| **mark == 0) {
            *mark = walk;
            let Some(parent) = parents.get(at).copied().flatten() else {
                break;
            };
            if seen.get(parent) == Some(&walk) {
                if let (Some((id, _)), Some(cut)) = (rows.get(at), parents.get_mut(at)) {
                    problems.add(
                        KeyPath::of(["orgs", id, "parent"]),
                        "the org would lie under itself",
                    );
                    *cut = None;
                }
                break;
            }
            at = parent;
        }
    }
    parents
}

/// Every row, each behind its parent.
fn ancestors_first(parents: &[Option<usize>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(parents.len());
    let mut listed = vec![false; parents.len()];
    for start in 0..parents.len() {
        let mut branch = Vec::new();
        let mut next = Some(start);
        while let Some(row) = next {
            match listed.get_mut(row) {
                Some(listed) if !*listed => *listed = true,
                _ => break,
            }
            branch.push(row);
            next = parents.get(row).copied().flatten();
        }
        order.extend(branch.into_iter().rev());
    }
    order
}

fn compile_gates(
    gates: &BTreeMap<String, OrgGateDocument>,
    org: &dyn Fn() -> KeyPath,
    vocabulary: &Vocabulary,
    roles: &Roles<'_>,
    problems: &mut Problems,
) -> Vec<(u32, OrgGate)> {
    let mut compiled = Vec::with_capacity(gates.len());
    for (resource, gate) in gates {
        let path = || org().key("gates").key(resource);
        let mut mode = |mode: Mode, document: Option<&OrgModeDocument>| {
            let Some(document) = document else {
                return (Said::NOTHING, Floor::UNSET);
            };
            let at = || path().key(mode.as_str()).key("min_role");
            let min_role = document
                .min_role
                .as_ref()
                .map(|name| roles.floor(name, at, problems));
            (
                Said::from(document.switch),
                min_role.unwrap_or(Floor::UNSET),
            )
        };
        let foreground = mode(Mode::Foreground, gate.foreground.as_ref());
        let background = mode(Mode::Background, gate.background.as_ref());
        let Some(row) = vocabulary.gated_resource(resource, path, problems) else {
            continue;
        };
        compiled.push((
            row,
            OrgGate::new(Said::from(gate.switch), foreground, background),
        ));
    }
    compiled
}
