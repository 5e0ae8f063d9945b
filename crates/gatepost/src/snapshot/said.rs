//! What orgs say at their posts, once each: many say the same.

use super::Map;
use super::compile::{Problems, position};
use super::gates::{Floor, OrgGate};
use super::roles::Roles;
use crate::policy::{KeyPath, OrgGateDocument, OrgModeDocument};
use crate::vocabulary::{Mode, Said};

/// Everything that any org says, once.
#[derive(Clone, Debug, Default)]
pub(super) struct AllSaid {
    pub(super) gates: Vec<OrgGate>,
    /// What each was compiled from, to be compiled again where the names in it mean something else.
    documents: Vec<OrgGateDocument>,
    row_of: Map<OrgGate, u32>,
}

impl AllSaid {
    /// Which of all it is, if it was ever said.
    pub(super) fn find(&self, gate: &OrgGate) -> Option<u32> {
        self.row_of.get(gate).copied()
    }

    /// Which of all it is that a document says.
    pub(super) fn keep(&mut self, gate: OrgGate, document: &OrgGateDocument) -> u32 {
        if let Some(row) = self.row_of.get(&gate) {
            return *row;
        }
        let row = position(self.gates.len());
        self.gates.push(gate);
        self.documents.push(document.clone());
        self.row_of.insert(gate, row);
        row
    }

    /// Compiles anew all that was said, where the names in it may mean something else by now; none where one of
    /// them means nothing.
    pub(super) fn retold(&self, roles: &Roles) -> Option<Self> {
        let mut retold = Self::default();
        for document in &self.documents {
            let mut problems = Problems::default();
            let gate = compile(document, &KeyPath::default, roles, &mut problems);
            problems.are_none().then_some(())?;
            retold.gates.push(gate);
            retold.documents.push(document.clone());
        }
        for (row, gate) in (0..).zip(&retold.gates) {
            retold.row_of.entry(*gate).or_insert(row);
        }
        Some(retold)
    }
}

/// Compiles what an org says at its post of one gate.
pub(super) fn compile(
    gate: &OrgGateDocument,
    path: &dyn Fn() -> KeyPath,
    roles: &Roles,
    problems: &mut Problems,
) -> OrgGate {
    let mut mode = |mode: Mode, document: Option<&OrgModeDocument>| {
        let Some(document) = document else {
            return (Said::NOTHING, Floor::UNSET);
        };
        let at = || path().key(mode.as_str()).key("min_role");
        let min_role = document.min_role.as_ref();
        let min_role = min_role.map(|name| roles.floor(name, at, problems));
        (
            Said::from(document.switch),
            min_role.unwrap_or(Floor::UNSET),
        )
    };
    let foreground = mode(Mode::Foreground, gate.foreground.as_ref());
    let background = mode(Mode::Background, gate.background.as_ref());
    OrgGate::new(Said::from(gate.switch), foreground, background)
}
