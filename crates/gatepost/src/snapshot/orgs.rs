//! Orgs: their path, what they say at each gate, their own roles.

use std::collections::BTreeMap;

use super::Map;
use super::compile::{Problems, position};
use super::facts::{Org, OrgIndex, RoleIndex};
use super::gates::{Floor, OrgGate};
use super::index::IndexBuilder;
use super::names::Vocabulary;
use super::org_gates::{OrgGates, OrgGatesBuilder};
use super::roles::Roles;
use crate::id::OrgId;
use crate::policy::{KeyPath, OrgDocument, OrgGateDocument, OrgModeDocument};
use crate::vocabulary::{Mode, Said, Status, Visibility};

pub(super) struct Orgs {
    pub(super) rows: Vec<Org>,
    pub(super) index: IndexBuilder,
    pub(super) gates: OrgGates,
    /// Of those orgs that have any.
    pub(super) own_roles: Map<OrgIndex, Map<String, RoleIndex>>,
}

impl Orgs {
    pub(super) fn find(&self, id: &str) -> Option<OrgIndex> {
        self.index.get(&self.rows, id).map(|(at, _)| OrgIndex(at))
    }

    fn parent(&self, org: OrgIndex) -> Option<OrgIndex> {
        self.rows.get(org.0 as usize)?.parent
    }

    /// What a name that a member of `org` holds means, beyond `org_roles`: the org's own role, else the nearest ancestor's.
    pub(super) fn own_role(&self, org: OrgIndex, name: &str) -> Option<RoleIndex> {
        let mut next = Some(org);
        while let Some(at) = next {
            if let Some(role) = self.own_roles.get(&at).and_then(|roles| roles.get(name)) {
                return Some(*role);
            }
            next = self.parent(at);
        }
        None
    }
}

pub(super) fn compile(
    documents: &BTreeMap<String, OrgDocument>,
    vocabulary: &Vocabulary,
    roles: &mut Roles<'_>,
    problems: &mut Problems,
) -> Orgs {
    // What is wrong within an org is told behind what is wrong between orgs.
    let mut within = Problems::default();
    let mut orgs = rows(documents, vocabulary, roles, &mut within);
    find_parents(documents, &mut orgs, problems);
    problems.append(within);
    compile_own_roles(documents, &mut orgs, roles, problems);
    orgs
}

/// Each org by itself, in the document's order.
fn rows(
    documents: &BTreeMap<String, OrgDocument>,
    vocabulary: &Vocabulary,
    roles: &Roles<'_>,
    problems: &mut Problems,
) -> Orgs {
    let mut rows = Vec::with_capacity(documents.len());
    let mut index = IndexBuilder::with_capacity(documents.len());
    let mut gates = OrgGatesBuilder::new();
    let mut said = Vec::new();
    for (id, org) in documents {
        let path = || KeyPath::of(["orgs", id]);
        let parsed = problems.id(path, OrgId::new(id));
        compile_gates(&org.gates, &path, vocabulary, roles, &mut said, problems);
        // One that is refused has a row as well, so that the others keep their positions.
        let Some(id) = parsed.or_else(|| OrgId::new("refused").ok()) else {
            continue;
        };
        let row = Org {
            id,
            parent: None,
            active: org.status.unwrap_or(Status::Active) == Status::Active,
            public: org.visibility.unwrap_or(Visibility::Private) == Visibility::Public,
            posts: gates.add(&mut said),
        };
        index.push(&mut rows, row);
    }
    Orgs {
        rows,
        index,
        gates: gates.finish(),
        own_roles: Map::default(),
    }
}

fn find_parents(
    documents: &BTreeMap<String, OrgDocument>,
    orgs: &mut Orgs,
    problems: &mut Problems,
) {
    let mut nested = false;
    for (row, (id, document)) in documents.iter().enumerate() {
        let Some(name) = document.parent.as_deref() else {
            continue;
        };
        let parent = orgs.find(name);
        if parent.is_none() {
            let unknown = format!("no org `{}` is defined", name.escape_debug());
            problems.add(KeyPath::of(["orgs", id, "parent"]), unknown);
        }
        if let Some(org) = orgs.rows.get_mut(row) {
            org.parent = parent;
            nested = true;
        }
    }
    if nested {
        cut_circles(orgs, problems);
    }
}

/// Reports and cuts what would make a circle.
fn cut_circles(orgs: &mut Orgs, problems: &mut Problems) {
    let mut seen = vec![0_u32; orgs.rows.len()];
    for start in 0..position(orgs.rows.len()) {
        let walk = start + 1;
        let mut at = OrgIndex(start);
        while let Some(mark) = seen.get_mut(at.0 as usize).filter(|mark| **mark == 0) {
            *mark = walk;
            let Some(parent) = orgs.parent(at) else {
                break;
            };
            if seen.get(parent.0 as usize) == Some(&walk) {
                if let Some(org) = orgs.rows.get_mut(at.0 as usize) {
                    problems.add(
                        KeyPath::of(["orgs", org.id.as_str(), "parent"]),
                        "the org would lie under itself",
                    );
                    org.parent = None;
                }
                break;
            }
            at = parent;
        }
    }
}

fn compile_own_roles(
    documents: &BTreeMap<String, OrgDocument>,
    orgs: &mut Orgs,
    roles: &mut Roles<'_>,
    problems: &mut Problems,
) {
    if documents.values().all(|org| org.roles.is_empty()) {
        return;
    }
    let documents: Vec<_> = documents.iter().collect();
    // Ancestors first: an own role may include one of theirs.
    for org in ancestors_first(orgs) {
        let found = documents.get(org.0 as usize);
        let Some((id, document)) = found.filter(|(_, org)| !org.roles.is_empty()) else {
            continue;
        };
        let parent = orgs.parent(org);
        let path = KeyPath::of(["orgs", id, "roles"]);
        let inherited = |name: &str| parent.and_then(|parent| orgs.own_role(parent, name));
        let own = roles.compile_own_roles(org, &document.roles, path, &inherited, problems);
        orgs.own_roles.insert(org, own);
    }
}

/// Every org, each behind its parent.
fn ancestors_first(orgs: &Orgs) -> Vec<OrgIndex> {
    let mut order = Vec::with_capacity(orgs.rows.len());
    let mut listed = vec![false; orgs.rows.len()];
    for start in 0..position(orgs.rows.len()) {
        let mut branch = Vec::new();
        let mut next = Some(OrgIndex(start));
        while let Some(org) = next {
            match listed.get_mut(org.0 as usize) {
                Some(listed) if !*listed => *listed = true,
                _ => break,
            }
            branch.push(org);
            next = orgs.parent(org);
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
    compiled: &mut Vec<(u32, OrgGate)>,
    problems: &mut Problems,
) {
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
}
