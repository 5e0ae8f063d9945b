//! The declared resources and actions, and what their gates govern.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::compile::{Problems, position};
use super::facts::Table;
use super::hash::same;
use super::{Cell, CellId, Map};
use crate::grant::BUILT_IN_PREFIX;
use crate::policy::{KeyPath, SiteGateDocument};

/// The console's own resources: always there, always on, without modes.
pub(super) const BUILT_IN: [(&str, &[&str]); 3] = [
    ("gatepost-site", &["read", "update"]),
    ("gatepost-org", &["read", "update"]),
    ("gatepost-audit", &["read"]),
];

#[derive(Clone, Debug)]
pub(super) struct Vocabulary {
    pub(super) cells: Arc<Map<Box<str>, Map<Box<str>, u32>>>,
    pub(super) cell_ids: Vec<CellId>,
    pub(super) cell_names: Arc<Vec<(Box<str>, Box<str>)>>,
    pub(super) resource_names: Arc<Vec<Box<str>>>,
}

impl Vocabulary {
    pub(super) fn compile(
        resources: &BTreeMap<String, Vec<String>>,
        gates: &BTreeMap<String, SiteGateDocument>,
        problems: &mut Problems,
    ) -> Self {
        let mut vocabulary = Self {
            cells: Arc::default(),
            cell_ids: Vec::new(),
            cell_names: Arc::default(),
            resource_names: Arc::default(),
        };
        for (resource, actions) in resources {
            let path = || KeyPath::of(["resources", resource]);
            problems.name(path, resource);
            if resource.starts_with(BUILT_IN_PREFIX) {
                problems.add(
                    path(),
                    format!("`{resource}`: names that begin with `{BUILT_IN_PREFIX}` are built in"),
                );
            }
            for (index, action) in actions.iter().enumerate() {
                problems.name(|| path().index(index), action);
                if actions.iter().take(index).any(|earlier| earlier == action) {
                    problems.add(path().index(index), format!("`{action}` is declared twice"));
                }
            }
            let governed = gates.get(resource).and_then(|gate| gate.actions.as_deref());
            vocabulary.declare(resource, actions.iter().map(String::as_str), |action| {
                governed.is_none_or(|governed| governed.iter().any(|name| name == action))
            });
        }
        for (resource, actions) in BUILT_IN {
            vocabulary.declare(resource, actions.iter().copied(), |_| true);
        }
        vocabulary
    }

    /// The same names where other gates govern.
    pub(super) fn governed_by(&self, gates: &BTreeMap<String, SiteGateDocument>) -> Self {
        let mut governed = self.clone();
        for (id, (resource, action)) in governed.cell_ids.iter_mut().zip(self.cell_names.iter()) {
            let gate = gates.get(&**resource);
            let actions = gate.and_then(|gate| gate.actions.as_deref());
            id.governed = actions.is_none_or(|governed| governed.iter().any(|it| **it == **action));
        }
        governed
    }

    fn declare<'a>(
        &mut self,
        resource: &str,
        actions: impl Iterator<Item = &'a str>,
        governed: impl Fn(&str) -> bool,
    ) {
        let row = position(self.resource_names.len());
        Arc::make_mut(&mut self.resource_names).push(resource.into());
        let mut cells = Map::default();
        for action in actions {
            let cell = position(self.cell_names.len());
            Arc::make_mut(&mut self.cell_names).push((resource.into(), action.into()));
            self.cell_ids.push(CellId {
                cell,
                resource: row,
                governed: governed(action),
            });
            cells.insert(action.into(), cell);
        }
        Arc::make_mut(&mut self.cells).insert(resource.into(), cells);
    }

    /// A table that says nothing.
    pub(super) fn empty_table(&self) -> Table {
        vec![Cell::NOTHING; self.cell_names.len()].into()
    }

    /// The position of a resource that the document declares: the built-in ones have no gate to set.
    pub(super) fn gated_resource(
        &self,
        name: &str,
        path: impl Fn() -> KeyPath,
        problems: &mut Problems,
    ) -> Option<u32> {
        if name.starts_with(BUILT_IN_PREFIX) {
            problems.add(
                path(),
                format!("`{name}` is built in and has no gate to set"),
            );
            return None;
        }
        let row = self
            .resource_names
            .iter()
            .position(|resource| same(resource.as_bytes(), name.as_bytes()));
        if row.is_none() {
            problems.add(
                path(),
                format!("no resource `{}` is declared", name.escape_debug()),
            );
        }
        row.map(position)
    }
}
