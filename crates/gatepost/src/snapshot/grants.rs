//! Grants become tables: for each declared resource and action, the worlds in which they match.

use super::Map;
use super::compile::Problems;
use super::compile::position;
use super::facts::{Cell, Table, TableIndex};
use super::names::Vocabulary;
use crate::grant::{BUILT_IN_PREFIX, Grant};
use crate::policy::KeyPath;

/// Compiles one role's own grants, reporting those that are no grants or name what is not declared.
pub(super) fn compile(
    grants: &[String],
    path: impl Fn() -> KeyPath,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Table {
    let mut table = vocabulary.empty_table();
    for (index, text) in grants.iter().enumerate() {
        let at = || path().index(index);
        let grant = match Grant::parse(text) {
            Ok(grant) => grant,
            Err(error) => {
                problems.add(at(), format!("`{}` {error}", text.escape_debug()));
                continue;
            }
        };
        if let Some(unknown) = undeclared(&grant, vocabulary) {
            problems.add(at(), format!("`{text}`: {unknown}"));
            continue;
        }
        // Most grants name one cell, and a site can have a thousand of them and as many grants in each role.
        if let (Some(resource), Some(action)) = (grant.resource(), grant.action()) {
            let cell = vocabulary.cells.get(resource).and_then(|of| of.get(action));
            if let Some(cell) = cell.and_then(|cell| table.get_mut(*cell as usize)) {
                cell.add(&grant);
            }
            continue;
        }
        for ((resource, action), cell) in vocabulary.cell_names.iter().zip(table.iter_mut()) {
            if grant.covers(resource, action) {
                cell.add(&grant);
            }
        }
    }
    table
}

/// What the grant names and the document does not declare.
fn undeclared(grant: &Grant<'_>, vocabulary: &Vocabulary) -> Option<String> {
    // `*` never means the console's own.
    let mut declared = vocabulary
        .cell_names
        .iter()
        .filter(|(resource, _)| !resource.starts_with(BUILT_IN_PREFIX));
    match (grant.resource(), grant.action()) {
        (Some(resource), _) if !vocabulary.cells.contains_key(resource) => {
            Some(format!("no resource `{resource}` is declared"))
        }
        (Some(resource), Some(action)) if !vocabulary.cells.get(resource)?.contains_key(action) => {
            Some(format!("`{resource}` has no action `{action}`"))
        }
        (None, Some(action)) if !declared.any(|(_, name)| **name == *action) => {
            Some(format!("no resource has an action `{action}`"))
        }
        _ => None,
    }
}

/// Every table once, one behind the other.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    pub(super) cells: Vec<Cell>,
    width: usize,
    index: Map<Table, TableIndex>,
}

impl Tables {
    /// Tables of `width` cells each.
    pub(super) fn new(width: usize) -> Self {
        Self {
            cells: Vec::new(),
            width,
            index: Map::default(),
        }
    }

    pub(super) fn keep(&mut self, table: Table) -> TableIndex {
        if let Some(index) = self.index.get(&table) {
            return *index;
        }
        let index = TableIndex(position(self.cells.len()));
        self.cells.extend(&*table);
        self.index.insert(table, index);
        index
    }

    pub(super) fn get(&self, index: TableIndex) -> &[Cell] {
        let start = index.0 as usize;
        self.cells
            .get(start..start + self.width)
            .unwrap_or_default()
    }
}

/// Adds what `more` says to `table`.
pub(super) fn unite(table: &mut [Cell], more: &[Cell]) {
    for (cell, more) in table.iter_mut().zip(more) {
        *cell = cell.or(*more);
    }
}
